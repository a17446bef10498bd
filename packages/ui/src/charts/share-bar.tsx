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

type MeterProps = {
  /** 0 to 1; what is outside is drawn as the nearer end. */
  share: number;
  /** Says what is measured, where no number stands beside it. Without it the bar is decoration. */
  label?: string;
  color?: ChartColor;
  className?: string | undefined;
};

/** One value against its limit, or against the largest of its column, as a thin bar. */
export function Meter({ share, label, color = 1, className }: MeterProps) {
  const shown = Math.min(1, Math.max(0, share));
  const measured = label
    ? { role: 'meter', 'aria-label': label, 'aria-valuemin': 0, 'aria-valuemax': 1, 'aria-valuenow': shown }
    : { 'aria-hidden': true };
  return (
    <span {...measured} className={cn('block h-1 overflow-hidden rounded-xs bg-inset', className)}>
      <span
        className="block h-full rounded-xs"
        style={{ width: `${shown * 100}%`, backgroundColor: chartColorValue(color) }}
      />
    </span>
  );
}
