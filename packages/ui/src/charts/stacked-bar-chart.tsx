'use client';

import { Bar, BarChart, CartesianGrid, XAxis, YAxis } from 'recharts';
import { axisProps, ChartFrame, chartMargin, type TimeChartProps, TimeTooltip, tickFormatter } from './chart-frame.tsx';
import { type ChartPoint, chartColorValue } from './chart-types.ts';

/** Parts of a whole over time: one bar per point, one layer per series; the first series lies at the bottom. */
export function StackedBarChart(chart: TimeChartProps) {
  return (
    <ChartFrame chart={chart}>
      <BarChart barCategoryGap="18%" data={[...chart.points]} margin={chartMargin}>
        <CartesianGrid stroke="var(--line)" strokeDasharray="0" vertical={false} />
        <XAxis {...axisProps} dataKey="label" interval="preserveStartEnd" minTickGap={24} tickMargin={6} />
        <YAxis
          {...axisProps}
          axisLine={false}
          tickFormatter={tickFormatter(chart.format)}
          width={chart.format === 'usd' ? 60 : 44}
        />
        <TimeTooltip chart={chart} hasTotal />
        {chart.series.map((entry) => (
          <Bar
            dataKey={(point: ChartPoint) => point.values[entry.key] ?? 0}
            fill={chartColorValue(entry.color)}
            isAnimationActive={false}
            key={entry.key}
            name={entry.name}
            stackId="all"
            stroke="var(--surface)"
            strokeWidth={0.5}
          />
        ))}
      </BarChart>
    </ChartFrame>
  );
}
