import { AggregatorRegistry, Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { Histogram } from './histogram.ts';

/** A process's metrics in Prometheus' text format. A name is made once. */
export interface Metrics {
  counter(name: string, help: string, labels: readonly string[]): Counter;
  /** A value that is read when somebody asks for the metrics. */
  gauge(name: string, help: string, read: () => number): void;
  /** Several such values, told apart by one label; those that `read` leaves out are not shown. */
  gauges(name: string, help: string, options: { label: string; read: () => ReadonlyMap<string, number> }): void;
  /** `buckets` are upper bounds in the unit of the name (seconds for `_seconds`). */
  histogram(
    name: string,
    help: string,
    options: { labels: readonly string[]; buckets: readonly number[] },
  ): Pick<Histogram, 'series'>;
  /** The exposition text. */
  render(): Promise<string>;
  /** What was counted, in a form that can be sent to another process and rendered there with that of others. */
  snapshot(): Promise<readonly object[]>;
  /** One exposition text of the snapshots of several processes: sums, and the process' own values as prom-client sees fit. */
  renderAll(snapshots: readonly unknown[]): Promise<string>;
  readonly contentType: string;
}

/** Metrics with the process' own (CPU, memory, event-loop delay, file descriptors). `app` becomes a label of all. */
export function createMetrics(app: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ app });
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    counter: (name, help, labels) => new Counter({ name, help, labelNames: [...labels], registers }),
    gauge: (name, help, read) => {
      const gauge: Gauge = new Gauge({ name, help, registers, collect: () => gauge.set(read()) });
    },
    gauges: (name, help, { label, read }) => {
      const collect = (): void => {
        gauge.reset();
        for (const [value, number] of read()) gauge.set({ [label]: value }, number);
      };
      const gauge: Gauge = new Gauge({ name, help, labelNames: [label], registers, collect });
    },
    histogram: (name, help, options) => {
      const histogram = new Histogram({ name, help, ...options });
      registry.registerMetric(histogram);
      return histogram;
    },
    render: () => registry.metrics(),
    snapshot: () => registry.getMetricsAsJSON(),
    // A process that did not answer has no snapshot.
    renderAll: (snapshots) => AggregatorRegistry.aggregate(snapshots.filter((each) => Array.isArray(each))).metrics(),
    contentType: registry.contentType,
  };
}
