import { type PicodollarsPerUnit, picodollarsPerUnit } from './units.ts';

function parseScaled(text: string, decimals: number): PicodollarsPerUnit {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text);
  const [, whole, fraction = ''] = match ?? [];
  const significant = fraction.replace(/0+$/, '');
  if (whole === undefined || significant.length > decimals) {
    throw new RangeError(`not a price of at most ${decimals} decimals: ${JSON.stringify(text)}`);
  }
  return picodollarsPerUnit(BigInt(whole + significant.padEnd(decimals, '0')));
}

/** A non-negative amount of a unit of 10^-decimals dollars as an exact decimal string, without trailing zeros. */
export function formatScaled(amount: bigint, decimals: number): string {
  const digits = amount.toString().padStart(decimals + 1, '0');
  const fraction = digits.slice(-decimals).replace(/0+$/, '');
  return `${digits.slice(0, -decimals)}${fraction === '' ? '' : `.${fraction}`}`;
}

/** Price from dollars per million units as public price lists print it: "0.15" is 150_000n. At most 6 decimals. */
export function picodollarsFromUsdPerMillion(usd: string): PicodollarsPerUnit {
  return parseScaled(usd, 6);
}

/** Price from dollars per single unit, as OpenRouter's catalog prints it: "0.00000015" is 150_000n. At most 12 decimals. */
export function picodollarsFromUsdPerUnit(usd: string): PicodollarsPerUnit {
  return parseScaled(usd, 12);
}

/** Exact decimal string in dollars per million units: 150_000n is "0.15". */
export function formatUsdPerMillion(price: PicodollarsPerUnit): string {
  return formatScaled(price, 6);
}

/** Exact decimal string in dollars per unit: 150_000n is "0.00000015". */
export function formatUsdPerUnit(price: PicodollarsPerUnit): string {
  return formatScaled(price, 12);
}
