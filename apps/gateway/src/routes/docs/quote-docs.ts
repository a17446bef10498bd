import { type RouteConfig, z } from '@hono/zod-openapi';
import { chatRequest } from './inference-docs.ts';
import { errors, security } from './schemas.ts';

const dollars = z.string().openapi({ example: '0.0012', description: 'US dollars, an exact decimal.' });

const named = {
  endpoint: z.string().openapi({ example: 'sandbox/atlas-1@sandbox-north' }),
  provider: z.string(),
  provider_name: z.string(),
  model: z.string(),
};

const candidate = z.object({
  position: z.number().int().min(1),
  ...named,
  reason: z.string().openapi({ example: 'price_weighted' }),
  why: z.string(),
  pricing: z
    .record(z.string(), z.unknown())
    .openapi({ description: 'Dollars per unit of each meter, markup included.' }),
  markup_bps: z.number().int(),
  price_sheet_id: z.string(),
  price_source: z.string(),
  price_checked_on: z.string(),
  estimated_usd: dollars,
  worst_case_usd: dollars,
});

const exclusion = z.object({
  ...named,
  reason: z.string().openapi({ example: 'max_price' }),
  feature: z.string().optional(),
  change: z.string().openapi({ example: 'raise provider.max_price' }),
});

const credits = z.object({
  available_usd: dollars,
  limited_by: z.enum(['account_balance', 'key_limit', 'max_cost']),
  suffices: z.boolean(),
  outcome: z.enum(['as_asked', 'shortened', 'refused']),
  held_usd: dollars.optional().openapi({ description: 'What the request would set aside now.' }),
  shortened_to: z
    .array(z.object({ endpoint: z.string(), output_tokens_max: z.number().int().nullable() }))
    .optional()
    .openapi({ description: 'How long an answer the money buys at each endpoint; null: as long as was asked for.' }),
  needed_at_least_usd: dollars.optional(),
});

const quoted = z
  .object({
    order: z.array(candidate),
    excluded: z.array(exclusion),
    estimated_usd: dollars.openapi({ description: 'At the first endpoint of `order`.' }),
    estimate: z.object({
      input_tokens: z.number().int(),
      output_tokens: z.number().int(),
      counted_by: z.string().openapi({ example: 'o200k_base' }),
    }),
    worst_case_usd: dollars.openapi({ description: 'What the request would set aside: it cannot cost more.' }),
    credits,
  })
  .openapi('Quote');

/** What `/openapi.json` says of quotes. The body is validated by the wire format, which names the path of a wrong field. */
export const quoteDoc: RouteConfig = {
  method: 'post',
  path: '/api/v1/quote',
  tags: ['Inference'],
  summary: 'Ask what a request would do and cost',
  description:
    "Takes the body of a chat completion, or of a response (`input`), a completion (`prompt`), Google's `contents` (with `model` beside them), or with the header `anthropic-version` a message. Calls no provider, sets nothing aside and charges nothing. The order is drawn as for a request, so that another draw may put another endpoint first.",
  security,
  request: {
    query: z.object({
      output_tokens: z.string().optional().openapi({
        description: 'How long an answer is expected; 500 tokens, or the cap of the request, by default.',
        example: '800',
      }),
    }),
    body: { required: true, content: { 'application/json': { schema: chatRequest } } },
  },
  responses: {
    200: { description: 'The quote.', content: { 'application/json': { schema: z.object({ data: quoted }) } } },
    ...errors(400, 401, 402, 403, 404, 413, 415, 500, 503),
  },
};
