import type { CatalogSnapshot } from '@bourse/catalog';
import type { Deps } from '../deps.ts';
import { type ListedModel, type Listing, listingsOf } from './listing.ts';
import { RSS, renderModelFeed } from './model-feed.ts';
import type { ModelListFormat, ModelPage, ModelQuery } from './model-query.ts';
import { createPopularity } from './popularity.ts';
import { type Rendered, rendered } from './rendered.ts';
import { isMeasured, selectModels } from './select-models.ts';

/** A list that is asked for. */
export interface ListWanted {
  readonly query: ModelQuery;
  /** Null = the whole list. */
  readonly page: ModelPage | null;
  readonly format: ModelListFormat;
  /** Path and query of the request, for links to the next page and to the feed itself. */
  readonly url: string;
}

/** Lists of models, by the snapshot that is handed in and no other. */
export interface ModelLists {
  readonly listing: (catalog: CatalogSnapshot) => Listing;
  /** The models of a query. Rejects with `service_unavailable` when their popularity is asked for and was never known. */
  readonly select: (catalog: CatalogSnapshot, query: ModelQuery) => Promise<readonly ListedModel[]>;
  /** A list as bytes; rendered once per snapshot and query, and again after seconds where it depends on measurements. */
  readonly answer: (catalog: CatalogSnapshot, wanted: ListWanted) => Promise<Rendered>;
}

/** Kept answers per snapshot: those that clients ask for over and over. */
const ANSWERS_MAX = 24;
const MEASURED_KEPT_MS = 5_000;

function nextPage(url: string, { offset, limit }: ModelPage, total: number): string | null {
  if (offset + limit >= total) return null;
  const [path = '', search = ''] = url.split('?');
  const parameters = new URLSearchParams(search);
  parameters.set('offset', String(offset + limit));
  parameters.set('limit', String(limit));
  return `${path}?${parameters}`;
}

/** A list as JSON text, from rows that are JSON already. */
export function modelListJson(models: readonly ListedModel[], { page, url }: Pick<ListWanted, 'page' | 'url'>): string {
  const shown = page === null ? models : models.slice(page.offset, page.offset + page.limit);
  const next = page === null ? null : nextPage(url, page, models.length);
  const rows = shown.map(({ json }) => json).join(',');
  return `{"data":[${rows}],"links":{"next":${JSON.stringify(next)}},"total_count":${models.length}}`;
}

interface Kept {
  readonly answer: Rendered;
  readonly until: number;
}

/** Lists over the parts of a gateway that they are made from. */
export function createModelLists(
  deps: Pick<Deps, 'configuredProviders' | 'markupBpsDefault' | 'db' | 'health' | 'now' | 'dashboardUrl'>,
): ModelLists {
  const { configuredProviders, markupBpsDefault, dashboardUrl } = deps;
  const listing = listingsOf({ configuredProviders, markupBpsDefault });
  const popularity = createPopularity(deps.db.rankings, deps.now);
  const kept = new WeakMap<CatalogSnapshot, Map<string, Kept>>();
  async function select(catalog: CatalogSnapshot, query: ModelQuery): Promise<readonly ListedModel[]> {
    const isByPopularity = query.sort === 'most-popular' || query.sort === 'top-weekly';
    const tokensThisWeek = isByPopularity ? await popularity() : new Map<string, number>();
    const measured = { now: deps.now(), health: deps.health.of, tokensThisWeek };
    return selectModels(listing(catalog).models, query, measured);
  }
  async function render(catalog: CatalogSnapshot, { query, page, format, url }: ListWanted): Promise<Rendered> {
    if (format === 'json') return rendered(modelListJson(await select(catalog, query), { page, url }));
    const models = await select(catalog, { ...query, sort: query.sort ?? 'newest' });
    const shown = page === null ? models : models.slice(page.offset, page.offset + page.limit);
    const feed = { dashboardUrl, self: `${dashboardUrl}${url}`, hasChatLinks: format === 'rss_chat' };
    return rendered(renderModelFeed(shown, feed), RSS);
  }
  return {
    listing,
    select,
    async answer(catalog, wanted) {
      const answers = kept.get(catalog) ?? new Map<string, Kept>();
      kept.set(catalog, answers);
      const { query, page, format, url } = wanted;
      // A whole list in JSON is the same whatever it was called by.
      const name = JSON.stringify(page === null && format === 'json' ? query : [query, format, url]);
      const known = answers.get(name);
      if (known !== undefined && known.until > deps.now()) return known.answer;
      const answer = await render(catalog, wanted);
      const oldest = answers.keys().next();
      if (answers.size >= ANSWERS_MAX && !oldest.done) answers.delete(oldest.value);
      const until = isMeasured(query) ? deps.now() + MEASURED_KEPT_MS : Number.POSITIVE_INFINITY;
      // What is asked for by words is asked for once.
      if (query.search.length === 0) answers.set(name, { answer, until });
      return answer;
    },
  };
}
