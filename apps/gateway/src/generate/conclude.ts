import {
  type ChargeDecision,
  type ChargeFlag,
  computeSettlement,
  type PricedLine,
  type Settlement,
} from '@bourse/billing';
import type { ChargeOutcome, GenerationRecord } from '@bourse/db';
import { type Usage, usageTotals } from '@bourse/generation';
import type { Nanodollars } from '@bourse/money';
import type { Deps } from '../deps.ts';
import { pipelineFlags } from '../plugins/pipeline-flags.ts';
import type { AppIdentity } from '../snapshot/app-registry.ts';
import { within } from '../within.ts';
import { lossesOf } from './attempt-loss.ts';
import { rememberEndpoint } from './conversation.ts';
import { decide } from './decide.ts';
import { attributionOf, recordCall } from './record-call.ts';
import type { Ending, Ticket } from './ticket.ts';

/** What the books say after it. */
export interface Conclusion {
  readonly usage: Usage;
  /** What was taken from the credits. */
  readonly charged: Nanodollars;
  readonly cost: Nanodollars;
  readonly costParts: Settlement['costParts'];
  readonly isEstimated: boolean;
  /** False when an earlier life of the generation may have been charged another amount, and the books could not be asked in time. */
  readonly isConfirmed: boolean;
}

const BOOKED_PATIENCE_MS = 2_000;

function recordOf(
  ticket: Ticket,
  ending: Ending,
  input: {
    decision: ChargeDecision;
    lines: readonly PricedLine[];
    flags: readonly string[];
    appId: number | null;
    app: AppIdentity | null;
    deps: Deps;
  },
): GenerationRecord {
  const { request } = ticket;
  const { decision, deps } = input;
  const { endpoint, markupBps } = ending.candidate;
  const { metered } = ending;
  const totals = usageTotals(decision.usage);
  const firstTokenAtMs = metered?.firstTokenAtMs ?? null;
  return {
    ...recordCall(ticket, input),
    modelSlug: endpoint.modelSlug,
    providerSlug: endpoint.providerSlug,
    endpointId: endpoint.id,
    upstreamId: metered?.upstreamId ?? null,
    isCancelled: ending.end === 'client_cancelled',
    end: ending.end,
    finishReason: metered?.finishReason ?? null,
    nativeFinishReason: metered?.nativeFinishReason ?? null,
    usage: decision.usage,
    inputTokens: totals.inputTokens,
    outputTokens: totals.outputTokens,
    reasoningTokens: decision.usage.output_reasoning ?? 0,
    cachedTokens: decision.usage.input_cache_read ?? 0,
    basis: decision.basis,
    flags: input.flags,
    receipt: decision.isCharged
      ? {
          lines: input.lines,
          priceSheetId: endpoint.prices.id,
          markupBps,
          rounding: 'ceil-nanodollar-once',
        }
      : null,
    attempts: ending.attempts,
    latencyMs: firstTokenAtMs === null ? null : firstTokenAtMs - request.receivedAtMs,
    generationMs: firstTokenAtMs === null ? null : deps.now() - firstTokenAtMs,
    errorCode: ending.error?.code ?? null,
  };
}

/** A charge above what was set aside, or of a second life, waits for the books, so that the answer says what was really taken; null: they do not say. */
async function booked(outcome: Promise<ChargeOutcome>): Promise<Nanodollars | null> {
  const result = await within(outcome, BOOKED_PATIENCE_MS, null);
  return result === null || result.kind === 'failed' ? null : result.charged;
}

/**
 * Ends a generation in the books: decides the charge, makes it durable, frees what was set aside. To be called once for a ticket and
 * awaited before the last byte of an answer, so that what was delivered is charged whatever happens next.
 */
export async function conclude(ticket: Ticket, ending: Ending, deps: Deps): Promise<Conclusion> {
  const { hold } = ticket;
  const { endpoint, markupBps } = ending.candidate;
  const decision = await decide(ticket, ending, deps);
  const { charge, cost, costParts, lines, isCapped } = computeSettlement({
    decision,
    sheet: endpoint.prices,
    markupBps,
    holdAmount: hold.amount,
    chargeMax: hold.chargeMax,
    surcharges: decision.isCharged ? (ticket.prompt.plugged?.surcharges ?? []) : [],
  });
  const app = attributionOf(ticket.request);
  const resolved = deps.apps.resolve(app);
  const appId = resolved instanceof Promise ? await resolved : resolved;
  const losses = lossesOf(ending.attempts);
  const flags: ChargeFlag[] = [...decision.flags];
  if (isCapped) flags.push('capped');
  if (losses.length > 0) flags.push('attempts_insured');
  const stored = [...flags, ...pipelineFlags(ticket.prompt)];
  const record = recordOf(ticket, ending, { decision, lines, flags: stored, appId, app, deps });
  if (record.latencyMs !== null) deps.metrics.firstToken(endpoint.providerSlug, record.latencyMs / 1000);
  deps.metrics.settled(decision.isCharged ? decision.basis : ending.end);
  ticket.request.pass.spend(record.inputTokens + record.outputTokens);
  const entry = { record, charge, cost, providerSlug: endpoint.providerSlug, losses };
  const closed = await deps.books.close({ charge: entry, slice: hold.slice });
  if (ticket.conversation !== null && ending.end === 'finished' && ending.metered !== null) {
    rememberEndpoint(ticket.conversation, { endpointId: endpoint.id, usage: ending.metered.usage }, deps);
  }
  const { isRetake } = ticket.request;
  const taken = charge > hold.amount || isRetake ? await booked(closed.booked) : charge;
  return {
    usage: decision.usage,
    // Without a word of the books at most what is owed was taken, unless somebody charged before us.
    charged: taken ?? charge,
    cost,
    costParts,
    isEstimated: decision.basis === 'estimated',
    isConfirmed: taken !== null || !isRetake,
  };
}
