/** The colour of a series: one of eight that stay apart in both themes, or the grey of "all others". */
export type ChartColor = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 'other';

/** One line, or one layer of a stack. `key` finds its value in a point. */
export type ChartSeries = { key: string; name: string; color: ChartColor };

/** One place on the x axis: a short label for the axis, a full one for the tooltip, and a value per series (absent is 0). */
export type ChartPoint = { label: string; title: string; values: Readonly<Record<string, number>> };

const palette = [1, 2, 3, 4, 5, 6, 7, 8] as const;

/** How many series can be told apart by colour; fold the rest into one series of colour `other`. */
export const CHART_COLORS_MAX = palette.length;

/** The colour of the series at a rank, counted from 0; past the palette everything is `other`. */
export function chartColorAt(rank: number): ChartColor {
  return palette[rank] ?? 'other';
}

/** The CSS value of a chart colour. */
export function chartColorValue(color: ChartColor): string {
  return `var(--chart-${color})`;
}
