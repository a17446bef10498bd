import { type Nanodollars, nanodollars } from './units.ts';

const NANO_DIGITS = 9;
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;
const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/;
/** Every decimal of so many digits survives a JSON number; longer ones may have become another amount on their way. */
const NUMBER_DIGITS_MAX = 15;

/** Exact decimal string in dollars, without trailing zeros: 1_500_000n is "0.0015", 0n is "0". */
export function formatUsd(amount: Nanodollars): string {
  const sign = amount < 0n ? '-' : '';
  const digits = (amount < 0n ? -amount : amount).toString().padStart(NANO_DIGITS + 1, '0');
  const fraction = digits.slice(-NANO_DIGITS).replace(/0+$/, '');
  return `${sign}${digits.slice(0, -NANO_DIGITS)}${fraction === '' ? '' : `.${fraction}`}`;
}

/** Parses a decimal dollar string ("12", "0.0015", "-3.5"). Throws RangeError on anything else or more than 9 decimals. */
export function nanodollarsFromUsd(usd: string): Nanodollars {
  const match = DECIMAL.exec(usd);
  const [, sign, whole, fraction = ''] = match ?? [];
  if (whole === undefined || fraction.replace(/0+$/, '').length > NANO_DIGITS) {
    throw new RangeError(`not a dollar amount of at most ${NANO_DIGITS} decimals: ${JSON.stringify(usd)}`);
  }
  const value = BigInt(whole + fraction.slice(0, NANO_DIGITS).padEnd(NANO_DIGITS, '0'));
  return nanodollars(sign === '-' ? -value : value);
}

/**
 * The JSON number that OpenAI- and OpenRouter-shaped bodies demand (`usage.cost`). Made from the exact string,
 * never by division. Exact to the nanodollar for amounts under $1,000,000 (15 significant digits).
 */
export function usdNumber(amount: Nanodollars): number {
  return Number(formatUsd(amount));
}

/**
 * The amount that a JSON number of dollars stands for (12, 0.0015, 1e-9): the decimal that the number prints as, never a product.
 * Throws RangeError for more than 9 decimals or 15 significant digits, for what is not finite, and outside 64 bits.
 */
export function nanodollarsFromUsdNumber(usd: number): Nanodollars {
  const [, sign, whole = '', fraction = '', exponent = '0'] = NUMBER.exec(String(usd)) ?? [];
  const digits = whole + fraction;
  const significant = digits.replace(/^0+|0+$/g, '').length;
  const scale = NANO_DIGITS - fraction.length + Number(exponent);
  if (sign === undefined || significant > NUMBER_DIGITS_MAX || scale < 0) {
    throw new RangeError(
      `not a dollar amount of at most ${NANO_DIGITS} decimals and ${NUMBER_DIGITS_MAX} digits: ${usd}`,
    );
  }
  const value = BigInt(digits) * 10n ** BigInt(scale);
  return nanodollars(sign === '-' ? -value : value);
}
