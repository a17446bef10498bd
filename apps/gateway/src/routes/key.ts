import { createRoute, z } from '@hono/zod-openapi';
import type { LimitsOfCaller } from '../admission/admission.ts';
import type { GatewayApp } from '../app-env.ts';
import type { Deps } from '../deps.ts';
import { callerOf } from './caller.ts';
import { errors, ok, security } from './docs/schemas.ts';
import { spendingOf, spendingSchema } from './key-shape.ts';
import { workspaceIdOf } from './workspace-id.ts';

const atMost = z.int().nullable();

const key = z
  .object({
    label: z.string(),
    name: z.string(),
    ...spendingSchema,
    is_free_tier: z.boolean().openapi({ description: 'True while the organization never had credits.' }),
    is_management_key: z.boolean(),
    is_provisioning_key: z.boolean(),
    creator_user_id: z.string().nullable(),
    organization_id: z.string().nullable(),
    workspace_id: z.string().nullable(),
    allowed_data_regions: z.array(z.string()).openapi({ description: 'Empty: no region is demanded.' }),
    free_model_daily_requests: z
      .object({ limit: z.int(), used: z.int(), remaining: z.int() })
      .openapi({ description: 'Requests to free models today; -1: there is no limit.' }),
    expires_at: z.string().nullable(),
    rate_limit: z.object({ requests: z.number(), interval: z.string(), note: z.string() }),
    limits: z
      .object({
        key_requests_per_minute: atMost,
        organization_requests_per_minute: atMost,
        organization_tokens_per_minute: atMost,
        organization_concurrent_requests: atMost,
        free_model_requests_per_minute: atMost,
        free_model_requests_per_day: atMost,
      })
      .openapi({ description: 'What is answered with 429 beyond; null = without a limit.' }),
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

function freeRequestsOf({ freeRequestsPerDay, freeRequestsToday: used }: LimitsOfCaller) {
  if (freeRequestsPerDay === null) return { limit: -1, used, remaining: -1 };
  return { limit: freeRequestsPerDay, used, remaining: Math.max(0, freeRequestsPerDay - used) };
}

/** `GET /key`: any key may read itself. */
export function registerKey(app: GatewayApp, deps: Deps): void {
  app.openapi(route, async (context) => {
    const { key: own } = await callerOf(context, 'key.read_self', deps);
    const [usage, totals] = await Promise.all([deps.db.keys.usage(own.id), deps.db.ledger.totals(own.organizationId)]);
    const limits = deps.admission.limitsOf(own);
    const data = {
      label: own.label,
      name: own.name,
      ...spendingOf(own, usage),
      is_free_tier: totals.totalCredits === 0n,
      is_management_key: own.kind === 'management',
      is_provisioning_key: own.kind === 'management',
      creator_user_id: own.createdByUserId,
      organization_id: own.organizationId,
      workspace_id: workspaceIdOf(own.organizationId),
      allowed_data_regions: [],
      free_model_daily_requests: freeRequestsOf(limits),
      expires_at: own.expiresAt?.toISOString() ?? null,
      rate_limit: {
        requests: limits.keyRequestsPerMinute ?? -1,
        interval: '60s',
        note: 'Of this key; -1: there is no limit. `limits` has all of them.',
      },
      limits: {
        key_requests_per_minute: limits.keyRequestsPerMinute,
        organization_requests_per_minute: limits.organizationRequestsPerMinute,
        organization_tokens_per_minute: limits.organizationTokensPerMinute,
        organization_concurrent_requests: limits.organizationStreams,
        free_model_requests_per_minute: limits.freeRequestsPerMinute,
        free_model_requests_per_day: limits.freeRequestsPerDay,
      },
    };
    return context.json({ data }, 200);
  });
}
