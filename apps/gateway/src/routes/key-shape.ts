import { limitWindow } from '@bourse/access';
import type { ApiKeyRecord, ApiKeyUsage } from '@bourse/db';
import { usdNumber } from '@bourse/money';
import { z } from '@hono/zod-openapi';
import { usd } from './docs/schemas.ts';
import { workspaceIdOf } from './workspace-id.ts';

const time = z.iso.datetime().openapi({ example: '2027-01-01T00:00:00.000Z' });

const limitWindowSchema = z
  .object({
    start: time.nullable().openapi({ description: 'Null for a limit that never starts anew.' }),
    end: time.nullable().openapi({ description: 'When the limit starts anew; null = never.' }),
    limit: usd,
    used: usd,
    held: usd.openapi({ description: 'Set aside for requests that are running.' }),
    remaining: usd.openapi({ description: 'Never below zero, also after the limit was lowered below what is used.' }),
  })
  .openapi('KeyLimitWindow', {
    description: 'The window that `limit` counts in: `usage` is since ever, these amounts are since `start`.',
  });

/** What every description of a key says of its money. */
export const spendingSchema = {
  limit: usd.nullable(),
  limit_remaining: usd.nullable(),
  limit_reset: z.enum(['daily', 'weekly', 'monthly']).nullable(),
  include_byok_in_limit: z.boolean(),
  usage: usd.openapi({ description: 'Charged through the key since ever.' }),
  usage_daily: usd.openapi({ description: 'Since 00:00 UTC.' }),
  usage_weekly: usd.openapi({ description: 'Since Monday, 00:00 UTC.' }),
  usage_monthly: usd.openapi({ description: 'Since the first of the month, 00:00 UTC.' }),
  byok_usage: usd,
  byok_usage_daily: usd,
  byok_usage_weekly: usd,
  byok_usage_monthly: usd,
  window: limitWindowSchema.nullable().openapi({ description: 'Null without a limit.' }),
};

/** A key as management routes answer it: without its text, which exists once. */
export const managedKeySchema = z
  .object({
    hash: z.string().openapi({ description: 'The public id of the key: the SHA-256 of its text.' }),
    label: z.string().openapi({ example: 'sk-brs-v1-3f9...x7Q' }),
    name: z.string(),
    disabled: z.boolean(),
    ...spendingSchema,
    created_at: time,
    updated_at: time.nullable().openapi({ description: 'Null until the key is changed.' }),
    expires_at: time.nullable(),
    creator_user_id: z.string().nullable(),
    workspace_id: z.uuid(),
  })
  .openapi('ManagedKey');

function windowOf({ limit, limitReset }: Pick<ApiKeyRecord, 'limit' | 'limitReset'>, usage: ApiKeyUsage) {
  if (limit === null || usage.limitRemaining === null) return null;
  // The database's clock chose the window that was counted, so it also says when that one ends.
  const { startsAt, resetsAt } = limitWindow(limitReset, usage.asOf.getTime());
  return {
    start: startsAt?.toISOString() ?? null,
    end: resetsAt?.toISOString() ?? null,
    limit: usdNumber(limit),
    used: usdNumber(usage.window.used),
    held: usdNumber(usage.window.held),
    remaining: usdNumber(usage.limitRemaining),
  };
}

/** The money of a key. There is no bring-your-own-key traffic, so its counters are zero. */
export function spendingOf(
  key: Pick<ApiKeyRecord, 'limit' | 'limitReset' | 'includeByokInLimit'>,
  usage: ApiKeyUsage,
): z.infer<z.ZodObject<typeof spendingSchema>> {
  return {
    limit: key.limit === null ? null : usdNumber(key.limit),
    limit_remaining: usage.limitRemaining === null ? null : usdNumber(usage.limitRemaining),
    limit_reset: key.limitReset,
    include_byok_in_limit: key.includeByokInLimit,
    usage: usdNumber(usage.total),
    usage_daily: usdNumber(usage.daily),
    usage_weekly: usdNumber(usage.weekly),
    usage_monthly: usdNumber(usage.monthly),
    byok_usage: 0,
    byok_usage_daily: 0,
    byok_usage_weekly: 0,
    byok_usage_monthly: 0,
    window: windowOf(key, usage),
  };
}

/** A key for the organization that owns it. */
export function managedKey(record: ApiKeyRecord, usage: ApiKeyUsage): z.infer<typeof managedKeySchema> {
  const isChanged = record.updatedAt > record.createdAt;
  return {
    hash: record.hash,
    label: record.label,
    name: record.name,
    disabled: record.disabledAt !== null,
    ...spendingOf(record, usage),
    created_at: record.createdAt.toISOString(),
    updated_at: isChanged ? record.updatedAt.toISOString() : null,
    expires_at: record.expiresAt?.toISOString() ?? null,
    creator_user_id: record.createdByUserId,
    workspace_id: workspaceIdOf(record.organizationId),
  };
}
