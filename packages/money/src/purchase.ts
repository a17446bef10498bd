import { ceilDivide, type Nanodollars, nanodollars } from './units.ts';

/** How the fee on a purchase of credits is computed: a share in basis points with a minimum in cents. */
export interface PurchaseFeeRule {
  readonly feeBps: number;
  readonly feeCentsMin: number;
}

const NANO_PER_CENT = 10_000_000n;

/** Cents, as card processors count, to nanodollars. `cents` is a safe integer. */
export function nanodollarsFromCents(cents: number): Nanodollars {
  if (!Number.isSafeInteger(cents)) throw new RangeError(`cents are a safe integer: ${cents}`);
  return nanodollars(BigInt(cents) * NANO_PER_CENT);
}

function assertRule(rule: PurchaseFeeRule): void {
  for (const [name, value] of Object.entries(rule)) {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${name} is a non-negative integer: ${value}`);
  }
}

/**
 * The fee in cents that goes on top of a purchase of `amountCents`: the share rounded up to a cent, or the minimum. Throws
 * RangeError for an amount that is not a positive integer, and for a rule that is negative or fractional.
 */
export function feeForPurchase(amountCents: number, rule: PurchaseFeeRule): number {
  assertRule(rule);
  if (!Number.isSafeInteger(amountCents) || amountCents <= 0)
    throw new RangeError(`not an amount in cents: ${amountCents}`);
  const share = ceilDivide(BigInt(amountCents) * BigInt(rule.feeBps), 10_000n);
  return Math.max(Number(share), rule.feeCentsMin);
}
