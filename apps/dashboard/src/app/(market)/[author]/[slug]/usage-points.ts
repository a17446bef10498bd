import type { ChartPoint, ChartSeries } from '@bourse/ui';

/** A day of a model, as far as the chart needs it. */
export type UsageDay = { date: string; inputTokens: number; outputTokens: number };

/** The two layers of the chart. */
export const usageSeries: readonly ChartSeries[] = [
  { key: 'input', name: 'Input', color: 1 },
  { key: 'output', name: 'Output', color: 2 },
];

const DAY_MS = 86_400_000;
const axisDay = new Intl.DateTimeFormat('en-US', { month: 'short', day: 'numeric', timeZone: 'UTC' });
const fullDay = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeZone: 'UTC' });

/** One point per UTC day of the `days` days that end with today; days without usage are present with zeros. */
export function usagePoints(usage: readonly UsageDay[], range: { now: Date; days: number }): readonly ChartPoint[] {
  const byDate = new Map(usage.map((day) => [day.date, day]));
  return Array.from({ length: range.days }, (_, index) => {
    const at = new Date(range.now.getTime() - (range.days - 1 - index) * DAY_MS);
    const day = byDate.get(at.toISOString().slice(0, 10));
    return {
      label: axisDay.format(at),
      title: fullDay.format(at),
      values: { input: day?.inputTokens ?? 0, output: day?.outputTokens ?? 0 },
    };
  });
}
