import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp } from '../app-env.ts';
import type { Deps } from '../deps.ts';
import { callerOf } from './caller.ts';
import { errors, ok, security } from './docs/schemas.ts';
import { spendingOf, spendingSchema } from './key-shape.ts';
import { workspaceIdOf } from './workspace-id.ts';

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

/** `GET /key`: any key may read itself. */
export function registerKey(app: GatewayApp, deps: Deps): void {
  app.openapi(route, async (context) => {
    const { key: own } = await callerOf(context, 'key.read_self', deps);
    const [usage, totals] = await Promise.all([deps.db.keys.usage(own.id), deps.db.ledger.totals(own.organizationId)]);
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
      free_model_daily_requests: { limit: -1, used: 0, remaining: -1 },
      expires_at: own.expiresAt?.toISOString() ?? null,
      rate_limit: { requests: -1, interval: '10s', note: 'Deprecated: there is no limit on the number of requests.' },
    };
    return context.json({ data }, 200);
  });
}
