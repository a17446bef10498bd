import {
  type ChargeDecision,
  type ChargeFlag,
  decideCharge,
  type EstimateNeed,
  estimateNeed,
  type GenerationOutcome,
  judgeUsage,
  type UsageEstimate,
  type UsageState,
} from '@bourse/billing';
import type { Deps } from '../deps.ts';
import { shortenedTo } from './affordability.ts';
import { mayBeBilled } from './attempt-loss.ts';
import { estimateOperation } from './estimate-operation.ts';
import { estimateUsage, roughUsage } from './estimate-usage.ts';
import { NO_OUTPUT } from './output-sample.ts';
import type { Ending, Ticket } from './ticket.ts';

function usageStateOf({ prompt, hold }: Ticket, { metered, candidate }: Ending): UsageState {
  if (metered === null) return 'none';
  return judgeUsage({
    usage: metered.usage,
    isUnreadable: metered.isUsageUnreadable,
    isCurrent: metered.isUsageCurrent,
    outputBytes: metered.output.bytes,
    prompt,
    endpoint: candidate.endpoint,
    outputTokensMax: shortenedTo(hold, candidate.endpoint.id) ?? prompt.outputTokensMax ?? null,
  });
}

/** A provider that answered, or was cut off by us, has read the prompt at least. */
function isBilled({ end, metered, attempts }: Ending): boolean {
  const last = attempts.at(-1);
  if (metered !== null) return true;
  return last !== undefined && (end !== 'upstream_error' || mayBeBilled(last));
}

async function estimateFor(
  need: Exclude<EstimateNeed, 'none'>,
  { ticket, ending, deps }: { ticket: Ticket; ending: Ending; deps: Deps },
): Promise<UsageEstimate | null> {
  const output = ending.metered?.output ?? NO_OUTPUT;
  const { prompt } = ticket;
  if (need === 'rough') return isBilled(ending) ? roughUsage(prompt, output) : null;
  return prompt.operation === undefined
    ? estimateUsage(prompt, output, await deps.countTokens())
    : estimateOperation(prompt, ending, deps);
}

/** What the money that was there did to the answer. */
function moneyFlags({ hold }: Ticket, { candidate, end, error }: Ending): readonly ChargeFlag[] {
  const flags: ChargeFlag[] = [];
  if (shortenedTo(hold, candidate.endpoint.id) !== null) flags.push('shortened');
  // An answer that finished with an error of ours is one that we ended for its money.
  if (end === 'finished' && error !== null) flags.push('money_spent');
  return flags;
}

/** What an ending costs whom: what was metered, or our own count where the provider's is missing or cannot be true. */
export async function decide(ticket: Ticket, ending: Ending, deps: Deps): Promise<ChargeDecision> {
  const { metered, candidate } = ending;
  const outcome: GenerationOutcome = {
    end: ending.end,
    finishReason: metered?.finishReason ?? null,
    usage: metered?.usage ?? null,
    usageState: usageStateOf(ticket, ending),
    hasOutput: metered !== null && metered.firstTokenAtMs !== null,
    isAbortable: deps.providers.get(candidate.endpoint.providerSlug)?.onCancel !== 'bills_anyway',
    isByok: false,
    isStreamed: ticket.prompt.isStreamed,
  };
  const need = estimateNeed(outcome);
  const estimate = need === 'none' ? null : await estimateFor(need, { ticket, ending, deps });
  const decision = decideCharge(outcome, estimate);
  const flags = moneyFlags(ticket, ending);
  return flags.length === 0 ? decision : { ...decision, flags: [...decision.flags, ...flags] };
}
