import { type RouteConfig, z } from '@hono/zod-openapi';
import { generated, security, usd } from './schemas.ts';

const usage = z
  .object({
    prompt_tokens: z.number().int(),
    completion_tokens: z.number().int(),
    total_tokens: z.number().int(),
    prompt_tokens_details: z.looseObject({ cached_tokens: z.number().int() }).optional(),
    completion_tokens_details: z.looseObject({ reasoning_tokens: z.number().int() }).optional(),
    cost: usd,
    is_byok: z.boolean(),
    cost_details: z.looseObject({ upstream_inference_cost: z.number().nullable() }).optional(),
  })
  .openapi('Usage');

const choice = z.looseObject({
  index: z.number().int(),
  message: z.looseObject({ role: z.string(), content: z.string().nullable().optional() }),
  finish_reason: z.string().nullable(),
});

const completion = z
  .looseObject({
    id: z.string().openapi({ example: 'gen-1786000000-Zk3vQ0aB9xY7mN2pLr5T' }),
    object: z.literal('chat.completion'),
    created: z.number().int(),
    model: z.string(),
    provider: z.string(),
    choices: z.array(choice),
    usage,
  })
  .openapi('ChatCompletion');

/** The body of a chat completion. */
export const chatRequest = z
  .looseObject({
    model: z.string().openapi({ example: 'sandbox/atlas-1' }),
    models: z.array(z.string()).optional(),
    messages: z.array(z.looseObject({ role: z.string() })),
    stream: z.boolean().optional(),
    max_tokens: z.number().int().min(1).optional(),
    max_completion_tokens: z.number().int().min(1).optional(),
    max_cost: z.union([z.number().positive(), z.string()]).optional().openapi({
      description: 'The most that this request may cost, in dollars with at most 9 decimals.',
      example: '0.05',
    }),
    temperature: z.number().min(0).max(2).optional(),
    top_p: z.number().min(0).max(1).optional(),
    seed: z.number().int().optional(),
    stop: z.union([z.string(), z.array(z.string()).max(4)]).optional(),
    tools: z.array(z.looseObject({ type: z.string() })).optional(),
    tool_choice: z.unknown().optional(),
    response_format: z.looseObject({ type: z.string() }).optional(),
    provider: z
      .object({
        order: z.array(z.string()),
        only: z.array(z.string()),
        ignore: z.array(z.string()),
        allow_fallbacks: z.boolean(),
        require_parameters: z.boolean(),
        quantizations: z.array(z.string()),
        sort: z.string(),
        max_price: z.record(z.string(), z.string()),
      })
      .partial()
      .optional(),
  })
  .openapi('ChatCompletionRequest');

const idempotencyKey = z.string().min(1).max(255).optional().openapi({
  description:
    'Makes a retry safe: for 24 hours the same key and body get the first answer, under its generation id, with one charge. Printable ASCII.',
  example: 'order-4711-summary',
});

const metadataLevel = z.string().optional().openapi({
  description:
    '`enabled` adds `openrouter_metadata` and `bourse_metadata` to answers and errors: who was considered, left out, asked and chosen, and why. `X-OpenRouter-Metadata` does the same.',
  example: 'enabled',
});

const cacheWish = z.string().optional().openapi({
  description:
    '`true` gives the answer that the same key got for the same body, for nothing, and keeps the one that is made. `X-OpenRouter-Cache` does the same.',
  example: 'true',
});

const cacheTtl = z.string().optional().openapi({
  description: 'With `X-Bourse-Cache`: for how many seconds, 1 to 86400; 300 where it is not said.',
  example: '300',
});

const cacheClear = z.string().optional().openapi({
  description: 'With `X-Bourse-Cache`: `true` throws away what is kept, and keeps the answer that is made instead.',
  example: 'true',
});

/** The headers of a request that every route that generates knows. */
export const requestHeaders = z.object({
  'idempotency-key': idempotencyKey,
  'x-bourse-metadata': metadataLevel,
  'x-bourse-cache': cacheWish,
  'x-bourse-cache-ttl': cacheTtl,
  'x-bourse-cache-clear': cacheClear,
});

/** What `/openapi.json` says of the chat route. Its body is validated by the wire format, which names the path of a wrong field. */
export const chatCompletionsDoc: RouteConfig = {
  method: 'post',
  path: '/api/v1/chat/completions',
  tags: ['Inference'],
  summary: 'Create a chat completion',
  description:
    'OpenAI-compatible. With `"stream": true` the answer is a stream of server-sent events: chunks, one usage chunk with `cost`, then `[DONE]`. Unknown fields are passed on to endpoints that speak the same dialect.',
  security,
  request: {
    headers: requestHeaders,
    body: { required: true, content: { 'application/json': { schema: chatRequest } } },
  },
  responses: generated(completion),
};
