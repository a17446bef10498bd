import { type RouteConfig, z } from '@hono/zod-openapi';

/** The error body of every route; `type` is OpenRouter's `error_type` word. */
export const errorSchema = z
  .object({
    error: z.object({
      code: z.number().int().openapi({ example: 404 }),
      message: z.string(),
      type: z.string().openapi({ example: 'not_found' }),
      metadata: z.record(z.string(), z.unknown()),
      availability: z
        .looseObject({
          code: z.string().openapi({ example: 'constraint_filtered' }),
          retryable: z.boolean(),
          retry_after: z.number().optional(),
          requested_models: z.array(z.string()),
          docs_url: z.string(),
        })
        .optional()
        .openapi({ description: 'Why nobody could be asked, or nobody answered.' }),
    }),
  })
  .openapi('Error');

const json = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});

/** A 200 with a JSON body of that schema. */
export const ok = json;

/** The error answers of a route, by status. */
export function errors(...statuses: readonly number[]): Record<number, ReturnType<typeof json>> {
  const meanings: Readonly<Record<number, string>> = {
    400: 'The request is not valid; `metadata.path` names the field.',
    401: 'The key is missing, unknown, disabled or expired.',
    402: 'The credits or the limit of the key do not cover the request.',
    403: 'The key may not do this.',
    404: 'There is no such thing, or no endpoint is allowed by the request.',
    409: 'The Idempotency-Key belongs to another request, or to one whose answer cannot be given again.',
    413: 'The body is too large.',
    415: 'The body is not JSON.',
    429: 'Too many requests; see Retry-After.',
    500: 'Our own failure.',
    502: 'The provider failed.',
    503: 'Not available now; see Retry-After.',
    504: 'The provider did not answer in time.',
  };
  return Object.fromEntries(statuses.map((status) => [status, json(errorSchema, meanings[status] ?? 'Error')]));
}

/** What a route that generates answers: whole or streamed, or one of the errors that any of them may end with. */
export function generated(body: z.ZodType): RouteConfig['responses'] {
  return {
    200: {
      description: 'The answer, already charged.',
      headers: z.object({ 'x-generation-id': z.string(), 'idempotent-replayed': z.literal('true').optional() }),
      content: { 'application/json': { schema: body }, 'text/event-stream': { schema: z.string() } },
    },
    ...errors(400, 401, 402, 403, 404, 409, 413, 415, 429, 500, 502, 503, 504),
  };
}

/** Both ways to send a key. */
export const security = [{ bearer: [] }, { apiKey: [] }];

/** A dollar amount as OpenRouter's bodies have it: a JSON number made from exact nanodollars. */
export const usd = z.number().openapi({ example: 0.001434, description: 'US dollars, exact to the nanodollar.' });
