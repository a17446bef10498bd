import { AppError } from '@bourse/errors';
import { nanodollarsFromUsdNumber } from '@bourse/money';
import { z } from '@hono/zod-openapi';

const NAME_CHARACTERS_MAX = 100;
/** Characters that cannot be seen, or that turn the text around them: a key with them would look like another one. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

const name = z
  .string()
  .transform((text) => text.normalize('NFC').trim())
  .pipe(
    z
      .string()
      .min(1, 'must not be empty')
      .max(NAME_CHARACTERS_MAX, `must have at most ${NAME_CHARACTERS_MAX} characters`)
      .refine((text) => !INVISIBLE.test(text), 'must not contain invisible characters'),
  )
  .openapi({ type: 'string', minLength: 1, maxLength: NAME_CHARACTERS_MAX, example: 'ci-bot' });

const limit = z
  .number()
  .min(0, 'must not be negative')
  .transform((usd, context) => {
    try {
      return nanodollarsFromUsdNumber(usd);
    } catch {
      context.addIssue({ code: 'custom', message: 'must be US dollars with at most 9 decimals and 15 digits' });
      return z.NEVER;
    }
  })
  .nullable()
  .openapi({ type: ['number', 'null'], minimum: 0, example: 25, description: 'US dollars; null = no limit.' });

const limitReset = z.enum(['daily', 'weekly', 'monthly']).nullable().openapi({
  description: 'When the limit starts anew: 00:00 UTC, Monday, the first of the month; null = never.',
});

const expiresAt = z.iso
  .datetime('must be an ISO 8601 time in UTC, such as 2027-01-01T00:00:00Z')
  .transform((text) => new Date(text))
  .nullable()
  .openapi({ type: ['string', 'null'], format: 'date-time', example: '2027-01-01T00:00:00Z' });

/** The body of `POST /keys`. Unknown fields are refused: a misspelt limit must not be no limit. */
export const newKeySchema = z
  .strictObject({
    name,
    limit: limit.optional(),
    limit_reset: limitReset.optional(),
    include_byok_in_limit: z.boolean().optional(),
    expires_at: expiresAt.optional(),
    creator_user_id: z
      .string()
      .min(1)
      .nullable()
      .optional()
      .openapi({ description: 'A member of the organization; by default who made the management key.' }),
    workspace_id: z.uuid().optional(),
  })
  .openapi('NewKey');

/** The body of `PATCH /keys/{hash}`: what is absent stays as it is. */
export const keyChangesSchema = z
  .strictObject({
    name,
    disabled: z.boolean(),
    limit,
    limit_reset: limitReset,
    include_byok_in_limit: z.boolean(),
    expires_at: expiresAt,
  })
  .partial()
  .openapi('KeyChanges');

/** A body of that schema, or AppError `invalid_request` whose `metadata.path` names the first wrong or unknown field. */
export function checkBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const isUnknown = issue?.code === 'unrecognized_keys';
  const path = [...(issue?.path ?? []), ...(isUnknown ? issue.keys.slice(0, 1) : [])].join('.').slice(0, 100);
  const problem = isUnknown ? 'is not a field of this route' : (issue?.message ?? 'is not valid');
  throw new AppError('invalid_request', `${path === '' ? 'The body' : path}: ${problem}.`, { metadata: { path } });
}
