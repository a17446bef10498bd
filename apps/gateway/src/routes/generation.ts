import type { StoredGeneration } from '@bourse/db';
import { AppError } from '@bourse/errors';
import { isGenerationId } from '@bourse/ids';
import { formatUsdPerUnit, usdNumber } from '@bourse/money';
import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp } from '../app-env.ts';
import type { Deps } from '../deps.ts';
import { callerOf } from './caller.ts';
import { errors, ok, security, usd } from './docs/schemas.ts';

const receiptLine = z.object({ meter: z.string(), quantity: z.number().int(), price_usd_per_unit: z.string() });

const generation = z
  .looseObject({
    id: z.string(),
    model: z.string(),
    provider_name: z.string().nullable(),
    total_cost: usd,
    usage: usd,
    native_tokens_prompt: z.number().int(),
    native_tokens_completion: z.number().int(),
    receipt: z
      .object({
        lines: z.array(receiptLine),
        price_sheet_id: z.string(),
        markup_bps: z.number().int(),
        rounding: z.string(),
      })
      .nullable(),
  })
  .openapi('Generation');

const route = createRoute({
  method: 'get',
  path: '/api/v1/generation',
  tags: ['Account'],
  summary: 'Read the record of a generation',
  description: 'Available from the last byte of the answer on. Prompts and answers are never part of it.',
  security,
  request: { query: z.object({ id: z.string().min(1).openapi({ example: 'gen-1786000000-Zk3vQ0aB9xY7mN2pLr5T' }) }) },
  responses: { 200: ok(z.object({ data: generation }), 'The record.'), ...errors(400, 401, 403, 404, 503) },
});

function outcome(stored: StoredGeneration) {
  return {
    streamed: stored.isStreamed,
    cancelled: stored.isCancelled,
    finish_reason: stored.finishReason,
    native_finish_reason: stored.nativeFinishReason,
    end: stored.end,
    error_code: stored.errorCode,
    flags: [...stored.flags],
    basis: stored.basis,
  };
}

function money(stored: StoredGeneration) {
  return {
    usage: usdNumber(stored.charge),
    total_cost: usdNumber(stored.charge),
    upstream_inference_cost: null,
    cache_discount: null,
    is_byok: false,
    receipt:
      stored.receipt === null
        ? null
        : {
            lines: stored.receipt.lines.map((line) => ({
              meter: line.meter,
              quantity: line.quantity,
              price_usd_per_unit: formatUsdPerUnit(line.price),
            })),
            price_sheet_id: stored.receipt.priceSheetId,
            markup_bps: stored.receipt.markupBps,
            rounding: stored.receipt.rounding,
          },
  };
}

/** The display name; the slug of a provider that has left the catalog. */
function providerName(slug: unknown, deps: Deps): string | null {
  if (typeof slug !== 'string') return null;
  return deps.catalog().providers.get(slug)?.name ?? slug;
}

function identity(stored: StoredGeneration, deps: Deps) {
  return {
    id: stored.id,
    request_id: stored.requestId,
    upstream_id: stored.upstreamId,
    api_type: 'completions',
    created_at: stored.createdAt.toISOString(),
    model: stored.modelSlug,
    model_requested: stored.modelRequested,
    provider_name: providerName(stored.providerSlug, deps),
    router: null,
    preset_id: null,
    service_tier: null,
    data_region: 'global',
    session_id: stored.sessionId,
    app_id: stored.appId,
    origin: stored.origin ?? '',
    http_referer: stored.httpReferer,
    user_agent: stored.userAgent,
    external_user: stored.endUser,
  };
}

function counts(stored: StoredGeneration, deps: Deps) {
  return {
    tokens_prompt: stored.inputTokens,
    tokens_completion: stored.outputTokens,
    native_tokens_prompt: stored.inputTokens,
    native_tokens_completion: stored.outputTokens,
    native_tokens_reasoning: stored.reasoningTokens,
    native_tokens_cached: stored.cachedTokens,
    latency: stored.latencyMs,
    generation_time: stored.generationMs,
    moderation_latency: null,
    provider_responses: stored.attempts.map((attempt) => ({
      endpoint_id: attempt['endpointId'],
      provider_name: providerName(attempt['providerSlug'], deps),
      status: attempt['status'],
      latency: attempt['latencyMs'],
      is_byok: false,
    })),
  };
}

/** A generation that ended a moment ago at another gateway is on its way to the books: how long to look for it, and how often. */
const ARRIVAL_MS = 1_000;
const LOOK_MS = 50;
/** Only so young an id may still be on its way. */
const YOUNG_SECONDS = 3_600;

function isYoung(id: string, nowMs: number): boolean {
  const startedAt = Number(id.split('-')[1]);
  return isGenerationId(id) && nowMs / 1000 - startedAt < YOUNG_SECONDS;
}

/** The record, also right after the last byte of an answer, wherever that was. */
async function findSoon(ref: { id: string; organizationId: string }, deps: Deps): Promise<StoredGeneration | null> {
  const deadline = isYoung(ref.id, deps.now()) ? deps.now() + ARRIVAL_MS : 0;
  for (;;) {
    const stored = await deps.db.generations.find(ref);
    if (stored !== null || deps.now() > deadline) return stored;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** `GET /generation?id=`: one's own only; a stranger's id is as unknown as one that never was. */
export function registerGeneration(app: GatewayApp, deps: Deps): void {
  app.openapi(route, async (context) => {
    const { key } = await callerOf(context, 'generation.read', deps);
    const { id } = context.req.valid('query');
    const stored = await findSoon({ id, organizationId: key.organizationId }, deps);
    if (stored === null) throw new AppError('not_found', 'There is no such generation.');
    return context.json(
      { data: { ...identity(stored, deps), ...outcome(stored), ...counts(stored, deps), ...money(stored) } },
      200,
    );
  });
}
