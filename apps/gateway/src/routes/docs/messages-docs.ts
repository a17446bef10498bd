import { type RouteConfig, z } from '@hono/zod-openapi';
import { requestHeaders } from './inference-docs.ts';
import { security, usd } from './schemas.ts';

const blocks = z.union([z.string(), z.array(z.looseObject({ type: z.string() }))]);

const countable = {
  model: z.string().openapi({ example: 'sandbox/atlas-1' }),
  messages: z.array(z.looseObject({ role: z.enum(['user', 'assistant', 'system']), content: blocks })),
  system: blocks.optional(),
  tools: z.array(z.looseObject({ name: z.string().optional() })).optional(),
  tool_choice: z.looseObject({ type: z.enum(['auto', 'any', 'none', 'tool']) }).optional(),
  thinking: z.looseObject({ type: z.enum(['enabled', 'adaptive', 'disabled']) }).optional(),
};

const request = z
  .looseObject({
    ...countable,
    max_tokens: z.number().int().min(1).optional().openapi({
      description: 'Optional here: without it an answer may be as long as the model and the credits allow.',
    }),
    models: z.array(z.string()).optional(),
    fallbacks: z
      .array(z.object({ model: z.string() }))
      .max(3)
      .optional(),
    stream: z.boolean().optional(),
    stop_sequences: z.array(z.string()).optional(),
    temperature: z.number().min(0).max(2).optional(),
    top_p: z.number().min(0).max(1).optional(),
    top_k: z.number().int().min(0).optional(),
    output_config: z.looseObject({ effort: z.string().optional() }).optional(),
    metadata: z.looseObject({ user_id: z.string().optional() }).optional(),
    max_cost: z.union([z.number().positive(), z.string()]).optional(),
    provider: z.looseObject({}).optional(),
    session_id: z.string().optional(),
    user: z.string().optional(),
  })
  .openapi('MessagesRequest');

const message = z
  .looseObject({
    id: z.string().openapi({ example: 'gen-1786000000-Zk3vQ0aB9xY7mN2pLr5T' }),
    type: z.literal('message'),
    role: z.literal('assistant'),
    model: z.string(),
    provider: z.string(),
    content: z.array(z.looseObject({ type: z.string() })),
    stop_reason: z.string().nullable(),
    stop_sequence: z.string().nullable(),
    usage: z.looseObject({
      input_tokens: z.number().int(),
      output_tokens: z.number().int(),
      cache_creation_input_tokens: z.number().int(),
      cache_read_input_tokens: z.number().int(),
      cost: usd,
      is_byok: z.boolean(),
    }),
  })
  .openapi('Message');

const error = z
  .object({
    type: z.literal('error'),
    error: z.looseObject({
      type: z.string().openapi({ example: 'invalid_request_error' }),
      message: z.string(),
      error_type: z.string().openapi({ example: 'invalid_request' }),
    }),
    request_id: z.string().nullable(),
  })
  .openapi('AnthropicError');

const failure = {
  description: 'A refusal in the form of this dialect; `error.error_type` is the stable word of the other routes.',
  content: { 'application/json': { schema: error } },
};

const refusals = (...statuses: readonly number[]) => Object.fromEntries(statuses.map((status) => [status, failure]));

/** What `/openapi.json` says of the messages route. Its body is validated by the wire format, which names the path of a wrong field. */
export const messagesDoc: RouteConfig = {
  method: 'post',
  path: '/api/v1/messages',
  tags: ['Inference'],
  summary: 'Create a message',
  description:
    'Anthropic-compatible, for every model. With `"stream": true` the answer is a stream of named server-sent events; `message_delta` has the usage with `cost`. Unknown fields are passed on to endpoints that speak the same dialect.',
  security,
  request: {
    headers: requestHeaders,
    body: { required: true, content: { 'application/json': { schema: request } } },
  },
  responses: {
    200: {
      description: 'The answer, already charged.',
      headers: z.object({ 'x-generation-id': z.string(), 'request-id': z.string() }),
      content: { 'application/json': { schema: message }, 'text/event-stream': { schema: z.string() } },
    },
    ...refusals(400, 401, 402, 403, 404, 409, 413, 415, 429, 500, 502, 503, 504),
  },
};

/** What `/openapi.json` says of counting. */
export const countTokensDoc: RouteConfig = {
  method: 'post',
  path: '/api/v1/messages/count_tokens',
  tags: ['Inference'],
  summary: 'Count the tokens of a message',
  description:
    'What the texts of `messages`, `system` and `tools` come to, by the o200k_base tokenizer: an estimate for models whose own is not public. Pictures and files are not counted. Free of charge.',
  security,
  request: {
    body: {
      required: true,
      content: { 'application/json': { schema: z.looseObject(countable).openapi('CountTokensRequest') } },
    },
  },
  responses: {
    200: {
      description: 'The count.',
      content: { 'application/json': { schema: z.object({ input_tokens: z.number().int() }) } },
    },
    ...refusals(400, 401, 403, 404, 413, 415, 500, 503),
  },
};
