/** How the numbers of a chart are written. A name and not a function, because a function cannot go from server to browser. */
export type ChartValueFormat = 'compact' | 'integer' | 'percent' | 'usd';

const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 });
const integer = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const percent = new Intl.NumberFormat('en-US', { style: 'percent', maximumFractionDigits: 1 });
const cents = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' });
const belowCent = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD', maximumSignificantDigits: 3 });

const formats: Record<ChartValueFormat, (value: number) => string> = {
  compact: (value) => compact.format(value),
  integer: (value) => integer.format(value),
  percent: (value) => percent.format(value),
  usd: (value) => (value === 0 || Math.abs(value) >= 0.01 ? cents : belowCent).format(value),
};

/** A number as an axis, a tooltip and the table of a chart write it. Shares are 0 to 1, `usd` is in dollars. */
export function formatChartValue(value: number, format: ChartValueFormat): string {
  return formats[format](value);
}
