import type { PriceSheet } from '@bourse/catalog';
import type { Surcharge } from '@bourse/generation';
import { chargeTotal, costTotal, feeTotal, type Nanodollars } from '@bourse/money';
import { computeCharge } from './compute-charge.ts';
import type { ChargeDecision } from './decide-charge.ts';
import { type PricedLine, priceLinesFor, surchargeLines } from './price-lines.ts';

/** The amounts of a decision, ready for the ledger. */
export interface Settlement {
  /** What the customer owes. May be less than `cost`: the difference is the house's loss. */
  readonly charge: Nanodollars;
  /** What we owe the provider, also when the customer owes nothing. */
  readonly cost: Nanodollars;
  /** What of the cost the prompt and the answer come to, each rounded up by itself; what is neither counts as the prompt. */
  readonly costParts: { readonly input: Nanodollars; readonly output: Nanodollars };
  /** The lines that the charge was computed from, for the receipt. */
  readonly lines: readonly PricedLine[];
  /** The lines come to more than the customer owes: an estimate above the hold, or an answer above its ceiling. */
  readonly isCapped: boolean;
}

/** What the amounts of a decision depend on. */
export interface SettlementInput {
  readonly decision: Pick<ChargeDecision, 'usage' | 'basis' | 'costUsage' | 'isFeeOnly'>;
  readonly sheet: PriceSheet;
  /** Basis points. */
  readonly markupBps: number;
  readonly holdAmount: Nanodollars;
  /** What plugins cost, where it is owed: by the customer alone, for the model's provider has no part in it. */
  readonly surcharges?: readonly Surcharge[];
  /** A promise to the customer that holds whatever the provider reports; null when there is none. */
  readonly chargeMax: Nanodollars | null;
}

function least(amount: Nanodollars, limit: Nanodollars | null): Nanodollars {
  return limit !== null && amount > limit ? limit : amount;
}

function partsOf(lines: readonly PricedLine[]): Settlement['costParts'] {
  const isOutput = ({ meter }: PricedLine): boolean => meter.startsWith('output');
  return { input: costTotal(lines.filter((line) => !isOutput(line))), output: costTotal(lines.filter(isOutput)) };
}

/**
 * Prices a decision: the charge with markup, at most the ceiling, and at most the hold when it is our own count; the cost without. Throws
 * as `priceLinesFor` does. With BYOK the charge is what the markup comes to: the customer pays its provider itself.
 */
export function computeSettlement(input: SettlementInput): Settlement {
  const { decision, sheet, markupBps, holdAmount, chargeMax } = input;
  const { charge: listed, cost: listCost, lines } = computeCharge({ sheet, usage: decision.usage, markupBps });
  const extra = surchargeLines(input.surcharges ?? []);
  const all = extra.length === 0 ? lines : [...lines, ...extra];
  const price = extra.length === 0 ? listed : chargeTotal(all, markupBps);
  const charge = decision.isFeeOnly ? feeTotal(all, markupBps) : price;
  // What the customer pays for is nearly always what the provider bills.
  const isSame = decision.costUsage === decision.usage;
  const costLines = isSame ? lines : priceLinesFor(sheet, decision.costUsage);
  const cost = isSame ? listCost : costTotal(costLines);
  const ownCountMax = decision.basis === 'estimated' ? holdAmount : null;
  const owed = least(least(charge, chargeMax), ownCountMax);
  return { charge: owed, cost, costParts: partsOf(costLines), lines: all, isCapped: owed < charge };
}
