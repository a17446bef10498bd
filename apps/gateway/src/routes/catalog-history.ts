import type { Context } from 'hono';
import type { AppEnv, GatewayApp } from '../app-env.ts';
import { renderChangeFeed } from '../catalog/change-feed.ts';
import { findModel } from '../catalog/find-model.ts';
import { publicChanges, publicHours, publicPriceHistory } from '../catalog/history.ts';
import { type ChangesQuery, changesQueryOf, hoursOf } from '../catalog/history-query.ts';
import type { Listing } from '../catalog/listing.ts';
import { RSS } from '../catalog/model-feed.ts';
import { remembered } from '../catalog/remembered.ts';
import { rendered, send } from '../catalog/rendered.ts';
import type { Deps } from '../deps.ts';
import { changesDoc, healthHistoryDoc, priceHistoryDoc } from './docs/history-docs.ts';

const KEPT_MS = 5_000;
const KEYS_MAX = 500;
const PERIODS_MAX = 1_000;
const HOUR_MS = 3_600_000;

const namedIn = (context: Context<AppEnv>): string => `${context.req.param('author')}/${context.req.param('slug')}`;

/** What is asked of the database, each question at most once in a few seconds. */
function createReaders({ db, now }: Deps) {
  const kept = { keptMs: KEPT_MS, keysMax: KEYS_MAX, now };
  return {
    prices: remembered(kept, (modelSlug) => db.catalogHistory.priceHistory({ modelSlug, limit: PERIODS_MAX })),
    changes: remembered(kept, (key) => {
      const { kinds, model, before, limit }: ChangesQuery = JSON.parse(key);
      return db.catalogHistory.changes({
        limit,
        ...(kinds.length === 0 ? {} : { kinds }),
        ...(model === null ? {} : { modelSlug: model }),
        ...(before === null ? {} : { before }),
      });
    }),
    hours: remembered(kept, (key) => {
      const { endpointIds, hours }: { endpointIds: readonly string[]; hours: number } = JSON.parse(key);
      // From the start of the oldest hour, so that it is whole.
      const from = new Date(Math.floor((now() - (hours - 1) * HOUR_MS) / HOUR_MS) * HOUR_MS);
      return db.endpointHealth.hours({ endpointIds, from, to: new Date(now() + HOUR_MS) });
    }),
  };
}

/** Where the next changes are; null when these are fewer than asked for, so that there are no more. */
function nextChanges(context: Context<AppEnv>, { limit }: ChangesQuery, ids: readonly string[]): string | null {
  const last = ids.at(-1);
  if (last === undefined || ids.length < limit) return null;
  const url = new URL(context.req.url);
  url.searchParams.set('before', last);
  return `${url.pathname}${url.search}`;
}

/** `GET /models/:author/:slug/price-history`, `/models/:author/:slug/health-history` and `/models/changes`: public. */
export function registerCatalogHistory(app: GatewayApp, deps: Deps, listing: () => Listing): void {
  const readers = createReaders(deps);
  const { markupBpsDefault, dashboardUrl } = deps;
  for (const doc of [priceHistoryDoc, healthHistoryDoc, changesDoc]) app.openAPIRegistry.registerPath(doc);

  app.get('/api/v1/models/:author/:slug/price-history', async (context) => {
    const current = listing();
    const { catalog, byId } = current;
    const name = namedIn(context);
    // A model that has left is in no list, and its prices are known all the same.
    const left = byId.has(name) ? [] : await readers.prices(name);
    const id = left.length > 0 ? name : findModel(current, name).listed.model.slug;
    const periods = left.length > 0 ? left : await readers.prices(id);
    const endpoints = publicPriceHistory(periods, { catalog, markupBpsDefault });
    return send(context, rendered(JSON.stringify({ data: { id, endpoints } })));
  });
  app.get('/api/v1/models/:author/:slug/health-history', async (context) => {
    const current = listing();
    const { model, endpoints } = findModel(current, namedIn(context)).listed;
    const hours = hoursOf((name) => context.req.query(name));
    const ids = endpoints.map(({ id }) => id);
    const rows = Map.groupBy(await readers.hours(JSON.stringify({ endpointIds: ids, hours })), (row) => row.endpointId);
    const { providers } = current.catalog;
    const data = endpoints.map(({ id, tag, providerSlug }) => ({
      id,
      provider_name: providers.get(providerSlug)?.name ?? providerSlug,
      tag,
      hours: publicHours(rows.get(id) ?? []),
    }));
    return send(context, rendered(JSON.stringify({ data: { id: model.slug, endpoints: data } })));
  });
  app.get('/api/v1/models/changes', async (context) => {
    const query = changesQueryOf((name) => context.req.query(name));
    const found = await readers.changes(JSON.stringify(query));
    const changes = publicChanges(found, { catalog: listing().catalog, markupBpsDefault });
    if (query.isRss) {
      const { pathname, search } = new URL(context.req.url);
      const feed = renderChangeFeed(changes, { dashboardUrl, self: `${dashboardUrl}${pathname}${search}` });
      return send(context, rendered(feed, RSS));
    }
    const ids = changes.map(({ id }) => id);
    return send(
      context,
      rendered(JSON.stringify({ data: changes, links: { next: nextChanges(context, query, ids) } })),
    );
  });
}
