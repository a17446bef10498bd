import { publicArchitecture, publicCreated, publicEndpoint, publicModel, resolveModelSlug } from '@bourse/catalog';
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
  responses: { 200: ok(modelList, 'Every model with its prices.'), ...errors(503) },
});

const endpointsRoute = createRoute({
  method: 'get',
  path: '/api/v1/models/{author}/{slug}/endpoints',
  tags: ['Catalog'],
  summary: 'List the endpoints of a model',
  request: { params: z.object({ author: z.string(), slug: z.string() }) },
  responses: { 200: ok(endpointList, 'The model and where it can be had.'), ...errors(404, 503) },
});

/** `GET /models` and `GET /models/:author/:slug/endpoints`: public. The list is rendered once per catalog version. */
export function registerModels(app: GatewayApp, deps: Deps): void {
  const publicView = { configuredProviders: deps.configuredProviders, markupBpsDefault: deps.markupBpsDefault };
  let rendered = { version: '', body: '' };
  app.openAPIRegistry.registerPath(listRoute);
  app.get('/api/v1/models', (context) => {
    const catalog = deps.catalog();
    if (rendered.version !== catalog.version) {
      // A model that nobody sells has no price to show and is not listed.
      const data = [...catalog.models.values()].flatMap(
        (model) => publicModel(model, catalog.endpointsByModel.get(model.slug) ?? [], publicView) ?? [],
      );
      rendered = {
        version: catalog.version,
        body: JSON.stringify({ data, links: { next: null }, total_count: data.length }),
      };
    }
    return context.body(rendered.body, 200, { 'content-type': 'application/json' });
  });
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
