import { usdNumber } from '@bourse/money';
import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp } from '../app-env.ts';
import type { Deps } from '../deps.ts';
import { callerOf } from './caller.ts';
import { errors, ok, security, usd } from './docs/schemas.ts';

const credits = z.object({ total_credits: usd, total_usage: usd }).openapi('Credits');

const route = createRoute({
  method: 'get',
  path: '/api/v1/credits',
  tags: ['Account'],
  summary: 'Read the credits of the organization',
  description: 'The balance is `total_credits - total_usage`. Both kinds of key may read it.',
  security,
  responses: { 200: ok(z.object({ data: credits }), 'Credits bought or granted, and used.'), ...errors(401, 403, 503) },
});

/** `GET /credits`: straight from the ledger, so it is true right after an answer's last byte. */
export function registerCredits(app: GatewayApp, deps: Deps): void {
  app.openapi(route, async (context) => {
    const { key } = await callerOf(context, 'credits.read', deps);
    const totals = await deps.db.ledger.totals(key.organizationId);
    const data = { total_credits: usdNumber(totals.totalCredits), total_usage: usdNumber(totals.totalUsage) };
    return context.json({ data }, 200);
  });
}
