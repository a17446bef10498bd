import { type ChargeDecision, decideCharge } from '@bourse/billing';
import { usageTotals } from '@bourse/generation';
import type { Deps } from '../deps.ts';
import type { Ending, Ticket } from './conclude.ts';
import { estimateUsage } from './estimate-usage.ts';

/** What an ending costs the customer: what was metered, or our own count where the provider's is missing or cannot be true. */
export async function decide(ticket: Ticket, ending: Ending, deps: Deps): Promise<ChargeDecision> {
  const { metered, candidate } = ending;
  const { endpoint } = candidate;
  const reported = metered?.usage ?? null;
  const totals = reported === null ? null : usageTotals(reported);
  // A provider cannot have read or written more than its context: such a report is a fault, not a bill.
  const isUsageRejected =
    totals !== null &&
    (totals.inputTokens > endpoint.contextTokensMax ||
      totals.outputTokens > endpoint.contextTokensMax * ticket.prompt.choiceCount);
  const isDelivered = metered !== null && metered.firstTokenAtMs !== null;
  const needsEstimate = isDelivered && (reported === null || isUsageRejected);
  return decideCharge({
    end: ending.end,
    finishReason: metered?.finishReason ?? null,
    usage: reported,
    estimatedUsage: needsEstimate ? estimateUsage(ticket.prompt, metered.outputText, await deps.countTokens()) : {},
    isDelivered,
    isUsageRejected,
  });
}
