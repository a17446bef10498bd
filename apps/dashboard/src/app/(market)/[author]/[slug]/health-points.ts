import { type ChartPoint, type ChartSeries, chartColorAt } from '@bourse/ui';

/** An hour of an endpoint, as far as charts need it. */
export type HealthHour = {
  endpointId: string;
  hourAt: Date;
  ok: number;
  failed: number;
  uptime: number | null;
  latencyMs: { p50: number } | null;
  tokensPerSecond: { p50: number } | null;
};

/** What a line chart shows of an hour. */
export type HealthMeasure = 'latencyMs' | 'tokensPerSecond';

/** A line has no more neighbours than can be told apart. */
const LINES_MAX = 5;
const HOUR_MS = 3_600_000;
const axisHour = new Intl.DateTimeFormat('en-US', {
  weekday: 'short',
  hour: '2-digit',
  hourCycle: 'h23',
  timeZone: 'UTC',
});
const fullHour = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });

/** The starts of the `hours` UTC hours that end with the present one. */
export function hoursUntil(now: Date, hours: number): readonly Date[] {
  const last = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS;
  return Array.from({ length: hours }, (_, index) => new Date(last - (hours - 1 - index) * HOUR_MS));
}

/** The moment of an hour in words, UTC. */
export const hourText = (at: Date): string => `${fullHour.format(at)} UTC`;

/** One line for each of the endpoints that had the most attempts. */
export function healthSeries(
  hours: readonly HealthHour[],
  nameOf: (endpointId: string) => string,
): readonly ChartSeries[] {
  const attempts = new Map<string, number>();
  for (const { endpointId, ok, failed } of hours)
    attempts.set(endpointId, (attempts.get(endpointId) ?? 0) + ok + failed);
  return [...attempts]
    .sort(([a, most], [b, least]) => least - most || a.localeCompare(b))
    .slice(0, LINES_MAX)
    .map(([key], rank) => ({ key, name: nameOf(key), color: chartColorAt(rank) }));
}

/** The medians of a measure, a point per hour; hours without a measurement have no value. */
export function healthPoints(
  hours: readonly HealthHour[],
  measure: HealthMeasure,
  places: readonly Date[],
): readonly ChartPoint[] {
  const byHour = Map.groupBy(hours, ({ hourAt }) => hourAt.getTime());
  return places.map((at) => ({
    label: axisHour.format(at),
    title: hourText(at),
    values: Object.fromEntries(
      (byHour.get(at.getTime()) ?? []).flatMap((hour) => {
        const value = hour[measure]?.p50;
        return value === undefined ? [] : [[hour.endpointId, value]];
      }),
    ),
  }));
}
