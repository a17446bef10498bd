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

function basisPoints(markupBps: number): bigint {
  if (!Number.isInteger(markupBps) || markupBps < 0 || markupBps > 100_000) {
    throw new RangeError(`markup is 0..100000 basis points: ${markupBps}`);
  }
  return BigInt(markupBps);
}

function shareOf(lines: readonly ChargeLine[], bps: bigint): Nanodollars {
  return nanodollars(ceilDivide(sumOfPicodollars(lines) * bps, BASIS_POINTS * PICO_PER_NANO));
}

/**
 * What the customer owes for the lines: sum, plus markup, rounded up once to a nanodollar.
 * `markupBps` is in basis points, 0..100000. This file is the only place where prices are multiplied.
 */
export function chargeTotal(lines: readonly ChargeLine[], markupBps: number): Nanodollars {
  return shareOf(lines, BASIS_POINTS + basisPoints(markupBps));
}

/**
 * The markup alone, rounded up once to a nanodollar: what a customer owes who pays the provider himself. The difference of two rounded
 * amounts would fall by a nanodollar here and there while prices rise.
 */
export function feeTotal(lines: readonly ChargeLine[], markupBps: number): Nanodollars {
  return shareOf(lines, basisPoints(markupBps));
}

/** What we owe the provider for the lines: the charge without markup, rounded up once, so charge >= cost always. */
export function costTotal(lines: readonly ChargeLine[]): Nanodollars {
  return chargeTotal(lines, 0);
}
