import {
  type CatalogSnapshot,
  type Endpoint,
  type Model,
  type PublicMarket,
  type PublicModel,
  publicAlias,
  publicModel,
} from '@bourse/catalog';
import { type PicodollarsPerUnit, picodollarsFromUsdPerUnit } from '@bourse/money';

/** One row of the list of models with all that lists are narrowed and ordered by. */
export interface ListedModel {
  readonly model: Model;
  /** Those of the model. */
  readonly endpoints: readonly Endpoint[];
  readonly row: PublicModel;
  /** The row as JSON, written once per snapshot. */
  readonly json: string;
  /** What a customer pays per token, as the row says. */
  readonly prices: { readonly prompt: PicodollarsPerUnit; readonly completion: PicodollarsPerUnit };
  readonly isFree: boolean;
  /** Name, slug and author in lower case, for searches. */
  readonly words: string;
}

/** A snapshot as its lists show it: models that somebody sells, by slug, then aliases of such models. */
export interface Listing {
  readonly catalog: CatalogSnapshot;
  readonly models: readonly ListedModel[];
  /** Slugs and aliases. */
  readonly byId: ReadonlyMap<string, ListedModel>;
}

function isFree({ pricing }: PublicModel): boolean {
  const { overrides = [], ...base } = pricing;
  const tiers = overrides.map(({ min_prompt_tokens: _above, ...prices }) => prices);
  return [base, ...tiers].every((prices) => Object.values(prices).every((price) => Number(price) === 0));
}

function listed(about: Pick<ListedModel, 'model' | 'endpoints' | 'row'>, authorName: string): ListedModel {
  const { row } = about;
  const prices = {
    prompt: picodollarsFromUsdPerUnit(row.pricing.prompt),
    completion: picodollarsFromUsdPerUnit(row.pricing.completion),
  };
  const words = `${row.name} ${row.id} ${authorName}`.toLowerCase();
  return { ...about, json: JSON.stringify(row), prices, isFree: isFree(row), words };
}

function createListing(catalog: CatalogSnapshot, market: PublicMarket): Listing {
  const byId = new Map<string, ListedModel>();
  const authorOf = (model: Model): string => catalog.authors.get(model.authorSlug)?.name ?? model.authorSlug;
  for (const model of catalog.models.values()) {
    const endpoints = catalog.endpointsByModel.get(model.slug) ?? [];
    const row = publicModel(model, endpoints, market);
    // A model that nobody sells has no price to show.
    if (row !== null) byId.set(model.slug, listed({ model, endpoints, row }, authorOf(model)));
  }
  for (const alias of catalog.aliases.values()) {
    const target = byId.get(alias.modelSlug);
    if (target === undefined) continue;
    byId.set(alias.alias, listed({ ...target, row: publicAlias(alias, target.row) }, authorOf(target.model)));
  }
  return { catalog, models: [...byId.values()], byId };
}

/** Listings by snapshot, each made once. What is made from one snapshot cannot meet what is made from another. */
export function listingsOf(market: PublicMarket): (catalog: CatalogSnapshot) => Listing {
  const known = new WeakMap<CatalogSnapshot, Listing>();
  return (catalog) => {
    const listing = known.get(catalog) ?? createListing(catalog, market);
    known.set(catalog, listing);
    return listing;
  };
}
