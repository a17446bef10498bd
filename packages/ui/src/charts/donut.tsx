'use client';

import type { ReactNode } from 'react';
import { Cell, Pie, PieChart } from 'recharts';
import { chartColorValue } from './chart-types.ts';
import { type ChartValueFormat, formatChartValue } from './format-value.ts';
import type { ShareSlice } from './share-bar.tsx';

/** Shares of a whole as a ring, for at most eight parts; `children` stands in its middle. Order the parts by size. */
export function Donut(props: {
  caption: string;
  slices: readonly ShareSlice[];
  format: ChartValueFormat;
  size?: number;
  children?: ReactNode;
}) {
  const size = props.size ?? 168;
  return (
    <figure className="relative m-0 shrink-0" style={{ width: size, height: size }}>
      <figcaption className="sr-only">
        {`${props.caption}: ${props.slices.map((slice) => `${slice.name} ${formatChartValue(slice.value, props.format)}`).join(', ')}`}
      </figcaption>
      <PieChart accessibilityLayer={false} aria-hidden height={size} width={size}>
        <Pie
          data={[...props.slices]}
          dataKey="value"
          endAngle={-270}
          innerRadius="72%"
          isAnimationActive={false}
          nameKey="name"
          outerRadius="100%"
          paddingAngle={1}
          startAngle={90}
          stroke="none"
        >
          {props.slices.map((slice) => (
            <Cell fill={chartColorValue(slice.color)} key={slice.key} />
          ))}
        </Pie>
      </PieChart>
      <div className="pointer-events-none absolute inset-0 flex flex-col items-center justify-center">
        {props.children}
      </div>
    </figure>
  );
}
