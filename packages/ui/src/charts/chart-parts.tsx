import type { ReactNode } from 'react';
import { cn } from '../cn.ts';
import { type ChartColor, type ChartPoint, type ChartSeries, chartColorValue } from './chart-types.ts';
import { type ChartValueFormat, formatChartValue } from './format-value.ts';

/** The colour of a series as a small square. Decoration: the name stands beside it. */
export function ChartSwatch({ color, className }: { color: ChartColor; className?: string | undefined }) {
  return (
    <span
      aria-hidden
      className={cn('inline-block size-2 shrink-0 rounded-xs', className)}
      style={{ backgroundColor: chartColorValue(color) }}
    />
  );
}

/** What each colour means. */
export function ChartLegend({ series, className }: { series: readonly ChartSeries[]; className?: string | undefined }) {
  return (
    <ul className={cn('flex flex-wrap gap-x-4 gap-y-1 text-muted-foreground text-xs', className)}>
      {series.map((entry) => (
        <li className="inline-flex items-center gap-1.5" key={entry.key}>
          <ChartSwatch color={entry.color} />
          {entry.name}
        </li>
      ))}
    </ul>
  );
}

/**
 * The numbers of a chart as a table that only screen readers meet: a picture alone tells them nothing. The block around it hides
 * it: a table itself cannot be made smaller than its rows, and would lengthen the page.
 */
export function ChartTable(props: {
  caption: string;
  points: readonly ChartPoint[];
  series: readonly ChartSeries[];
  format: ChartValueFormat;
  /** What has no value is told as none rather than as zero. */
  hasGaps: boolean;
}) {
  const textOf = (value: number | undefined) =>
    value === undefined && props.hasGaps ? 'none' : formatChartValue(value ?? 0, props.format);
  return (
    <div className="sr-only">
      <table>
        <caption>{props.caption}</caption>
        <thead>
          <tr>
            <th scope="col">Period</th>
            {props.series.map((entry) => (
              <th key={entry.key} scope="col">
                {entry.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.points.map((point) => (
            <tr key={point.title}>
              <th scope="row">{point.title}</th>
              {props.series.map((entry) => (
                <td key={entry.key}>{textOf(point.values[entry.key])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The paper of a chart's tooltip: the place on the axis, one line per series that has a value, largest first, and the sum. */
export function ChartTooltip(props: {
  point: ChartPoint;
  series: readonly ChartSeries[];
  format: ChartValueFormat;
  hasTotal: boolean;
}) {
  const lines = props.series
    .map((entry) => ({ ...entry, value: props.point.values[entry.key] ?? 0 }))
    .filter((entry) => entry.value > 0)
    .sort((a, b) => b.value - a.value);
  const total = lines.reduce((sum, entry) => sum + entry.value, 0);
  return (
    <div className="min-w-44 rounded-md border border-line-strong bg-raised px-2.5 py-2 text-xs shadow-md">
      <p className="mb-1 font-medium">{props.point.title}</p>
      {lines.length === 0 ? <p className="text-subtle-foreground">Nothing</p> : null}
      {lines.map((entry) => (
        <TooltipLine key={entry.key} name={entry.name} value={formatChartValue(entry.value, props.format)}>
          <ChartSwatch color={entry.color} />
        </TooltipLine>
      ))}
      {props.hasTotal && lines.length > 1 ? (
        <div className="mt-1 border-t pt-1">
          <TooltipLine name="Total" value={formatChartValue(total, props.format)} />
        </div>
      ) : null}
    </div>
  );
}

function TooltipLine({ name, value, children }: { name: string; value: string; children?: ReactNode }) {
  return (
    <p className="flex items-center gap-1.5 leading-5">
      {children}
      <span className="max-w-48 truncate text-muted-foreground">{name}</span>
      <span className="numeric ml-auto pl-4">{value}</span>
    </p>
  );
}
