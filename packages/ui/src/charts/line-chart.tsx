'use client';

import { CartesianGrid, Line, LineChart as RechartsLineChart, XAxis, YAxis } from 'recharts';
import { axisProps, ChartFrame, chartMargin, type TimeChartProps, TimeTooltip, tickFormatter } from './chart-frame.tsx';
import { type ChartPoint, chartColorValue } from './chart-types.ts';

/** Values over time that do not add up to a whole: prices, latencies, counts of one thing. */
export function LineChart(chart: TimeChartProps) {
  return (
    <ChartFrame chart={chart}>
      <RechartsLineChart data={[...chart.points]} margin={chartMargin}>
        <CartesianGrid stroke="var(--line)" vertical={false} />
        <XAxis {...axisProps} dataKey="label" interval="preserveStartEnd" minTickGap={24} tickMargin={6} />
        <YAxis {...axisProps} axisLine={false} tickFormatter={tickFormatter(chart.format)} width={44} />
        <TimeTooltip chart={chart} hasTotal={false} />
        {chart.series.map((entry) => (
          <Line
            dataKey={(point: ChartPoint) => point.values[entry.key] ?? (chart.hasGaps === true ? null : 0)}
            // A value between two gaps has no line to be seen by.
            dot={chart.hasGaps === true ? { r: 1.5, fill: chartColorValue(entry.color), strokeWidth: 0 } : false}
            isAnimationActive={false}
            key={entry.key}
            name={entry.name}
            stroke={chartColorValue(entry.color)}
            strokeWidth={1.5}
            type="monotone"
          />
        ))}
      </RechartsLineChart>
    </ChartFrame>
  );
}
