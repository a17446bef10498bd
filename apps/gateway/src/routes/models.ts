import {
  type CatalogSnapshot,
  type Modality,
  type PublicMarket,
  publicArchitecture,
  publicCreated,
  publicEndpoint,
  publicModel,
  resolveModelSlug,
} from '@bourse/catalog';
import { AppError } from '@bourse/errors';
import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp } from '../app-env.ts';
import type { Deps } from '../deps.ts';
import { errors, ok } from './docs/schemas.ts';

const modelList = z.object({ data: z.array(z.looseObject({ id: z.string(), name: z.string() })) }).openapi('ModelList');
const endpointList = z
  .object({ data: z.looseObject({ id: z.string(), endpoints: z.array(z.looseObject({ provider_name: z.string() })) }) })
  .openapi('EndpointList');

const listRoute = createRoute({
  method: 'get',
  path: '/api/v1/models',
  tags: ['Catalog'],
  summary: 'List the models',
  request: {
    query: z.object({
      output_modalities: z.string().optional().openapi({
        description: 'What the models make: `all`, or some of them with commas between. Those that write, by default.',
        example: 'embeddings,rerank',
      }),
    }),
  },
  responses: { 200: ok(modelList, 'The models with their prices.'), ...errors(503) },
});

const embeddingsRoute = createRoute({
  method: 'get',
  path: '/api/v1/embeddings/models',
  tags: ['Catalog'],
  summary: 'List the embedding models',
  responses: { 200: ok(modelList, 'Every embedding model with its prices.'), ...errors(503) },
});

const endpointsRoute = createRoute({
  method: 'get',
  path: '/api/v1/models/{author}/{slug}/endpoints',
  tags: ['Catalog'],
  summary: 'List the endpoints of a model',
  request: { params: z.object({ author: z.string(), slug: z.string() }) },
  responses: { 200: ok(endpointList, 'The model and where it can be had.'), ...errors(404, 503) },
});

const MODALITIES = [
  'text',
  'image',
  'file',
  'audio',
  'video',
  'embeddings',
  'rerank',
  'speech',
  'transcription',
] as const satisfies readonly Modality[];

/** `output_modalities=embeddings,rerank`, or `all`; those that write when it is absent, as clients of the chat API expect. */
function modalitiesOf(text: string | undefined): readonly Modality[] {
  if (text === undefined || text === '') return ['text'];
  if (text === 'all') return MODALITIES;
  return text.split(',').map((name) => {
    const modality = MODALITIES.find((known) => known === name.trim());
    if (modality !== undefined) return modality;
    throw new AppError('invalid_request', `output_modalities must be all, or some of ${MODALITIES.join(', ')}.`, {
      metadata: { path: 'output_modalities' },
    });
  });
}

/** Lists as JSON text, each rendered once per catalog version. A model that nobody sells has no price to show and is not listed. */
function listOf(market: PublicMarket): (catalog: CatalogSnapshot, wanted: readonly Modality[]) => string {
  const rendered = new Map<string, string>();
  let version = '';
  return (catalog, wanted) => {
    if (version !== catalog.version) rendered.clear();
    version = catalog.version;
    const name = MODALITIES.filter((modality) => wanted.includes(modality)).join();
    const known = rendered.get(name);
    if (known !== undefined) return known;
    const models = [...catalog.models.values()].filter((model) =>
      model.outputModalities.some((modality) => wanted.includes(modality)),
    );
    const data = models.flatMap(
      (model) => publicModel(model, catalog.endpointsByModel.get(model.slug) ?? [], market) ?? [],
    );
    const body = JSON.stringify({ data, links: { next: null }, total_count: data.length });
    rendered.set(name, body);
    return body;
  };
}

/** `GET /models`, `GET /embeddings/models` and `GET /models/:author/:slug/endpoints`: public. */
export function registerModels(app: GatewayApp, deps: Deps): void {
  const publicView = { configuredProviders: deps.configuredProviders, markupBpsDefault: deps.markupBpsDefault };
  const list = listOf(publicView);
  app.openAPIRegistry.registerPath(listRoute);
  app.get('/api/v1/models', (context) => {
    const wanted = modalitiesOf(context.req.query('output_modalities'));
    return context.body(list(deps.catalog(), wanted), 200, { 'content-type': 'application/json' });
  });
  app.openAPIRegistry.registerPath(embeddingsRoute);
  app.get('/api/v1/embeddings/models', (context) =>
    context.body(list(deps.catalog(), ['embeddings']), 200, { 'content-type': 'application/json' }),
  );
  app.openAPIRegistry.registerPath(endpointsRoute);
  app.get('/api/v1/models/:author/:slug/endpoints', (context) => {
    const { author, slug } = context.req.param();
    const catalog = deps.catalog();
    const name = `${author}/${slug}`;
    const model = catalog.models.get(resolveModelSlug(catalog, name)?.slug ?? name);
    if (model === undefined)
      throw new AppError('not_found', `There is no model ${name}. GET /api/v1/models lists them.`);
    const endpoints = catalog.endpointsByModel.get(model.slug) ?? [];
    const rows = endpoints.flatMap((endpoint) => {
      const provider = catalog.providers.get(endpoint.providerSlug);
      return provider === undefined ? [] : [publicEndpoint(endpoint, { model, provider }, publicView)];
    });
    const data = {
      id: model.slug,
      name: model.name,
      created: publicCreated(model, endpoints),
      description: model.description,
      architecture: publicArchitecture(model),
      endpoints: rows,
    };
    return context.json({ data });
  });
}
