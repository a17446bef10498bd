import { type ChartPoint, type ChartSeries, chartColorAt } from '@bourse/ui';
import type { Period } from './search-params.ts';

/** Tokens of one model in one bucket of time, as the rollups have them. `other` sums the models that are not named. */
export type Bucket = { bucketAt: Date; modelSlug: string; tokens: number };

const OTHER = 'other';
const HOUR_MS = 3_600_000;

const hour = new Intl.DateTimeFormat('en-US', {
  hour: 'numeric',
  hourCycle: 'h23',
  minute: '2-digit',
  timeZone: 'UTC',
});
const day = new Intl.DateTimeFormat('en-US', { month: 'short', day: 'numeric', timeZone: 'UTC' });
const fullHour = new Intl.DateTimeFormat('en-US', {
  dateStyle: 'medium',
  timeStyle: 'short',
  timeZone: 'UTC',
  hourCycle: 'h23',
});
const fullDay = new Intl.DateTimeFormat('en-US', { weekday: 'short', month: 'short', day: 'numeric', timeZone: 'UTC' });

/** The layers of the chart: the named models, largest first and with the strongest colours, then `other` in grey on top. */
export function stackedSeries(buckets: readonly Bucket[], nameOf: (slug: string) => string): readonly ChartSeries[] {
  const totals = new Map<string, number>();
  for (const bucket of buckets) totals.set(bucket.modelSlug, (totals.get(bucket.modelSlug) ?? 0) + bucket.tokens);
  const named = [...totals].filter(([slug]) => slug !== OTHER).sort((a, b) => b[1] - a[1]);
  const series = named.map(
    ([slug], rank): ChartSeries => ({ key: slug, name: nameOf(slug), color: chartColorAt(rank) }),
  );
  return totals.has(OTHER) ? [...series, { key: OTHER, name: 'All others', color: 'other' }] : series;
}

/** The bars: every bucket of the period that ends now, also those in which nothing happened. Times are UTC. */
export function stackedPoints(buckets: readonly Bucket[], range: { period: Period; now: Date }): readonly ChartPoint[] {
  const isHourly = range.period === 'day';
  const stepMs = isHourly ? HOUR_MS : 24 * HOUR_MS;
  const count = { day: 24, week: 7, month: 30 }[range.period];
  const lastAt = Math.floor(range.now.getTime() / stepMs) * stepMs;
  const firstAt = Math.min(lastAt - (count - 1) * stepMs, ...buckets.map((bucket) => bucket.bucketAt.getTime()));
  const values = valuesByBucket(buckets);
  const points: ChartPoint[] = [];
  for (let at = firstAt; at <= lastAt; at += stepMs) {
    const date = new Date(at);
    points.push({
      label: (isHourly ? hour : day).format(date),
      title: isHourly ? `${fullHour.format(date)} UTC` : fullDay.format(date),
      values: values.get(at) ?? {},
    });
  }
  return points;
}

function valuesByBucket(buckets: readonly Bucket[]): ReadonlyMap<number, Record<string, number>> {
  const values = new Map<number, Record<string, number>>();
  for (const { bucketAt, modelSlug, tokens } of buckets) {
    const at = bucketAt.getTime();
    values.set(at, { ...values.get(at), [modelSlug]: tokens });
  }
  return values;
}
