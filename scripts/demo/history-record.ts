import { type ComputedCharge, computeCharge } from '@bourse/billing';
import type { GenerationRecord } from '@bourse/db';
import { usageTotals } from '@bourse/generation';
import type { PlannedGeneration } from './plan-history.ts';

/** What a planned generation needs to become a row: the ids that the database gave. */
export interface DemoIds {
  readonly organizationId: string;
  readonly apiKeyId: string;
  readonly appId: number | null;
}

/** The charge of a planned generation over the catalog's own price sheet, as the gateway computes it. */
export function chargeOf(planned: PlannedGeneration, markupBpsDefault: number): ComputedCharge & { markupBps: number } {
  const markupBps = planned.endpoint.markupBps ?? markupBpsDefault;
  return { ...computeCharge({ sheet: planned.endpoint.prices, usage: planned.usage, markupBps }), markupBps };
}

const finishReasons = { finished: 'stop', client_cancelled: null, upstream_error: 'error' } as const;

/** The row that the gateway would have written. A failed generation carries no usage and no receipt: it was insured. */
export function recordOf(
  planned: PlannedGeneration,
  ids: DemoIds,
  charge: ReturnType<typeof chargeOf>,
): GenerationRecord {
  const { endpoint, end } = planned;
  const isCharged = end !== 'upstream_error';
  const usage = isCharged ? planned.usage : {};
  return {
    ...ids,
    ...usageTotals(usage),
    id: planned.id,
    requestId: `req_${planned.id.slice(-20)}`,
    modelRequested: endpoint.modelSlug,
    modelSlug: endpoint.modelSlug,
    providerSlug: endpoint.providerSlug,
    endpointId: endpoint.id,
    upstreamId: null,
    isStreamed: planned.isStreamed,
    isCancelled: end === 'client_cancelled',
    end,
    finishReason: finishReasons[end],
    nativeFinishReason: finishReasons[end],
    usage,
    reasoningTokens: usage.output_reasoning ?? 0,
    cachedTokens: usage.input_cache_read ?? 0,
    basis: isCharged ? 'reported' : 'none',
    flags: { finished: [], client_cancelled: ['cancelled'], upstream_error: ['insured'] }[end],
    receipt: isCharged
      ? {
          lines: charge.lines,
          priceSheetId: endpoint.prices.id,
          markupBps: charge.markupBps,
          rounding: 'ceil-nanodollar-once',
        }
      : null,
    attempts: [],
    latencyMs: planned.latencyMs,
    generationMs: planned.generationMs,
    httpReferer: planned.app?.url ?? null,
    origin: null,
    userAgent: 'bourse-demo-traffic',
    endUser: null,
    sessionId: null,
    isDemo: true,
    errorCode: isCharged ? null : 'provider_failed',
    createdAt: planned.createdAt,
  };
}
