import { type RouteConfig, z } from '@hono/zod-openapi';
import { requestHeaders } from './inference-docs.ts';
import { generated, security, usd } from './schemas.ts';

const request = z
  .looseObject({
    model: z.string().openapi({ example: 'sandbox/atlas-1' }),
    prompt: z.union([z.string(), z.array(z.string()).length(1)]),
    stream: z.boolean().optional(),
    max_tokens: z.number().int().min(1).optional(),
    temperature: z.number().min(0).max(2).optional(),
    top_p: z.number().min(0).max(1).optional(),
    n: z.number().int().min(1).max(8).optional(),
    stop: z.union([z.string(), z.array(z.string()).max(4)]).optional(),
    logprobs: z.number().int().min(0).max(20).optional(),
    seed: z.number().int().optional(),
    provider: z.looseObject({}).optional(),
  })
  .openapi('CompletionRequest');

const completion = z
  .looseObject({
    id: z.string().openapi({ example: 'gen-1786000000-Zk3vQ0aB9xY7mN2pLr5T' }),
    object: z.literal('text_completion'),
    created: z.number().int(),
    model: z.string(),
    provider: z.string(),
    choices: z.array(
      z.looseObject({
        text: z.string(),
        index: z.number().int(),
        logprobs: z.looseObject({ tokens: z.array(z.string()) }).nullable(),
        finish_reason: z.string().nullable(),
      }),
    ),
    usage: z.looseObject({
      prompt_tokens: z.number().int(),
      completion_tokens: z.number().int(),
      total_tokens: z.number().int(),
      cost: usd,
    }),
  })
  .openapi('Completion');

/** What `/openapi.json` says of the legacy route. Its body is validated by the wire format, which names the path of a wrong field. */
export const completionsDoc: RouteConfig = {
  method: 'post',
  path: '/api/v1/completions',
  tags: ['Inference'],
  summary: 'Create a completion (legacy)',
  description:
    'For clients that do not speak of messages: the prompt is the one user message of a conversation. One text per request; `suffix`, `echo` and `best_of` are refused.',
  security,
  request: {
    headers: requestHeaders,
    body: { required: true, content: { 'application/json': { schema: request } } },
  },
  responses: generated(completion),
};
