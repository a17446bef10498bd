import { type RouteConfig, z } from '@hono/zod-openapi';
import { requestHeaders } from './inference-docs.ts';
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
    request: { ...request, headers: requestHeaders },
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

/** `POST /rerank`. */
export const rerankDoc = operationDoc({
  path: '/api/v1/rerank',
  summary: 'Rank documents',
  description:
    'Orders documents by how well they answer a query. Cohere-compatible; the document comes back beside its score.',
  request: jsonRequest(
    z
      .looseObject({
        ...marketFields,
        model: z.string().openapi({ example: 'sandbox/atlas-rank' }),
        query: z.string(),
        documents: z.array(z.union([z.string(), z.looseObject({ text: z.string() })])).min(1),
        top_n: z.int().min(1).optional(),
      })
      .openapi('RerankRequest'),
  ),
  answer: json(
    z
      .looseObject({
        id: z.string(),
        model: z.string(),
        provider: z.string(),
        results: z.array(
          z.looseObject({ index: z.int(), relevance_score: z.number(), document: z.looseObject({ text: z.string() }) }),
        ),
        usage: z.looseObject({ search_units: z.int().optional(), total_tokens: z.int().optional(), ...money }),
      })
      .openapi('Rerank'),
  ),
});

const imagesRequest = jsonRequest(
  z
    .looseObject({
      ...marketFields,
      model: z.string().openapi({ example: 'sandbox/atlas-paint' }),
      prompt: z.string(),
      n: z.int().min(1).max(10).optional(),
      size: z.string().optional(),
      quality: z.string().optional(),
      output_format: z.string().optional(),
    })
    .openapi('ImagesRequest'),
);

const imagesAnswer = json(
  z
    .looseObject({
      id: z.string(),
      created: z.int(),
      model: z.string(),
      provider: z.string(),
      data: z.array(z.looseObject({ b64_json: z.string().optional() })),
      usage: z.looseObject({ prompt_tokens: z.int(), completion_tokens: z.int(), total_tokens: z.int(), ...money }),
    })
    .openapi('Images'),
);

const images = {
  summary: 'Make images',
  description: 'OpenAI-compatible, whole answers only. `n` is at most 10; pictures that were not made are not charged.',
  request: imagesRequest,
  answer: imagesAnswer,
};

/** `POST /images`. */
export const imagesDoc = operationDoc({ path: '/api/v1/images', ...images });
/** `POST /images/generations`, OpenAI's path. */
export const imagesGenerationsDoc = operationDoc({ path: '/api/v1/images/generations', ...images });

/** `POST /audio/speech`. */
export const speechDoc = operationDoc({
  path: '/api/v1/audio/speech',
  summary: 'Speak a text',
  description:
    'OpenAI-compatible. The answer is the sound, whole; its cost is in the record that `X-Generation-Id` names.',
  request: jsonRequest(
    z
      .looseObject({
        ...marketFields,
        model: z.string().openapi({ example: 'sandbox/atlas-voice' }),
        input: z.string(),
        voice: z.string(),
        response_format: z.string().optional(),
        speed: z.number().min(0.25).max(4).optional(),
      })
      .openapi('SpeechRequest'),
  ),
  answer: { 'audio/*': { schema: z.string().openapi({ format: 'binary' }) } },
});

const transcriptFields = {
  model: z.string().openapi({ example: 'sandbox/atlas-listen' }),
  language: z.string().optional(),
  prompt: z.string().optional(),
  response_format: z.enum(['json', 'verbose_json']).optional(),
};

const transcriptionForm = z
  .looseObject({ ...transcriptFields, file: z.string().openapi({ format: 'binary' }) })
  .openapi('TranscriptionForm');
const transcriptionRequest = z
  .looseObject({ ...transcriptFields, input_audio: z.object({ data: z.string(), format: z.string() }) })
  .openapi('TranscriptionRequest');

/** `POST /audio/transcriptions`. */
export const transcriptionsDoc = operationDoc({
  path: '/api/v1/audio/transcriptions',
  summary: 'Transcribe sound',
  description:
    'OpenAI-compatible form with a file of at most 25 MiB, or JSON with the sound in base64. Begun seconds count.',
  request: {
    body: {
      required: true,
      content: {
        'multipart/form-data': { schema: transcriptionForm },
        'application/json': { schema: transcriptionRequest },
      },
    },
  },
  answer: json(
    z
      .looseObject({
        text: z.string(),
        usage: z.looseObject({ type: z.enum(['tokens', 'duration']), seconds: z.int().optional(), ...money }),
      })
      .openapi('Transcription'),
  ),
});
