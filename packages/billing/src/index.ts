/**
 * @bourse/billing — floor 1. Decides what a generation may cost at most, what it costs, and who pays for which ending.
 * Refuses: I/O, the clock, balances (packages/db owns them), and its own arithmetic on prices (packages/money owns that).
 */
export { type ComputedCharge, computeCharge } from './compute-charge.ts';
export {
  type ChargeDecision,
  type ChargeFlag,
  decideCharge,
  type GenerationEnd,
  type GenerationOutcome,
} from './decide-charge.ts';
export { type PricedLine, priceLinesFor } from './price-lines.ts';
export { parseLines, type ReceiptLine, serializeLines } from './receipt.ts';
export {
  affordableOutputTokens,
  type BoundInput,
  dearestPrice,
  estimateUpperBound,
  type UpperBound,
} from './upper-bound.ts';
