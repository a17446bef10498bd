import { invariant } from '@bourse/errors';
import { type ChargeLine, type ItemizedCharge, itemizeCharge, type Nanodollars, nanodollars } from '@bourse/money';

/** What a charge is explained from: its receipt, and what the ledger took. */
export interface ChargeFacts {
  readonly lines: readonly ChargeLine[];
  readonly markupBps: number;
  /** What was taken from the credits. */
  readonly charged: Nanodollars;
  /** What the credits did not cover, as the ledger has it. */
  readonly overrun: Nanodollars;
}

/** The way from the price lines to what was charged: `total` - `capped` - `clamped` is the charge. */
export interface ExplainedCharge extends ItemizedCharge {
  /** Not owed: the charge was our own count and above what was set aside, or above the request's ceiling. */
  readonly capped: Nanodollars;
  /** Owed, and not covered by the credits. */
  readonly clamped: Nanodollars;
}

/** Explains a charge to the nanodollar. Throws a masked invariant failure when more was charged than the lines come to. */
export function explainCharge({ lines, markupBps, charged, overrun }: ChargeFacts): ExplainedCharge {
  const itemized = itemizeCharge(lines, markupBps);
  const capped = itemized.total - charged - overrun;
  invariant(capped >= 0n, `charged ${charged} and lost ${overrun} of ${itemized.total}`);
  return { ...itemized, capped: nanodollars(capped), clamped: overrun };
}

/** How an estimate was made, from a generation's flags, e.g. `o200k_base`; null when nothing was estimated. */
export function estimateMethod(flags: readonly string[]): string | null {
  return flags.find((flag) => flag.startsWith('method:'))?.slice('method:'.length) ?? null;
}
