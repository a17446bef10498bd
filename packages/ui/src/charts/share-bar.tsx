import { cn } from '../cn.ts';
import { type ChartColor, chartColorValue } from './chart-types.ts';
import { formatChartValue } from './format-value.ts';

/** One part of a whole. */
export type ShareSlice = { key: string; name: string; value: number; color: ChartColor };

/** Shares of a whole as one bar of segments. Pure markup, so it renders on the server. A whole of 0 is an empty bar. */
export function ShareBar(props: { caption: string; slices: readonly ShareSlice[]; className?: string | undefined }) {
  const total = props.slices.reduce((sum, slice) => sum + slice.value, 0);
  const share = (slice: ShareSlice) => (total === 0 ? 0 : slice.value / total);
  const spoken = props.slices.map((slice) => `${slice.name} ${formatChartValue(share(slice), 'percent')}`).join(', ');
  return (
    <div
      aria-label={`${props.caption}: ${spoken}`}
      className={cn('flex h-2.5 gap-px overflow-hidden rounded-xs bg-inset', props.className)}
      role="img"
    >
      {props.slices.map((slice) => (
        <span
          key={slice.key}
          style={{ width: `${share(slice) * 100}%`, backgroundColor: chartColorValue(slice.color) }}
          title={`${slice.name}: ${formatChartValue(share(slice), 'percent')}`}
        />
      ))}
    </div>
  );
}

/** One value against the largest of its column, as a bar behind or below a number. `share` is 0 to 1. */
export function Meter(props: { share: number; color?: ChartColor; className?: string | undefined }) {
  return (
    <span aria-hidden className={cn('block h-1 overflow-hidden rounded-xs bg-inset', props.className)}>
      <span
        className="block h-full rounded-xs"
        style={{
          width: `${Math.min(1, Math.max(0, props.share)) * 100}%`,
          backgroundColor: chartColorValue(props.color ?? 1),
        }}
      />
    </span>
  );
}
