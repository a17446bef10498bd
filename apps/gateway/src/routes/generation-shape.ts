import { estimateMethod, explainCharge } from '@bourse/billing';
import type { GenerationDetail } from '@bourse/db';
import type { JsonObject } from '@bourse/generation';
import { formatUsd, formatUsdPerUnit, nanodollars, usdNumber } from '@bourse/money';
import { z } from '@hono/zod-openapi';
import { chargeFlags, pipelineOf } from '../plugins/pipeline-flags.ts';
import { cacheSourceOf } from '../response-cache/record-hit.ts';
import { usd } from './docs/schemas.ts';
import { workspaceIdOf } from './workspace-id.ts';

/** The display name of a provider; its slug when it has left the catalog. */
export type ProviderName = (slug: string) => string;

const dollars = z.string().openapi({ example: '0.00000105', description: 'US dollars, an exact decimal.' });

const receiptSchema = z.object({
  lines: z.array(
    z.object({
      meter: z.string().openapi({ example: 'input' }),
      quantity: z.number().int(),
      price_usd_per_unit: dollars,
      cost: dollars.openapi({ description: 'quantity × price' }),
      markup: dollars,
      total: dollars.openapi({ description: 'cost + markup, not rounded' }),
    }),
  ),
  price_sheet_id: z.string(),
  price_source: z.string().nullable().openapi({ description: 'Where the prices were read.' }),
  price_checked_on: z.string().nullable().openapi({ description: 'The day on which the source was last read.' }),
  price_effective_from: z.string().nullable(),
  markup_bps: z.number().int(),
  subtotal: dollars.openapi({ description: "The sum of the lines' totals." }),
  rounding: z.string().openapi({ example: 'ceil-nanodollar-once' }),
  rounding_amount: dollars.openapi({ description: 'What rounding up once added: less than a nanodollar.' }),
  total: dollars.openapi({ description: 'subtotal + rounding_amount' }),
  capped: dollars.openapi({ description: 'Not owed: above what was set aside, or above max_cost.' }),
  clamped: dollars.openapi({ description: 'Not covered by the credits, and not asked for.' }),
  charged: dollars.openapi({ description: 'total − capped − clamped' }),
  counted_by: z.enum(['provider', 'estimate']),
  estimate_method: z.string().nullable().openapi({ example: 'o200k_base' }),
});

const paymentSchema = z.object({
  reserved_by: z.enum(['lease', 'hold']).nullable(),
  charged: dollars,
  promotional: dollars.openapi({ description: 'Of it, from granted credits, which are used first.' }),
  paid: dollars.openapi({ description: 'Of it, from purchased credits.' }),
  refunded: dollars,
});

const attemptSchema = z.object({
  endpoint_id: z.string(),
  provider: z.string(),
  model: z.string(),
  status: z.number().int().nullable().openapi({ description: "The provider's HTTP status; null when no answer came." }),
  reason: z.string().nullable().openapi({ example: 'price_weighted', description: 'Why it stood where it did.' }),
  outcome: z.string().openapi({ example: 'ok' }),
  latency_ms: z.number().int(),
  insured_cost: dollars.nullable().openapi({ description: 'What a failed attempt may cost; never charged to you.' }),
});

/** The record of a generation as `GET /generation` answers it: OpenRouter's fields, then ours. */
export const generationSchema = z
  .looseObject({
    id: z.string(),
    model: z.string(),
    provider_name: z.string().nullable(),
    total_cost: usd,
    usage: usd,
    native_tokens_prompt: z.number().int(),
    native_tokens_completion: z.number().int(),
    flags: z.array(z.string()),
    receipt: receiptSchema.nullable(),
    payment: paymentSchema,
    attempts: z.array(attemptSchema),
  })
  .openapi('Generation');

function outcome(stored: GenerationDetail) {
  return {
    streamed: stored.isStreamed,
    cancelled: stored.isCancelled,
    finish_reason: stored.finishReason,
    native_finish_reason: stored.nativeFinishReason,
    end: stored.end,
    error_code: stored.errorCode,
    flags: chargeFlags(stored.flags),
    basis: stored.basis,
  };
}

function receiptOf(stored: GenerationDetail): z.infer<typeof receiptSchema> | null {
  const { receipt, charge, payment, priceOrigin, flags } = stored;
  if (receipt === null) return null;
  const { lines, markupBps } = receipt;
  const explained = explainCharge({ lines, markupBps, charged: charge, overrun: payment.overrun });
  return {
    lines: lines.flatMap(({ meter, quantity, price }, index) => {
      const item = explained.lines[index];
      return item === undefined ? [] : [{ meter, quantity, price_usd_per_unit: formatUsdPerUnit(price), ...item }];
    }),
    price_sheet_id: receipt.priceSheetId,
    price_source: priceOrigin?.sourceUrl ?? null,
    price_checked_on: priceOrigin?.checkedOn ?? null,
    price_effective_from: priceOrigin?.effectiveFrom.toISOString() ?? null,
    markup_bps: markupBps,
    subtotal: explained.subtotal,
    rounding: receipt.rounding,
    rounding_amount: explained.rounding,
    total: formatUsd(explained.total),
    capped: formatUsd(explained.capped),
    clamped: formatUsd(explained.clamped),
    charged: formatUsd(charge),
    counted_by: stored.basis === 'estimated' ? 'estimate' : 'provider',
    estimate_method: estimateMethod(flags),
  };
}

function reservedBy({ leaseId, charge, cost }: GenerationDetail): 'lease' | 'hold' | null {
  if (leaseId !== null) return 'lease';
  return charge > 0n || cost > 0n ? 'hold' : null;
}

function money(stored: GenerationDetail) {
  const { payment, charge } = stored;
  return {
    usage: usdNumber(charge),
    total_cost: usdNumber(charge),
    upstream_inference_cost: null,
    cache_discount: null,
    is_byok: false,
    receipt: receiptOf(stored),
    payment: {
      reserved_by: reservedBy(stored),
      charged: formatUsd(charge),
      promotional: formatUsd(payment.promo),
      paid: formatUsd(payment.paid),
      refunded: formatUsd(payment.refunded),
    },
  };
}

function identity(stored: GenerationDetail, providerName: ProviderName) {
  return {
    id: stored.id,
    request_id: stored.requestId,
    upstream_id: stored.upstreamId,
    api_type: 'completions',
    created_at: stored.createdAt.toISOString(),
    model: stored.modelSlug,
    model_requested: stored.modelRequested,
    provider_name: stored.providerSlug === null ? null : providerName(stored.providerSlug),
    router: null,
    preset_id: null,
    service_tier: null,
    data_region: 'global',
    workspace_id: workspaceIdOf(stored.organizationId),
    session_id: stored.sessionId,
    app_id: stored.appId,
    origin: stored.origin ?? '',
    http_referer: stored.httpReferer,
    user_agent: stored.userAgent,
    external_user: stored.endUser,
    response_cache_source_id: cacheSourceOf(stored.flags),
    pipeline: pipelineOf(stored.flags),
  };
}

function searchOf({ flags }: GenerationDetail) {
  return pipelineOf(flags).find(({ name }) => name === 'web')?.data;
}

function searchResults(stored: GenerationDetail): number | null {
  const results = searchOf(stored)?.['results'];
  return typeof results === 'number' ? results : null;
}

function searchEngine(stored: GenerationDetail): string | null {
  const engine = searchOf(stored)?.['engine'];
  return typeof engine === 'string' ? engine : null;
}

function counts(stored: GenerationDetail) {
  return {
    tokens_prompt: stored.inputTokens,
    tokens_completion: stored.outputTokens,
    native_tokens_prompt: stored.inputTokens,
    native_tokens_completion: stored.outputTokens,
    native_tokens_completion_images: stored.usage.output_image ?? null,
    native_tokens_reasoning: stored.reasoningTokens,
    native_tokens_cached: stored.cachedTokens,
    num_media_prompt: null,
    num_media_completion: null,
    num_input_audio_prompt: null,
    num_search_results: searchResults(stored),
    num_fetches: null,
    web_search_engine: searchEngine(stored),
    latency: stored.latencyMs,
    generation_time: stored.generationMs,
    moderation_latency: null,
  };
}

function textOf(attempt: JsonObject, name: string): string {
  const value = attempt[name];
  return typeof value === 'string' ? value : '';
}

function countOf(attempt: JsonObject, name: string): number {
  const value = attempt[name];
  return typeof value === 'number' ? value : 0;
}

/** Each attempt twice: in OpenRouter's words, and in ours, which say what it did and who bears its cost. */
function attempts(stored: GenerationDetail, providerName: ProviderName) {
  return {
    provider_responses: stored.attempts.map((attempt) => ({
      endpoint_id: textOf(attempt, 'endpointId'),
      model_permaslug: textOf(attempt, 'modelSlug'),
      provider_name: providerName(textOf(attempt, 'providerSlug')),
      status: countOf(attempt, 'status') || null,
      latency: countOf(attempt, 'latencyMs'),
      is_byok: false,
    })),
    attempts: stored.attempts.map((attempt) => {
      const cost = textOf(attempt, 'costNanodollars');
      return {
        endpoint_id: textOf(attempt, 'endpointId'),
        provider: textOf(attempt, 'providerSlug'),
        model: textOf(attempt, 'modelSlug'),
        status: countOf(attempt, 'status') || null,
        reason: textOf(attempt, 'reason') || null,
        outcome: textOf(attempt, 'outcome'),
        latency_ms: countOf(attempt, 'latencyMs'),
        insured_cost: cost === '' ? null : formatUsd(nanodollars(BigInt(cost))),
      };
    }),
  };
}

/** The record as the public API shows it. */
export function generationShape(stored: GenerationDetail, providerName: ProviderName) {
  return {
    ...identity(stored, providerName),
    ...outcome(stored),
    ...counts(stored),
    ...money(stored),
    ...attempts(stored, providerName),
  };
}
