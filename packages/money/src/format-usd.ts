import { type Nanodollars, nanodollars } from './units.ts';

const NANO_DIGITS = 9;
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

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
