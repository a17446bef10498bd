import { dataRegions, modalities } from '@bourse/catalog';
import { createRoute, z } from '@hono/zod-openapi';
import { modelSorts } from '../../catalog/model-query.ts';
import { errors, ok, security } from './schemas.ts';

const words = (description: string, example?: string) =>
  z
    .string()
    .optional()
    .openapi({ description, ...(example === undefined ? {} : { example }) });
const count = (description: string) => z.int().min(0).optional().openapi({ description });
const number = (description: string) => z.number().min(0).optional().openapi({ description });
const flag = (description: string) => z.enum(['true', 'false']).optional().openapi({ description });

const perMillion = 'dollars per million tokens, markup included';
const kinds = `\`all\`, or some of ${modalities.join(', ')} with commas between`;

const page = {
  offset: count('Models to skip. Without `offset` and `limit` the whole list is answered.'),
  limit: z.int().min(1).max(1_000).optional().openapi({ description: 'Models at most; 500 with `offset` alone.' }),
};

const filters = {
  q: words('Words, each of which is in name, slug or author.', 'sonnet'),
  output_modalities: words(`What the models make: ${kinds}. \`text\` by default.`, 'embeddings,rerank'),
  input_modalities: words(`What the models take, all of it: ${kinds}.`, 'text,image'),
  supported_parameters: words('Parameters that all are supported by at least one endpoint.', 'tools,seed'),
  model_authors: words('Slugs of authors.', 'openai,anthropic'),
  providers: words('Slugs or names of providers.'),
  arch: words('Families, as `architecture.tokenizer` names them.', 'Llama3'),
  context: z.int().min(1).optional().openapi({ description: 'Tokens that the context holds at least.' }),
  min_price: number(`Price of input, ${perMillion}.`),
  max_price: number(`Price of input, ${perMillion}.`),
  min_output_price: number(`Price of output, ${perMillion}.`),
  max_output_price: number(`Price of output, ${perMillion}.`),
  min_age_days: count('Days since the model came out.'),
  max_age_days: count('Days since the model came out.'),
  min_tool_success_rate: z.number().min(0).max(1).optional().openapi({ description: 'Measured on the best endpoint.' }),
  max_tool_success_rate: z.number().min(0).max(1).optional().openapi({ description: 'Measured on the best endpoint.' }),
  distillable: flag('Whether the author permits training other models on the answers.'),
  zdr: flag('`true`: at least one endpoint stores nothing.'),
  free: flag('`true`: every price is zero.'),
  region: z.enum(dataRegions).optional().openapi({ description: 'An endpoint runs there and nowhere else.' }),
  sort: z.enum(modelSorts).optional().openapi({ description: 'By slug when absent. What is unknown comes last.' }),
};

const rss = {
  use_rss: flag('`true`: as an RSS feed, newest first unless `sort` says otherwise.'),
  use_rss_chat_links: flag('`true`: the items of the feed lead to a chat with the model.'),
  format: z.enum(['json', 'rss']).optional().openapi({ description: '`rss` is the same as `use_rss=true`.' }),
};

const model = z
  .looseObject({
    id: z.string(),
    canonical_slug: z.string(),
    name: z.string(),
    created: z.int(),
    context_length: z.int().nullable(),
    expiration_date: z.iso.date().nullable(),
    pricing: z.looseObject({ prompt: z.string(), completion: z.string() }),
    supported_parameters: z.array(z.string()),
    alias_target: z.object({ slug: z.string(), name: z.string() }).optional(),
    is_configured: z.boolean().openapi({ description: 'At least one endpoint can be called here.' }),
  })
  .openapi('Model');

const modelList = z
  .object({
    data: z.array(model),
    total_count: z.int(),
    links: z.object({ next: z.string().nullable() }),
  })
  .openapi('ModelList');

const percentiles = z.object({ p50: z.number(), p75: z.number(), p90: z.number(), p99: z.number() }).nullable();

const endpoint = z
  .looseObject({
    id: z.string(),
    model_id: z.string(),
    provider_name: z.string(),
    tag: z.string().openapi({ description: 'What `provider.order` and `only` take.' }),
    pricing: z.looseObject({ prompt: z.string(), completion: z.string() }),
    status: z.int().openapi({ description: '0 normal, -1 switched off, -2 failing now, -3 stopped by the operator.' }),
    uptime_last_1d: z.number().nullable().openapi({ description: 'Percent of attempts that succeeded.' }),
    latency_last_30m: percentiles.openapi({ description: 'Milliseconds to the first token.' }),
    throughput_last_30m: percentiles.openapi({ description: 'Tokens per second after the first.' }),
    data_policy: z.object({ training: z.boolean().nullable(), retention_days: z.int().nullable(), zdr: z.boolean() }),
  })
  .openapi('Endpoint');

const endpointList = z
  .object({ data: z.looseObject({ id: z.string(), endpoints: z.array(endpoint) }) })
  .openapi('EndpointList');

const list = (summary: string) => ({ method: 'get' as const, tags: ['Catalog'], summary });
const named = z.object({ author: z.string(), slug: z.string() });
const listed = ok(modelList, 'Models with their prices.');

/** `GET /models`. */
export const modelsDoc = createRoute({
  ...list('List the models'),
  path: '/api/v1/models',
  description:
    'A value that a filter does not take is a 400 with `metadata.allowed`. Parameters that are not listed here are ignored.',
  request: { query: z.object({ ...filters, ...page, ...rss }) },
  responses: {
    200: { ...listed, content: { ...listed.content, 'application/rss+xml': { schema: z.string() } } },
    304: { description: 'The client has it already: `If-None-Match`.' },
    ...errors(400, 503),
  },
});

/** `GET /models/count`. */
export const countDoc = createRoute({
  ...list('Count the models'),
  path: '/api/v1/models/count',
  request: { query: z.object(filters) },
  responses: {
    200: ok(z.object({ data: z.object({ count: z.int() }) }), 'How many models a list would have.'),
    ...errors(400, 503),
  },
});

/** `GET /models/user`. */
export const userDoc = createRoute({
  ...list('List the models that the key can call'),
  path: '/api/v1/models/user',
  description: 'Models with at least one endpoint that has a credential here and is not stopped.',
  security,
  request: { query: z.object({ ...filters, ...page }) },
  responses: { 200: listed, ...errors(400, 401, 403, 503) },
});

/** `GET /embeddings/models`. */
export const embeddingsDoc = createRoute({
  ...list('List the embedding models'),
  path: '/api/v1/embeddings/models',
  request: { query: z.object(page) },
  responses: { 200: listed, ...errors(400, 503) },
});

/** `GET /model/{author}/{slug}`. */
export const modelDoc = createRoute({
  ...list('Read a model'),
  path: '/api/v1/model/{author}/{slug}',
  description: 'By slug, dated slug or alias, with or without a suffix such as `:free`.',
  request: { params: named },
  responses: { 200: ok(z.object({ data: model }), 'The model.'), ...errors(404, 503) },
});

/** `GET /models/{author}/{slug}/endpoints`. */
export const endpointsDoc = createRoute({
  ...list('List the endpoints of a model'),
  path: '/api/v1/models/{author}/{slug}/endpoints',
  request: { params: named },
  responses: {
    200: ok(endpointList, 'The model, where it can be had, and how well that goes now.'),
    ...errors(404, 503),
  },
});

/** `GET /endpoints/zdr`. */
export const zdrDoc = createRoute({
  ...list('List the endpoints that store nothing'),
  path: '/api/v1/endpoints/zdr',
  responses: { 200: ok(z.object({ data: z.array(endpoint) }), 'Zero data retention, of all models.'), ...errors(503) },
});
