declare const unit: unique symbol;
type Unit<Name extends string> = bigint & { readonly [unit]: Name };

/** 10^-9 USD. Every stored amount: balances, holds, charges, ledger entries. Postgres BIGINT (about +-9.2 billion dollars). */
export type Nanodollars = Unit<'nanodollars'>;

/** 10^-12 USD per metered unit; the same number as micro-dollars per million tokens, so $3 per million is 3_000_000n. */
export type PicodollarsPerUnit = Unit<'picodollars/unit'>;

const INT8_MAX = 2n ** 63n - 1n;

function assertInt8(value: bigint, name: string): void {
  if (value > INT8_MAX || value < -INT8_MAX) throw new RangeError(`${name} does not fit 64 bits: ${value}`);
}

/** Brands a whole number of nanodollars. Throws RangeError outside the 64-bit range that PostgreSQL stores. */
export function nanodollars(value: bigint): Nanodollars {
  assertInt8(value, 'nanodollars');
  return value as Nanodollars; // brand constructor
}

/** Brands a price. Throws RangeError when negative or outside 64 bits: nobody is paid for using a model. */
export function picodollarsPerUnit(value: bigint): PicodollarsPerUnit {
  assertInt8(value, 'picodollars per unit');
  if (value < 0n) throw new RangeError(`a price is not negative: ${value}`);
  return value as PicodollarsPerUnit; // brand constructor
}

/** Quotient rounded towards plus infinity. `divisor` must be positive. */
export function ceilDivide(dividend: bigint, divisor: bigint): bigint {
  if (divisor <= 0n) throw new RangeError(`divisor must be positive: ${divisor}`);
  const quotient = dividend / divisor;
  return dividend > 0n && quotient * divisor !== dividend ? quotient + 1n : quotient;
}
