import type { PriceLine } from '@bourse/catalog';
import type { PicodollarsPerUnit } from '@bourse/money';

/** The price of a meter in the base tier; null when the sheet does not price it. */
export function basePrice(prices: readonly PriceLine[], meter: PriceLine['meter']): PicodollarsPerUnit | null {
  return prices.find((line) => line.meter === meter && line.aboveInputTokens === 0)?.price ?? null;
}

/** Orders prices, cheapest first; unknown prices come last. */
export function comparePrices(a: bigint | null, b: bigint | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return a < b ? -1 : Number(a > b);
}
