import { formatUsd, type Nanodollars, nanodollars } from '@bourse/money';
import { CHART_COLORS_MAX, type ChartPoint, type ChartSeries, chartColorAt } from '@bourse/ui';

/** A day of a model, as far as the chart needs it. */
export type SpendDay = { date: string; modelSlug: string; charge: Nanodollars };

/** What the chart draws. */
export type SpendChart = { series: readonly ChartSeries[]; points: readonly ChartPoint[] };

const DAY_MS = 86_400_000;
const DAYS_MAX = 90;
const OTHER = 'other';
const axisDay = new Intl.DateTimeFormat('en-US', { month: 'short', day: 'numeric', timeZone: 'UTC' });
const fullDay = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeZone: 'UTC' });

/**
 * Spend per UTC day in dollars, one layer per model, the largest ones first and the rest as one. Days without spend are there, with
 * nothing in them. `firstDay` null = from the first spend on. At most the last 90 days.
 */
export function spendChart(
  all: readonly SpendDay[],
  options: { firstDay: Date | null; lastDay: Date; nameOf: (slug: string) => string },
): SpendChart {
  const rows = all.filter((row) => row.charge > 0n);
  const own = largestModels(rows);
  const keyOf = (slug: string) => (own.includes(slug) ? slug : OTHER);
  const hasRest = rows.some((row) => keyOf(row.modelSlug) === OTHER);
  const series = own.map((slug, rank) => ({ key: slug, name: options.nameOf(slug), color: chartColorAt(rank) }));
  const rest: ChartSeries = { key: OTHER, name: 'Other models', color: 'other' };
  return { series: hasRest ? [...series, rest] : series, points: points(rows, options, keyOf) };
}

function largestModels(rows: readonly SpendDay[]): readonly string[] {
  const totals = new Map<string, bigint>();
  for (const { modelSlug, charge } of rows) totals.set(modelSlug, (totals.get(modelSlug) ?? 0n) + charge);
  const ranked = [...totals].sort(([, one], [, other]) => (one < other ? 1 : one > other ? -1 : 0));
  return ranked.slice(0, CHART_COLORS_MAX).map(([slug]) => slug);
}

type Days = { firstDay: Date | null; lastDay: Date };

function points(rows: readonly SpendDay[], days: Days, keyOf: (slug: string) => string): readonly ChartPoint[] {
  const byDay = new Map<string, Map<string, bigint>>();
  for (const { date, modelSlug, charge } of rows) {
    const day = byDay.get(date) ?? new Map<string, bigint>();
    day.set(keyOf(modelSlug), (day.get(keyOf(modelSlug)) ?? 0n) + charge);
    byDay.set(date, day);
  }
  const firstDate = days.firstDay?.toISOString().slice(0, 10) ?? [...byDay.keys()].sort()[0];
  return daysUpTo(days.lastDay, firstDate).map((at) => {
    const day = byDay.get(at.toISOString().slice(0, 10)) ?? [];
    const values = Object.fromEntries([...day].map(([key, amount]) => [key, Number(formatUsd(nanodollars(amount)))]));
    return { label: axisDay.format(at), title: fullDay.format(at), values };
  });
}

function daysUpTo(lastDay: Date, firstDate: string | undefined): readonly Date[] {
  const last = Date.parse(`${lastDay.toISOString().slice(0, 10)}T00:00:00Z`);
  const first = firstDate === undefined ? last : Date.parse(`${firstDate}T00:00:00Z`);
  const count = Math.min(DAYS_MAX, Math.max(1, (last - first) / DAY_MS + 1));
  return Array.from({ length: count }, (_, index) => new Date(last - (count - 1 - index) * DAY_MS));
}
