import type { ChartPoint, ChartSeries } from '@bourse/ui';

/** Prices of one endpoint for a time; dollars per million tokens, null = not sold by tokens. `to` null = they hold. */
export type PriceSpan = { from: Date; to: Date | null; input: number | null; output: number | null };

/** The two lines of the chart. */
export const priceSeries: readonly ChartSeries[] = [
  { key: 'input', name: 'Input', color: 1 },
  { key: 'output', name: 'Output', color: 2 },
];

const DAY_MS = 86_400_000;
const DAYS_MAX = 365;
const POINTS_MAX = 120;
const axisDay = new Intl.DateTimeFormat('en-US', { month: 'short', day: 'numeric', timeZone: 'UTC' });
const fullDay = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeZone: 'UTC' });

function cheapest(spans: readonly PriceSpan[], key: 'input' | 'output'): number | null {
  const prices = spans.map((span) => span[key]).filter((price) => price !== null);
  return prices.length === 0 ? null : Math.min(...prices);
}

/**
 * What the cheapest endpoint asked at the end of each UTC day, from the first price (a year back at most) to now; every second, third … day where
 * there are many. Days on which nobody sold it have no values.
 */
export function pricePoints(spans: readonly PriceSpan[], now: Date): readonly ChartPoint[] {
  const first = Math.min(now.getTime(), ...spans.map(({ from }) => from.getTime()));
  const days = Math.min(DAYS_MAX, Math.floor((now.getTime() - first) / DAY_MS) + 1);
  const step = Math.ceil(days / POINTS_MAX);
  const places = Array.from({ length: Math.ceil(days / step) }, (_, index) => now.getTime() - index * step * DAY_MS);
  return places.toReversed().map((at) => {
    const inForce = spans.filter(({ from, to }) => from.getTime() <= at && (to === null || to.getTime() > at));
    const [input, output] = [cheapest(inForce, 'input'), cheapest(inForce, 'output')];
    return {
      label: axisDay.format(at),
      title: fullDay.format(at),
      values: { ...(input === null ? {} : { input }), ...(output === null ? {} : { output }) },
    };
  });
}
