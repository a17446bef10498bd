import { ArrowDown, ArrowUp } from 'lucide-react';

const share = new Intl.NumberFormat('en-US', { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 });
const rate = new Intl.NumberFormat('en-US', { style: 'percent', maximumFractionDigits: 2 });
const change = new Intl.NumberFormat('en-US', { style: 'percent', maximumFractionDigits: 0 });

/** A share of a whole, 0 to 1: 0.1234 is "12.3%". A share above nothing that would round to it is "<0.1%". */
export function percentText(ratio: number): string {
  return ratio > 0 && ratio < 0.0005 ? '<0.1%' : share.format(ratio);
}

/** A share of a whole, 0 to 1. */
export function Percent({ ratio }: { ratio: number }) {
  return <span className="numeric">{percentText(ratio)}</span>;
}

/** How a number moved against an earlier one: 0.5 is half more. `null` means that there was nothing before. */
export function Change({ ratio }: { ratio: number | null }) {
  if (ratio === null) return <span className="text-subtle-foreground text-xs">new</span>;
  const isRise = ratio > 0;
  const Arrow = isRise ? ArrowUp : ArrowDown;
  if (Math.abs(ratio) < 0.005) return <span className="numeric text-subtle-foreground">0%</span>;
  return (
    <span className={`numeric inline-flex items-center gap-0.5 ${isRise ? 'text-accent-text' : 'text-danger-text'}`}>
      <Arrow aria-hidden className="size-3" />
      <span className="sr-only">{isRise ? 'up' : 'down'}</span>
      {ratio >= 10 ? '>999%' : change.format(Math.abs(ratio))}
    </span>
  );
}

/** Basis points as percent: 550 is "5.5%". */
export function BasisPoints({ bps }: { bps: number }) {
  return <span className="numeric">{rate.format(bps / 10_000)}</span>;
}
