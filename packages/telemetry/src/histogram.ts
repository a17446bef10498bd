import { Histogram as PromHistogram } from 'prom-client';

/** The observations under one set of labels. */
export class Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly #bounds: readonly number[];
  /** Per bucket, not cumulative; the last is for what is above all bounds. */
  readonly #counts: number[];
  #sum = 0;

  constructor(labels: Readonly<Record<string, string>>, bounds: readonly number[]) {
    this.labels = labels;
    this.#bounds = bounds;
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  /** Counts one value: a search in a few bounds and two additions, because every request does it several times. */
  observe(value: number): void {
    const above = this.#bounds.findIndex((bound) => value <= bound);
    const bucket = above < 0 ? this.#bounds.length : above;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += value;
  }

  /** As Prometheus wants it: how many were at most each bound, then the sum and the count of all. */
  values(name: string) {
    const { labels } = this;
    let count = 0;
    const buckets = this.#counts.map((inBucket, index) => {
      count += inBucket;
      const le = this.#bounds[index] ?? '+Inf';
      // prom-client keeps labels that several values share apart; here each value has its own.
      return { metricName: `${name}_bucket`, labels: { le, ...labels }, sharedLabels: {}, value: count };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, sharedLabels: {}, value: this.#sum },
      { metricName: `${name}_count`, labels, sharedLabels: {}, value: count },
    ];
  }
}

/** What a histogram is called, what its labels are, and its upper bounds in ascending order. */
export interface HistogramOptions {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly buckets: readonly number[];
}

/**
 * A histogram of prom-client's in all that is seen of it, but counted by series that are looked up once: prom-client copies, checks and
 * hashes the labels for every observation.
 */
export class Histogram extends PromHistogram {
  readonly #options: HistogramOptions;
  readonly #series = new Map<string, Series>();

  constructor(options: HistogramOptions) {
    const { name, help, labels, buckets } = options;
    super({ name, help, labelNames: [...labels], buckets: [...buckets], registers: [] });
    this.#options = options;
  }

  /** The series of some values of the labels, in their order; to be kept by who observes often. */
  series(...values: readonly string[]): Series {
    const key = JSON.stringify(values);
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const { labels, buckets } = this.#options;
    const series = new Series(Object.fromEntries(labels.map((label, index) => [label, values[index] ?? ''])), buckets);
    this.#series.set(key, series);
    return series;
  }

  /** What prom-client renders, as text and for other processes. */
  async getForPromString() {
    const { name, help } = this.#options;
    const values = [...this.#series.values()].flatMap((series) => series.values(name));
    return { name, help, type: 'histogram', values, aggregator: 'sum' };
  }
}
