'use client';

import type { ReactElement } from 'react';
import { ResponsiveContainer, Tooltip } from 'recharts';
import { ChartTable, ChartTooltip } from './chart-parts.tsx';
import type { ChartPoint, ChartSeries } from './chart-types.ts';
import { type ChartValueFormat, formatChartValue } from './format-value.ts';

/** What every chart over time needs. `caption` says in one sentence what is shown, for people who hear it. */
export type TimeChartProps = {
  caption: string;
  points: readonly ChartPoint[];
  series: readonly ChartSeries[];
  format: ChartValueFormat;
  /** The name of the unit, written at the top of the y axis. */
  unit: string;
  height?: number;
  /** What has no value is a gap in its line; without this it is zero. */
  hasGaps?: boolean;
};

/** The pieces of the axes that all charts share. */
export const axisProps = {
  stroke: 'var(--line-strong)',
  tick: { fill: 'var(--subtle-foreground)', fontSize: 11 },
  tickLine: false,
} as const;

/** Space around the plot; the top holds the name of the unit. */
export const chartMargin = { top: 8, right: 4, bottom: 0, left: 0 } as const;

/** Ticks of the y axis. */
export function tickFormatter(format: ChartValueFormat): (value: number) => string {
  return (value) => formatChartValue(value, format);
}

/** Finds the hovered point by its place: what recharts hands over is loosely typed, the index is enough. */
export function TimeTooltip(props: { chart: TimeChartProps; hasTotal: boolean }) {
  return (
    <Tooltip
      content={({ active, activeIndex }) => {
        const point = props.chart.points[Number(activeIndex ?? -1)];
        if (!active || !point) return null;
        return (
          <ChartTooltip
            format={props.chart.format}
            hasTotal={props.hasTotal}
            point={point}
            series={props.chart.series}
          />
        );
      }}
      cursor={{ fill: 'var(--hover)', stroke: 'var(--line-strong)', opacity: 0.7 }}
      isAnimationActive={false}
      wrapperStyle={{ zIndex: 20 }}
    />
  );
}

/** The picture, its unit, and the same numbers as a hidden table. */
export function ChartFrame({ chart, children }: { chart: TimeChartProps; children: ReactElement }) {
  const height = chart.height ?? 280;
  return (
    <figure className="m-0">
      <figcaption className="sr-only">{chart.caption}</figcaption>
      <p aria-hidden className="text-2xs text-subtle-foreground">
        {chart.unit}
      </p>
      <div style={{ height }}>
        <ResponsiveContainer height={height} initialDimension={{ width: 640, height }} width="100%">
          {children}
        </ResponsiveContainer>
      </div>
      <ChartTable
        caption={chart.caption}
        format={chart.format}
        hasGaps={chart.hasGaps ?? false}
        points={chart.points}
        series={chart.series}
      />
    </figure>
  );
}
