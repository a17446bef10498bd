import type { Modality } from '@bourse/catalog';
import type { Context } from 'hono';
import type { AppEnv, GatewayApp } from '../app-env.ts';
import { modelEndpoints, zdrEndpoints } from '../catalog/endpoint-rows.ts';
import { findModel } from '../catalog/find-model.ts';
import type { ListedModel } from '../catalog/listing.ts';
import { createModelLists, modelListJson } from '../catalog/model-lists.ts';
import { modelFormatOf, modelPageOf, modelQueryOf, type ReadQuery } from '../catalog/model-query.ts';
import { remembered } from '../catalog/remembered.ts';
import { rendered, send } from '../catalog/rendered.ts';
import type { Deps } from '../deps.ts';
import { authenticate } from '../generate/authenticate.ts';
import { isStopped } from '../snapshot/switches.ts';
import { presenterOf } from './caller.ts';
import { registerCatalogHistory } from './catalog-history.ts';
import { countDoc, embeddingsDoc, endpointsDoc, modelDoc, modelsDoc, userDoc, zdrDoc } from './docs/catalog-docs.ts';

const MEASURED_KEPT_MS = 1_000;

const readerOf =
  (context: Context<AppEnv>): ReadQuery =>
  (name) =>
    context.req.query(name);

const urlOf = (context: Context<AppEnv>): string => {
  const { pathname, search } = new URL(context.req.url);
  return `${pathname}${search}`;
};

const namedIn = (context: Context<AppEnv>): string => `${context.req.param('author')}/${context.req.param('slug')}`;

/** True for a model that the gateway would call now: an endpoint with a credential that nobody switched off or stopped. */
function isCallable({ endpoints }: ListedModel, deps: Deps): boolean {
  const switches = deps.switches();
  return endpoints.some(
    (endpoint) =>
      endpoint.isEnabled && deps.configuredProviders.has(endpoint.providerSlug) && !isStopped(switches, endpoint),
  );
}

/**
 * The public catalog: `GET /models`, `/models/count`, `/embeddings/models`, `/model/:author/:slug`, `/models/:author/:slug/endpoints`,
 * `/endpoints/zdr`; and `GET /models/user` for the caller. Each answer is made from the one snapshot that it began with.
 */
export function registerModels(app: GatewayApp, deps: Deps): void {
  const lists = createModelLists(deps);
  for (const doc of [modelsDoc, countDoc, userDoc, embeddingsDoc, modelDoc, endpointsDoc, zdrDoc])
    app.openAPIRegistry.registerPath(doc);

  app.get('/api/v1/models', async (context) => {
    const catalog = deps.catalog();
    const read = readerOf(context);
    const wanted = { query: modelQueryOf(read, catalog), page: modelPageOf(read), format: modelFormatOf(read) };
    return send(context, await lists.answer(catalog, { ...wanted, url: urlOf(context) }));
  });
  app.get('/api/v1/models/count', async (context) => {
    const catalog = deps.catalog();
    const found = await lists.select(catalog, modelQueryOf(readerOf(context), catalog));
    return send(context, rendered(JSON.stringify({ data: { count: found.length } })));
  });
  app.get('/api/v1/models/user', async (context) => {
    await authenticate(presenterOf(context, deps), 'key.read_self', deps);
    const catalog = deps.catalog();
    const read = readerOf(context);
    const page = modelPageOf(read);
    const found = await lists.select(catalog, modelQueryOf(read, catalog));
    const callable = found.filter((listed) => isCallable(listed, deps));
    const answer = rendered(modelListJson(callable, { page, url: urlOf(context) }));
    return send(context, answer, { isPrivate: true });
  });
  app.get('/api/v1/embeddings/models', async (context) => {
    const catalog = deps.catalog();
    const outputs: readonly Modality[] = ['embeddings'];
    const query = { ...modelQueryOf(() => undefined, catalog), outputs };
    const page = modelPageOf(readerOf(context));
    return send(context, await lists.answer(catalog, { query, page, format: 'json', url: urlOf(context) }));
  });
  app.get('/api/v1/model/:author/:slug', (context) => {
    const { listed } = findModel(lists.listing(deps.catalog()), namedIn(context));
    return send(context, rendered(`{"data":${listed.json}}`));
  });
  app.get('/api/v1/models/:author/:slug/endpoints', (context) => {
    const catalog = deps.catalog();
    const found = findModel(lists.listing(catalog), namedIn(context));
    return send(context, rendered(JSON.stringify({ data: modelEndpoints(found, catalog, deps) })));
  });
  registerCatalogHistory(app, deps, () => lists.listing(deps.catalog()));
  // Over all endpoints with their measurements, so once a second at most, and anew for a new snapshot.
  const zdr = remembered({ keptMs: MEASURED_KEPT_MS, keysMax: 1, now: deps.now }, async () =>
    rendered(JSON.stringify({ data: zdrEndpoints(deps.catalog(), deps) })),
  );
  app.get('/api/v1/endpoints/zdr', async (context) => send(context, await zdr(deps.catalog().version)));
}
