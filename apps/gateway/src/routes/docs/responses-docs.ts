import { type RouteConfig, z } from '@hono/zod-openapi';
import { requestHeaders } from './inference-docs.ts';
import { generated, security, usd } from './schemas.ts';

const item = z.looseObject({ type: z.string().optional() });

const request = z
  .looseObject({
    model: z.string().openapi({ example: 'sandbox/atlas-1' }),
    models: z.array(z.string()).optional(),
    input: z.union([z.string(), z.array(item)]).openapi({ description: 'Text, or the whole conversation as items.' }),
    instructions: z.string().optional(),
    stream: z.boolean().optional(),
    max_output_tokens: z.number().int().min(1).optional(),
    tools: z.array(z.looseObject({ type: z.string() })).optional(),
    tool_choice: z.unknown().optional(),
    parallel_tool_calls: z.boolean().optional(),
    reasoning: z
      .looseObject({ effort: z.string().optional(), summary: z.string().optional(), max_tokens: z.number().optional() })
      .optional(),
    text: z.looseObject({ format: z.looseObject({ type: z.string() }).optional() }).optional(),
    include: z.array(z.string()).optional(),
    temperature: z.number().min(0).max(2).optional(),
    top_p: z.number().min(0).max(1).optional(),
    metadata: z.record(z.string(), z.string()).optional(),
    store: z.literal(false).optional().openapi({ description: 'Nothing is stored: true is refused.' }),
    max_cost: z.union([z.number().positive(), z.string()]).optional(),
    provider: z.looseObject({}).optional(),
  })
  .openapi('ResponsesRequest');

const response = z
  .looseObject({
    id: z.string().openapi({ example: 'gen-1786000000-Zk3vQ0aB9xY7mN2pLr5T' }),
    object: z.literal('response'),
    created_at: z.number().int(),
    status: z.enum(['completed', 'incomplete', 'failed']),
    model: z.string(),
    provider: z.string(),
    output: z.array(item),
    output_text: z.string(),
    incomplete_details: z.looseObject({ reason: z.string() }).nullable(),
    error: z.looseObject({ code: z.string(), message: z.string() }).nullable(),
    usage: z
      .looseObject({
        input_tokens: z.number().int(),
        input_tokens_details: z.looseObject({ cached_tokens: z.number().int() }),
        output_tokens: z.number().int(),
        output_tokens_details: z.looseObject({ reasoning_tokens: z.number().int() }),
        total_tokens: z.number().int(),
        cost: usd,
        is_byok: z.boolean(),
      })
      .nullable(),
  })
  .openapi('Response');

/** What `/openapi.json` says of the Responses route. Its body is validated by the wire format, which names the path of a wrong field. */
export const responsesDoc: RouteConfig = {
  method: 'post',
  path: '/api/v1/responses',
  tags: ['Inference'],
  summary: 'Create a response',
  description:
    "OpenAI's Responses API without its memory: send the whole conversation as `input`, with reasoning items as they came. `store`, `previous_response_id`, `conversation` and `background` are refused. A conversation that is too long for the model is answered as `incomplete`. Tools that run at the provider are possible where the endpoint speaks this dialect itself.",
  security,
  request: {
    headers: requestHeaders,
    body: { required: true, content: { 'application/json': { schema: request } } },
  },
  responses: generated(response),
};
