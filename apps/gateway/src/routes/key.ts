import { usdNumber } from '@bourse/money';
import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp } from '../app-env.ts';
import type { Deps } from '../deps.ts';
import { callerOf } from './caller.ts';
import { errors, ok, security, usd } from './docs/schemas.ts';

const key = z
  .object({
    label: z.string(),
    name: z.string(),
    limit: usd.nullable(),
    limit_remaining: usd.nullable(),
    limit_reset: z.enum(['daily', 'weekly', 'monthly']).nullable(),
    include_byok_in_limit: z.boolean(),
    usage: usd,
    usage_daily: usd,
    usage_weekly: usd,
    usage_monthly: usd,
    byok_usage: usd,
    byok_usage_daily: usd,
    byok_usage_weekly: usd,
    byok_usage_monthly: usd,
    is_free_tier: z.boolean().openapi({ description: 'True while the organization never had credits.' }),
    is_management_key: z.boolean(),
    is_provisioning_key: z.boolean(),
    creator_user_id: z.string().nullable(),
    expires_at: z.string().nullable(),
    rate_limit: z.object({ requests: z.number(), interval: z.string(), note: z.string() }),
  })
  .openapi('Key');

const route = createRoute({
  method: 'get',
  path: '/api/v1/key',
  tags: ['Account'],
  summary: 'Describe the calling key',
  security,
  responses: { 200: ok(z.object({ data: key }), 'The key, its limit and its usage.'), ...errors(401, 403, 503) },
});

/** `GET /key`: any key may read itself. There is no bring-your-own-key traffic, so its counters are zero. */
export function registerKey(app: GatewayApp, deps: Deps): void {
  app.openapi(route, async (context) => {
    const { key: own } = await callerOf(context, 'key.read_self', deps);
    const [usage, totals] = await Promise.all([deps.db.keys.usage(own.id), deps.db.ledger.totals(own.organizationId)]);
    const data = {
      label: own.label,
      name: own.name,
      limit: own.limit === null ? null : usdNumber(own.limit),
      limit_remaining: usage.limitRemaining === null ? null : usdNumber(usage.limitRemaining),
      limit_reset: own.limitReset,
      include_byok_in_limit: own.includeByokInLimit,
      usage: usdNumber(usage.total),
      usage_daily: usdNumber(usage.daily),
      usage_weekly: usdNumber(usage.weekly),
      usage_monthly: usdNumber(usage.monthly),
      byok_usage: 0,
      byok_usage_daily: 0,
      byok_usage_weekly: 0,
      byok_usage_monthly: 0,
      is_free_tier: totals.totalCredits === 0n,
      is_management_key: own.kind === 'management',
      is_provisioning_key: own.kind === 'management',
      creator_user_id: own.createdByUserId,
      expires_at: own.expiresAt?.toISOString() ?? null,
      rate_limit: { requests: -1, interval: '10s', note: 'Deprecated: there is no limit on the number of requests.' },
    };
    return context.json({ data }, 200);
  });
}
