import 'server-only';
import {
  type Author,
  type CatalogSnapshot,
  type Endpoint,
  type Modality,
  type Model,
  type PriceLine,
  type PublicDataPolicy,
  publicDataPolicy,
  type ReasoningSupport,
  resolveModelSlug,
  type ServiceTier,
  withMarkup,
} from '@bourse/catalog';
import type { PicodollarsPerUnit } from '@bourse/money';
import { basePrice, comparePrices } from '../catalog/prices.ts';
import { env } from '../env.ts';
import { cachedFor } from './cached-for.ts';
import { database } from './database.ts';
import { configuredProviders } from './gateway-status.ts';
import { tokensThisWeekByModel } from './rankings.ts';

/** Who serves a model, and whether the gateway here has a key for them; null = the gateway did not say. */
export type ProviderRef = { slug: string; name: string; isConfigured: boolean | null };

/**
 * One model as lists show it. Prices are what the customer pays per token in the base tier of the cheapest endpoint, markup
 * included, as `GET /models` tells them: of the endpoints that can be called here, or of all when there are none.
 */
export type ModelSummary = {
  slug: string;
  name: string;
  author: Author;
  description: string;
  releasedOn: string | null;
  contextTokensMax: number | null;
  inputModalities: readonly Modality[];
  outputModalities: readonly Modality[];
  /** What at least one endpoint accepts, sorted. */
  supportedParameters: readonly string[];
  inputPrice: PicodollarsPerUnit | null;
  outputPrice: PicodollarsPerUnit | null;
  providers: readonly ProviderRef[];
  /** At least one of its endpoints can be called here now; null = unknown. */
  isRoutable: boolean | null;
  isSandbox: boolean;
  /** At least one endpoint stores nothing. */
  hasZdr: boolean;
  /** ISO day on which it leaves the market; null = none is known. */
  expiresOn: string | null;
  tokensThisWeek: number;
};

/** One model at one provider, as its model page shows it. */
export type EndpointRow = {
  id: string;
  provider: ProviderRef;
  tag: string;
  contextTokensMax: number;
  outputTokensMax: number | null;
  quantization: string | null;
  supportedParameters: readonly string[];
  /** What the customer pays: the provider's prices with the markup. */
  prices: readonly PriceLine[];
  /** What the provider asks. */
  listPrices: readonly PriceLine[];
  markupBps: number;
  isEnabled: boolean;
  source: { url: string; checkedOn: string };
  dataPolicy: PublicDataPolicy;
  /** ISO 3166 alpha-2; empty = unknown, or anywhere. */
  regions: readonly string[];
  serviceTier: ServiceTier;
  isModerated: boolean;
};

/** Everything that a model page shows of the catalog. Endpoints: callable ones first, then by input price. */
export type ModelDetails = ModelSummary & {
  knowledgeCutoff: string | null;
  huggingFaceId: string | null;
  tokenizer: string;
  outputTokensMax: number | null;
  canonicalSlug: string;
  /** Other names that mean it now: `~author/family-latest`. */
  aliases: readonly string[];
  /** Where to go when it has left. */
  successorSlug: string | null;
  isDistillable: boolean | null;
  defaultParameters: Readonly<Record<string, number>>;
  reasoning: ReasoningSupport | null;
  endpoints: readonly EndpointRow[];
};

const KEPT_MS = 10_000;

/** The catalog as pages show it, some seconds old at most. */
export const catalogSnapshot = cachedFor(KEPT_MS, () => database().catalog.loadSnapshot());

/** Every model of the catalog, most used this week first, then by name. */
export async function listModels(): Promise<readonly ModelSummary[]> {
  const [catalog, configured, tokens] = await Promise.all([
    catalogSnapshot(),
    configuredProviders(),
    tokensThisWeekByModel(),
  ]);
  return [...catalog.models.values()]
    .map((model) => summaryOf(model, { catalog, configured, tokens }))
    .sort((a, b) => b.tokensThisWeek - a.tokensThisWeek || a.name.localeCompare(b.name));
}

/** The slug of the page that a name leads to: of a dated slug, an alias, or a name with a routing suffix. Null when it is no name of a model. */
export async function pageOfModel(name: string): Promise<string | null> {
  return resolveModelSlug(await catalogSnapshot(), name)?.slug ?? null;
}

/** One model with its endpoints; null when the catalog has no such slug. */
export async function getModel(slug: string): Promise<ModelDetails | null> {
  const [catalog, configured, tokens] = await Promise.all([
    catalogSnapshot(),
    configuredProviders(),
    tokensThisWeekByModel(),
  ]);
  const model = catalog.models.get(slug);
  if (!model) return null;
  const endpoints = endpointsOf(model, { catalog, configured });
  return {
    ...summaryOf(model, { catalog, configured, tokens }),
    knowledgeCutoff: model.knowledgeCutoff,
    huggingFaceId: model.huggingFaceId,
    tokenizer: model.tokenizer,
    canonicalSlug: model.canonicalSlug,
    aliases: [...catalog.aliases.values()].filter((alias) => alias.modelSlug === slug).map(({ alias }) => alias),
    successorSlug: model.successorSlug,
    isDistillable: model.isDistillable,
    defaultParameters: model.defaultParameters,
    reasoning: model.reasoning,
    outputTokensMax: Math.max(0, ...endpoints.map((row) => row.outputTokensMax ?? 0)) || null,
    endpoints,
  };
}

type Sources = {
  catalog: CatalogSnapshot;
  configured: ReadonlySet<string> | null;
  tokens: ReadonlyMap<string, number>;
};

function summaryOf(model: Model, sources: Sources): ModelSummary {
  const endpoints = endpointsOf(model, sources);
  const cheapest = endpoints[0];
  const author = sources.catalog.authors.get(model.authorSlug) ?? { slug: model.authorSlug, name: model.authorSlug };
  const providers = new Map(endpoints.map((row) => [row.provider.slug, row.provider]));
  return {
    slug: model.slug,
    name: shortName(model.name),
    author,
    description: model.description,
    releasedOn: model.releasedOn,
    contextTokensMax: model.contextTokensMax,
    inputModalities: model.inputModalities,
    outputModalities: model.outputModalities,
    supportedParameters: [...new Set(endpoints.flatMap((row) => row.supportedParameters))].sort(),
    inputPrice: cheapest ? basePrice(cheapest.prices, 'input') : null,
    outputPrice: cheapest ? basePrice(cheapest.prices, 'output') : null,
    providers: [...providers.values()],
    isRoutable: sources.configured && endpoints.some((row) => row.isEnabled && row.provider.isConfigured),
    isSandbox: model.isSandbox,
    hasZdr: endpoints.some((row) => row.dataPolicy.zdr),
    expiresOn: model.expiresOn,
    tokensThisWeek: sources.tokens.get(model.slug) ?? 0,
  };
}

/** The catalog's names begin with the author ("Acme: Sprint 2"), which pages show apart. */
function shortName(name: string): string {
  return name.replace(/^[^:]+: /, '');
}

function endpointsOf(model: Model, sources: Omit<Sources, 'tokens'>): readonly EndpointRow[] {
  const endpoints = sources.catalog.endpointsByModel.get(model.slug) ?? [];
  return endpoints.map((endpoint) => endpointRow(endpoint, sources)).sort(compareEndpoints);
}

function endpointRow(endpoint: Endpoint, { catalog, configured }: Omit<Sources, 'tokens'>): EndpointRow {
  const { slug, name } = catalog.providers.get(endpoint.providerSlug) ?? {
    slug: endpoint.providerSlug,
    name: endpoint.providerSlug,
  };
  const markupBps = endpoint.markupBps ?? env().BOURSE_MARKUP_BPS;
  return {
    id: endpoint.id,
    provider: { slug, name, isConfigured: configured ? configured.has(slug) : null },
    tag: endpoint.tag,
    contextTokensMax: endpoint.contextTokensMax,
    outputTokensMax: endpoint.outputTokensMax,
    quantization: endpoint.quantization,
    supportedParameters: endpoint.supportedParameters,
    prices: endpoint.prices.lines.map((line) => ({ ...line, price: withMarkup(line.price, markupBps) })),
    listPrices: endpoint.prices.lines,
    markupBps,
    isEnabled: endpoint.isEnabled,
    source: { url: endpoint.prices.sourceUrl, checkedOn: endpoint.prices.checkedOn },
    dataPolicy: publicDataPolicy(endpoint),
    regions: endpoint.regions,
    serviceTier: endpoint.serviceTier,
    isModerated: endpoint.isModerated,
  };
}

function compareEndpoints(a: EndpointRow, b: EndpointRow): number {
  const callable = (row: EndpointRow) => (row.isEnabled && row.provider.isConfigured === true ? 0 : 1);
  return callable(a) - callable(b) || comparePrices(typicalPrice(a), typicalPrice(b)) || a.id.localeCompare(b.id);
}

/** Prompts are about three times as long as answers, so input weighs three times as much. */
function typicalPrice({ prices }: EndpointRow): bigint | null {
  const input = basePrice(prices, 'input');
  const output = basePrice(prices, 'output');
  return input === null || output === null ? null : input * 3n + output;
}

/** Names for slugs. A slug that the catalog does not know (any more) stands for itself. */
export type CatalogNames = {
  /** Without the author: "V4 Pro". */
  model: (modelSlug: string) => string;
  /** With the author, for where it stands alone: "DeepSeek V4 Pro". */
  modelInFull: (modelSlug: string) => string;
  author: (authorSlug: string) => string;
  /** The name of the author of a model. */
  authorOf: (modelSlug: string) => string;
  provider: (providerSlug: string) => string;
};

/** Names of models, authors and providers, for lists that come with slugs only (rankings). */
export async function catalogNames(): Promise<CatalogNames> {
  const catalog = await catalogSnapshot();
  const author = (slug: string) => catalog.authors.get(slug)?.name ?? slug;
  const authorOf = (slug: string) => author(catalog.models.get(slug)?.authorSlug ?? slug.split('/')[0] ?? slug);
  return {
    modelInFull: (slug) => (catalog.models.get(slug)?.name ?? slug).replace(': ', ' '),
    model: (slug) => shortName(catalog.models.get(slug)?.name ?? slug),
    author,
    authorOf,
    provider: (slug) => catalog.providers.get(slug)?.name ?? slug,
  };
}
