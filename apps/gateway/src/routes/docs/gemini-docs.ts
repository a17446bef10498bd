import { type RouteConfig, z } from '@hono/zod-openapi';
import { requestHeaders } from './inference-docs.ts';
import { security, usd } from './schemas.ts';

const part = z.looseObject({ text: z.string().optional() });
const content = z.looseObject({ role: z.enum(['user', 'model']).optional(), parts: z.array(part) });

const countable = {
  contents: z.array(content),
  systemInstruction: z.looseObject({ parts: z.array(part) }).optional(),
  tools: z.array(z.looseObject({ functionDeclarations: z.array(z.looseObject({ name: z.string() })) })).optional(),
};

const request = z
  .looseObject({
    ...countable,
    toolConfig: z.looseObject({}).optional(),
    safetySettings: z.array(z.looseObject({ category: z.string(), threshold: z.string() })).optional(),
    generationConfig: z
      .looseObject({
        maxOutputTokens: z.number().int().min(1).optional(),
        temperature: z.number().min(0).max(2).optional(),
        stopSequences: z.array(z.string()).max(5).optional(),
        responseMimeType: z.enum(['text/plain', 'application/json']).optional(),
        thinkingConfig: z.looseObject({ includeThoughts: z.boolean().optional() }).optional(),
      })
      .optional(),
    models: z.array(z.string()).optional(),
    max_cost: z.union([z.number().positive(), z.string()]).optional(),
    provider: z.looseObject({}).optional(),
  })
  .openapi('GenerateContentRequest');

const answer = z
  .looseObject({
    candidates: z.array(
      z.looseObject({ content: content.optional(), finishReason: z.string().optional(), index: z.number().int() }),
    ),
    usageMetadata: z.looseObject({
      promptTokenCount: z.number().int(),
      candidatesTokenCount: z.number().int(),
      thoughtsTokenCount: z.number().int().optional(),
      totalTokenCount: z.number().int(),
      cost: usd,
    }),
    modelVersion: z.string(),
    responseId: z.string().openapi({ example: 'gen-1786000000-Zk3vQ0aB9xY7mN2pLr5T' }),
  })
  .openapi('GenerateContentResponse');

const error = z
  .object({
    error: z.looseObject({
      code: z.number().int(),
      message: z.string(),
      status: z.string().openapi({ example: 'INVALID_ARGUMENT' }),
      details: z.array(z.looseObject({ reason: z.string().openapi({ example: 'INVALID_REQUEST' }) })),
    }),
  })
  .openapi('GoogleError');

const failure = {
  description:
    'A refusal in the form of this dialect; `error.details[0].reason` is the stable word of the other routes.',
  content: { 'application/json': { schema: error } },
};

const refusals = (...statuses: readonly number[]) => Object.fromEntries(statuses.map((status) => [status, failure]));

const params = z.object({
  author: z.string().openapi({ example: 'sandbox' }),
  slug: z.string().openapi({ example: 'atlas-1', description: 'Its variant, if any, included.' }),
});

const VERSIONS = '`v1` in place of `v1beta` is the same.';
const KEY = "The key is taken from `x-goog-api-key` or the query's `key` as well.";

function methodDoc(method: string, about: Pick<RouteConfig, 'summary' | 'description'>, type: string): RouteConfig {
  return {
    method: 'post',
    path: `/api/v1beta/models/{author}/{slug}:${method}`,
    tags: ['Inference'],
    ...about,
    security,
    request: {
      params,
      headers: requestHeaders,
      body: { required: true, content: { 'application/json': { schema: request } } },
    },
    responses: {
      200: {
        description: 'The answer, already charged.',
        headers: z.object({ 'x-generation-id': z.string(), 'idempotent-replayed': z.literal('true').optional() }),
        content: { [type]: { schema: type === 'application/json' ? answer : z.string() } },
      },
      ...refusals(400, 401, 402, 403, 404, 409, 413, 415, 429, 500, 502, 503, 504),
    },
  };
}

/** What `/openapi.json` says of an answer in one piece. */
export const generateContentDoc: RouteConfig = methodDoc(
  'generateContent',
  {
    summary: 'Generate content',
    description: `Google-compatible, for every model; \`usageMetadata\` has the \`cost\`. Unknown fields are passed on to endpoints that speak the same dialect. ${KEY} ${VERSIONS}`,
  },
  'application/json',
);

/** What `/openapi.json` says of an answer in pieces. */
export const streamGenerateContentDoc: RouteConfig = methodDoc(
  'streamGenerateContent',
  {
    summary: 'Generate content as a stream',
    description: `Google-compatible, for every model, as server-sent events (\`?alt=sse\`); the last one has the finish reasons and \`usageMetadata\` with the \`cost\`. ${KEY} ${VERSIONS}`,
  },
  'text/event-stream',
);

/** What `/openapi.json` says of counting. */
export const geminiCountTokensDoc: RouteConfig = {
  method: 'post',
  path: '/api/v1beta/models/{author}/{slug}:countTokens',
  tags: ['Inference'],
  summary: 'Count the tokens of contents',
  description:
    'What the texts of `contents`, `systemInstruction` and `tools` come to, by the o200k_base tokenizer: an estimate for models whose own is not public. Pictures and files are not counted. Free of charge.',
  security,
  request: {
    params,
    body: {
      required: true,
      content: { 'application/json': { schema: z.looseObject(countable).openapi('GeminiCountTokensRequest') } },
    },
  },
  responses: {
    200: {
      description: 'The count.',
      content: { 'application/json': { schema: z.object({ totalTokens: z.number().int() }) } },
    },
    ...refusals(400, 401, 403, 404, 413, 415, 500, 503),
  },
};
