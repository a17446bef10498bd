import { type RouteConfig, z } from '@hono/zod-openapi';
import { idempotencyKey } from './inference-docs.ts';
import { errors, security, usd } from './schemas.ts';

const money = { cost: usd, is_byok: z.boolean() };

const marketFields = {
  model: z.string(),
  models: z.array(z.string()).optional(),
  provider: z.looseObject({}).optional(),
  max_cost: z.union([z.number().positive(), z.string()]).optional(),
};

/** What `/openapi.json` says of an operation, which is all that differs between them. */
interface OperationDoc {
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  readonly request: RouteConfig['request'];
  readonly answer: Readonly<Record<string, { readonly schema: z.ZodType }>>;
}

function operationDoc({ path, summary, description, request, answer }: OperationDoc): RouteConfig {
  return {
    method: 'post',
    path,
    tags: ['Operations'],
    summary,
    description,
    security,
    request: { ...request, headers: z.object({ 'idempotency-key': idempotencyKey }) },
    responses: {
      200: {
        description: 'The answer, already charged.',
        headers: z.object({ 'x-generation-id': z.string(), 'idempotent-replayed': z.literal('true').optional() }),
        content: answer,
      },
      ...errors(400, 401, 402, 403, 404, 409, 413, 415, 429, 500, 502, 503, 504),
    },
  };
}

const json = (schema: z.ZodType) => ({ 'application/json': { schema } });
const jsonRequest = (schema: z.ZodType): RouteConfig['request'] => ({
  body: { required: true, content: json(schema) },
});

/** `POST /embeddings`. */
export const embeddingsDoc = operationDoc({
  path: '/api/v1/embeddings',
  summary: 'Create embeddings',
  description:
    'OpenAI-compatible: texts, or texts as lists of token numbers. `encoding_format: "base64"` gives 32-bit floats in little-endian, at every provider.',
  request: jsonRequest(
    z
      .looseObject({
        ...marketFields,
        model: z.string().openapi({ example: 'sandbox/atlas-embed' }),
        input: z.union([z.string(), z.array(z.string()), z.array(z.int()), z.array(z.array(z.int()))]),
        encoding_format: z.enum(['float', 'base64']).optional(),
        dimensions: z.int().min(1).optional(),
        input_type: z.string().optional(),
      })
      .openapi('EmbeddingsRequest'),
  ),
  answer: json(
    z
      .looseObject({
        object: z.literal('list'),
        id: z.string(),
        model: z.string(),
        provider: z.string(),
        data: z.array(z.looseObject({ index: z.int(), embedding: z.union([z.array(z.number()), z.string()]) })),
        usage: z.looseObject({ prompt_tokens: z.int(), total_tokens: z.int(), ...money }),
      })
      .openapi('Embeddings'),
  ),
});
