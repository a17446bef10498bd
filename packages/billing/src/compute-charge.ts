import type { PriceSheet } from '@bourse/catalog';
import type { Usage } from '@bourse/generation';
import { chargeTotal, costTotal, type Nanodollars } from '@bourse/money';
import { type PricedLine, priceLinesFor } from './price-lines.ts';

/** What the customer owes us, what we owe the provider, and the lines that both were computed from. */
export interface ComputedCharge {
  readonly charge: Nanodollars;
  readonly cost: Nanodollars;
  readonly lines: readonly PricedLine[];
}

/**
 * Prices a usage. `charge` carries the markup and is rounded up once to a nanodollar; `cost` is the same without markup,
 * so `charge >= cost >= 0`. An empty usage is 0. Throws as `priceLinesFor` does.
 */
export function computeCharge(input: {
  readonly sheet: PriceSheet;
  readonly usage: Usage;
  readonly markupBps: number;
}): ComputedCharge {
  const lines = priceLinesFor(input.sheet, input.usage);
  return { charge: chargeTotal(lines, input.markupBps), cost: costTotal(lines), lines };
}
