import type { CatalogData } from '@bourse/catalog';
import { aliasesOf } from './aliases.ts';
import { describeModel, type ModelEntry, modelEntry } from './describe-model.ts';
import { type ParameterSet, parameterSetOf, parametersOf, reasoningOf } from './parameters.ts';
import { doubt, type Quote } from './plausible.ts';
import { type Offered, offeredOn, slugOf } from './quotes.ts';
import { type Shelf, shelves } from './shelves.ts';
import { modelKey, slugsByKey } from './slugs.ts';
import type { Sources } from './sources/sources.ts';

/** An offer whose slug is known. */
interface Named extends Offered {
  readonly slug: string;
}

/** What is left out because it is not believed. */
export interface Held {
  readonly endpoint: string;
  readonly upstreamModel: string;
  readonly why: string;
}

/** The files that `pnpm catalog:extract` writes, in the form of packages/catalog/data. */
export interface Extracted {
  readonly authors: readonly { readonly slug: string; readonly name: string }[];
  readonly models: readonly Omit<ModelEntry, 'authorName'>[];
  /** What is known of curated models beyond their entries. */
  readonly facts: object;
  readonly aliases: readonly { readonly alias: string; readonly name: string; readonly model: string }[];
  readonly offers: readonly object[];
  readonly held: readonly Held[];
}

const isFree = ({ quote }: Named): boolean => quote.input === 0 && quote.output === 0;

/** Regions of one cloud sell the same: what runs anywhere is taken before what runs in one country, and that before what runs in one place. */
function preference({ upstreamModel }: Offered): number {
  if (upstreamModel.startsWith('global.')) return 0;
  return upstreamModel.startsWith('us.') ? 1 : 2;
}

function named(curated: CatalogData, sources: Sources): readonly Named[] {
  const real = curated.models.filter(({ isSandbox }) => !isSandbox);
  const known = real.map(({ slug }) => slug);
  // A dated name of a model that is sold under its short one.
  const dated = new Set(real.map(({ slug, canonicalSlug }) => (canonicalSlug === slug ? '' : canonicalSlug)));
  const knownKeys = new Set(known.map(modelKey));
  const offered = shelves.flatMap((shelf) => offeredOn(shelf, sources));
  const own = offered.flatMap(({ shelf, upstreamModel }) => {
    if (shelf.provider === 'openrouter') return [upstreamModel];
    const slug = shelf.slugs?.[upstreamModel];
    return slug === undefined ? [] : [slug];
  });
  const fresh = [...new Set(own)].filter((slug) => !knownKeys.has(modelKey(slug)) && !dated.has(slug));
  const byKey = slugsByKey([...known, ...fresh]);
  return offered.flatMap((offer) => {
    const slug = slugOf(offer, byKey);
    return slug === null || dated.has(slug) ? [] : { ...offer, slug };
  });
}

function curatedQuotes({ endpoints }: CatalogData): ReadonlyMap<string, readonly Quote[]> {
  const quotes = new Map<string, Quote[]>();
  for (const { modelSlug, prices } of endpoints) {
    const dollars = (meter: string) =>
      Number(prices.lines.find((line) => line.meter === meter && line.aboveInputTokens === 0)?.price ?? 0n) / 1e6;
    const quote = { input: dollars('input'), output: dollars('output'), cacheRead: dollars('input_cache_read') };
    if (quote.input > 0 && quote.output > 0) quotes.set(modelSlug, [...(quotes.get(modelSlug) ?? []), quote]);
  }
  return quotes;
}

function tagOf({ provider, company }: Shelf): string {
  return company === undefined ? provider : `${provider}/${company}`;
}

/** One offer for each model at each provider, and what is not believed. */
function chosen(all: readonly Named[], curated: CatalogData): { sold: readonly Named[]; held: readonly Held[] } {
  const taken = new Set(curated.endpoints.map(({ id }) => id));
  const others = curatedQuotes(curated);
  const held: Held[] = [];
  const sold = new Map<string, Named>();
  for (const offer of all.toSorted((a, b) => preference(a) - preference(b))) {
    const id = `${offer.slug}@${tagOf(offer.shelf)}`;
    if (offer.shelf.isForFacts === true || taken.has(id) || sold.has(id)) continue;
    const peers = all.filter((other) => other !== offer && other.slug === offer.slug && !isFree(other));
    const isGift = offer.slug.endsWith(':free') && isFree(offer);
    const quotes = [...peers.map(({ quote }) => quote), ...(others.get(offer.slug) ?? [])];
    const why = isGift ? null : doubt(offer.quote, quotes);
    if (why === null) sold.set(id, offer);
    else held.push({ endpoint: id, upstreamModel: offer.upstreamModel, why });
  }
  return { sold: [...sold.values()], held };
}

/** What the source gives as nine tenths of the context is its own guess where a provider says nothing. */
function outputMax({ model }: Offered, contextTokensMax: number): number | null {
  if (model === null || model.maxTokens === Math.floor(model.contextWindow * 0.9)) return null;
  return Math.min(model.maxTokens, contextTokensMax);
}

function endpointEntry(offer: Named, contextOf: (slug: string) => number | null): object | null {
  const { slug, upstreamModel, prices, model } = offer;
  const known = contextOf(slug);
  const stated = offer.contextTokensMax ?? known;
  if (stated === null) return null;
  const contextTokensMax = known === null ? stated : Math.min(stated, known);
  const parameters: ParameterSet = model === null ? 'bare' : parameterSetOf(slug, model);
  const { company } = offer.shelf;
  return {
    model: slug,
    ...(company === undefined ? {} : { tag: tagOf(offer.shelf) }),
    upstreamModel: company === undefined ? upstreamModel : `${upstreamModel}:${company}`,
    contextTokensMax,
    outputTokensMax: outputMax(offer, contextTokensMax),
    quantization: /-(fp8|nvfp4|bf16)$/i.exec(upstreamModel)?.[1]?.toLowerCase().replace('nvfp4', 'fp4') ?? null,
    parameters,
    prices: prices.prices,
    ...(prices.tiers.length > 0 ? { tiers: prices.tiers } : {}),
  };
}

function offerFile(shelf: Shelf, endpoints: readonly object[], sources: Sources): object {
  const version = shelf.source === 'pi-ai' ? sources.piVersion : sources.genai;
  const used = [...new Set(endpoints.map((entry) => Reflect.get(entry, 'parameters') as ParameterSet))]; // written above
  return {
    provider: shelf.provider,
    source: {
      url: shelf.url,
      checkedOn: version.publishedOn,
      package: version.package,
      list: shelf.list,
    },
    parameterSets: Object.fromEntries(used.toSorted().map((name) => [name, parametersOf(name)])),
    endpoints,
  };
}

function newModels(described: readonly Named[], curated: CatalogData, sources: Sources): readonly ModelEntry[] {
  const known = new Set(curated.models.map(({ slug }) => slug));
  const bySlug = Map.groupBy(
    described.filter(({ slug }) => !known.has(slug)),
    ({ slug }) => slug,
  );
  return [...bySlug].flatMap(([slug, offers]) => modelEntry(slug, offers, { curated, sources }) ?? []);
}

function curatedFacts(all: readonly Named[], curated: CatalogData, sources: Sources): Record<string, object> {
  const facts = curated.models.flatMap((model) => {
    if (model.isSandbox || !model.outputModalities.includes('text')) return [];
    const described = describeModel(model.slug, sources);
    const offer = all.find(({ slug, model: entry }) => slug === model.slug && entry !== null);
    const reasoning = offer?.model ? reasoningOf(offer.model) : null;
    const found = { ...described, ...(reasoning === null ? {} : { reasoning }) };
    return Object.keys(found).length === 0 ? [] : [[model.slug, found] as const];
  });
  return Object.fromEntries(facts);
}

/** Joins the sources into what the curated catalog lacks. Pure but for what the sources read; the same sources give the same files. */
export function extractCatalog(curated: CatalogData, sources: Sources): Extracted {
  const all = named(curated, sources);
  const { sold, held } = chosen(all, curated);
  const soldSlugs = new Set(sold.map(({ slug }) => slug));
  const models = newModels(
    all.filter(({ slug }) => soldSlugs.has(slug)),
    curated,
    sources,
  );
  const contexts = new Map([...curated.models, ...models].map((model) => [model.slug, model.contextTokensMax]));
  const offers = shelves.flatMap((shelf) => {
    const endpoints = sold
      .filter((offer) => offer.shelf === shelf && contexts.has(offer.slug))
      .toSorted((a, b) => (a.slug < b.slug ? -1 : 1))
      .flatMap((offer) => endpointEntry(offer, (slug) => contexts.get(slug) ?? null) ?? []);
    return endpoints.length === 0 ? [] : [offerFile(shelf, endpoints, sources)];
  });
  const knownAuthors = new Set(curated.authors.map(({ slug }) => slug));
  const authors = new Map(models.map((model) => [model.slug.slice(0, model.slug.indexOf('/')), model.authorName]));
  return {
    authors: [...authors].filter(([slug]) => !knownAuthors.has(slug)).map(([slug, name]) => ({ slug, name })),
    models: models.map(({ authorName: _author, ...entry }) => entry).toSorted((a, b) => (a.slug < b.slug ? -1 : 1)),
    facts: { sources: sources.packages, models: curatedFacts(all, curated, sources) },
    aliases: aliasesOf([...curated.models, ...models].map(({ slug }) => slug)),
    offers,
    held: held.toSorted((a, b) => (a.endpoint < b.endpoint ? -1 : 1)),
  };
}
