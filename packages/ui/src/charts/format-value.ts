/** How the numbers of a chart are written. A name and not a function, because a function cannot go from server to browser. */
export type ChartValueFormat = 'compact' | 'integer' | 'percent' | 'usd';

const formats: Record<ChartValueFormat, Intl.NumberFormat> = {
  compact: new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 }),
  integer: new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 }),
  percent: new Intl.NumberFormat('en-US', { style: 'percent', maximumFractionDigits: 1 }),
  usd: new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD', maximumSignificantDigits: 4 }),
};

/** A number as an axis, a tooltip and the table of a chart write it. Shares are 0 to 1, `usd` is in dollars. */
export function formatChartValue(value: number, format: ChartValueFormat): string {
  return formats[format].format(value);
}
