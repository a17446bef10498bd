import { ceilDivide, type Nanodollars, nanodollars, type PicodollarsPerUnit } from './units.ts';

/** One metered quantity at its price. `quantity` is a safe non-negative integer. */
export interface ChargeLine {
  readonly quantity: number;
  readonly price: PicodollarsPerUnit;
}

/** In a whole. */
export const BASIS_POINTS = 10_000n;
/** Picodollars in a nanodollar. */
export const PICO_PER_NANO = 1_000n;

function sumOfPicodollars(lines: readonly ChargeLine[]): bigint {
  return lines.reduce((sum, line) => {
    if (!Number.isSafeInteger(line.quantity) || line.quantity < 0) {
      throw new RangeError(`a quantity is a non-negative safe integer: ${line.quantity}`);
    }
    return sum + BigInt(line.quantity) * line.price;
  }, 0n);
}

/**
 * What the customer owes for the lines: sum, plus markup, rounded up once to a nanodollar.
 * `markupBps` is in basis points, 0..100000. This is the only place where prices are multiplied.
 */
export function chargeTotal(lines: readonly ChargeLine[], markupBps: number): Nanodollars {
  if (!Number.isInteger(markupBps) || markupBps < 0 || markupBps > 100_000) {
    throw new RangeError(`markup is 0..100000 basis points: ${markupBps}`);
  }
  return nanodollars(
    ceilDivide(sumOfPicodollars(lines) * (BASIS_POINTS + BigInt(markupBps)), BASIS_POINTS * PICO_PER_NANO),
  );
}

/** What we owe the provider for the lines: the charge without markup, rounded up once, so charge >= cost always. */
export function costTotal(lines: readonly ChargeLine[]): Nanodollars {
  return chargeTotal(lines, 0);
}
