import { cn } from '../cn.ts';

/**
 * The shape of a series without axes, for a table cell; the number itself stands beside it. One SVG path, made on the server.
 * Fewer than two values give nothing: one point has no shape.
 */
export function Sparkline(props: {
  values: readonly number[];
  width?: number;
  height?: number;
  className?: string | undefined;
}) {
  if (props.values.length < 2) return null;
  const width = props.width ?? 96;
  const height = props.height ?? 24;
  const path = linePath(props.values, { width, height });
  return (
    <svg
      aria-hidden="true"
      className={cn('inline-block overflow-visible text-accent', props.className)}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      width={width}
    >
      <path d={`${path}L${width},${height}L0,${height}Z`} fill="currentColor" opacity={0.1} />
      <path d={path} fill="none" stroke="currentColor" strokeLinejoin="round" strokeWidth={1.25} />
    </svg>
  );
}

function linePath(values: readonly number[], size: { width: number; height: number }): string {
  const max = Math.max(...values, Number.MIN_VALUE);
  const step = size.width / (values.length - 1);
  const places = values.map((value, index) => {
    const y = size.height - 1 - (value / max) * (size.height - 2);
    return `${(index * step).toFixed(1)},${y.toFixed(1)}`;
  });
  return `M${places.join('L')}`;
}
