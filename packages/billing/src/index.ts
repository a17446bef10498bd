/**
 * @bourse/billing — floor 1. Decides what a generation may cost at most, what it costs, and who pays for which ending.
 * Refuses: I/O, the clock, balances (packages/db owns them), and its own arithmetic on prices (packages/money owns that).
 */
export type { ChargeFlag, OutcomeEnd, UsageState } from './charge-rules.ts';
export { type ComputedCharge, computeCharge } from './compute-charge.ts';
export { computeSettlement, type Settlement, type SettlementInput } from './compute-settlement.ts';
export {
  type ChargeDecision,
  decideCharge,
  type EstimateNeed,
  estimateNeed,
  type GenerationEnd,
  type GenerationOutcome,
  type UsageEstimate,
} from './decide-charge.ts';
export { type ChargeFacts, type ExplainedCharge, estimateMethod, explainCharge } from './explain-charge.ts';
export {
  coveredOutputTokens,
  type Fit,
  type FitCandidate,
  type FitInput,
  fitToBudget,
  type OutputCaps,
} from './fit-to-budget.ts';
export { judgeUsage, type UsageReport } from './judge-usage.ts';
export { type PricedLine, priceLinesFor, surchargeLines } from './price-lines.ts';
export { parseLines, type ReceiptLine, serializeLines } from './receipt.ts';
export { SpendGuard } from './spend-guard.ts';
export {
  type BoundInput,
  dearestPrice,
  estimateUpperBound,
  type Terms,
  type UpperBound,
} from './upper-bound.ts';
