import { BASIS_POINTS, type ChargeLine, chargeTotal, PICO_PER_NANO } from './charge-total.ts';
import { formatScaled } from './price.ts';
import type { Nanodollars } from './units.ts';

/** A line of a charge in exact decimal dollars; `cost` + `markup` = `total`. */
export interface ItemizedLine {
  /** Quantity times price. */
  readonly cost: string;
  readonly markup: string;
  readonly total: string;
}

/** A charge, taken apart: the lines' totals sum to `subtotal`, and `subtotal` + `rounding` is `total`. All but `total` are decimal dollars. */
export interface ItemizedCharge {
  readonly lines: readonly ItemizedLine[];
  readonly subtotal: string;
  /** What rounding up once added: less than a nanodollar. */
  readonly rounding: string;
  /** What `chargeTotal` says. */
  readonly total: Nanodollars;
}

/** Picodollars times basis points: fine enough that no line needs to be rounded. */
const DECIMALS = 16;
const PER_NANO = BASIS_POINTS * PICO_PER_NANO;

/** Takes a charge apart for people and programs to add up again. Throws as `chargeTotal` does. */
export function itemizeCharge(lines: readonly ChargeLine[], markupBps: number): ItemizedCharge {
  const total = chargeTotal(lines, markupBps);
  const costs = lines.map(({ quantity, price }) => BigInt(quantity) * price);
  const factor = BASIS_POINTS + BigInt(markupBps);
  const subtotal = costs.reduce((sum, cost) => sum + cost * factor, 0n);
  const decimal = (amount: bigint): string => formatScaled(amount, DECIMALS);
  return {
    lines: costs.map((cost) => ({
      cost: decimal(cost * BASIS_POINTS),
      markup: decimal(cost * BigInt(markupBps)),
      total: decimal(cost * factor),
    })),
    subtotal: decimal(subtotal),
    rounding: decimal(total * PER_NANO - subtotal),
    total,
  };
}
