import { type Endpoint, keepsNothing, runsInRegion } from '@bourse/catalog';
import type { EndpointHealth } from '@bourse/routing';
import type { ListedModel } from './listing.ts';
import type { ModelQuery, ModelSort } from './model-query.ts';
import type { Bounds } from './query-values.ts';

/** What is measured rather than written down, at one moment. */
export interface Measured {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly health: (endpointId: string) => EndpointHealth;
  /** Tokens of the last seven days by slug. */
  readonly tokensThisWeek: ReadonlyMap<string, number>;
}

const DAY_SECONDS = 86_400;
const PICODOLLARS_PER_USD_PER_MILLION = 1e6;

function isWithin(value: number | null, { min, max }: Bounds): boolean {
  if (min === null && max === null) return true;
  return value !== null && (min === null || value >= min) && (max === null || value <= max);
}

function hasPrice(price: bigint, { min, max }: Bounds): boolean {
  const scaled = (usd: number | null) => (usd === null ? null : Math.round(usd * PICODOLLARS_PER_USD_PER_MILLION));
  return isWithin(Number(price), { min: scaled(min), max: scaled(max) });
}

/** The best of what is known of some endpoints; null when nothing is. */
function bestOf(
  { endpoints }: ListedModel,
  read: (endpoint: Endpoint) => number | null,
  best: (...values: number[]) => number,
): number | null {
  const values = endpoints.map(read).filter((value) => value !== null);
  return values.length === 0 ? null : best(...values);
}

const toolSuccess = (listed: ListedModel, { health }: Measured) =>
  bestOf(listed, ({ id }) => health(id).quality.toolSuccess, Math.max);

const includesAll = (known: readonly string[], wanted: readonly string[]) =>
  wanted.every((word) => known.includes(word));
const isAny = (known: string, wanted: readonly string[]) => wanted.length === 0 || wanted.includes(known);

function passesFacts({ model, row, endpoints, words, prices, isFree }: ListedModel, query: ModelQuery): boolean {
  const { outputs, region, isDistillable } = query;
  const sold = endpoints.filter((endpoint) => endpoint.isEnabled);
  return (
    (outputs === null || outputs.some((modality) => model.outputModalities.includes(modality))) &&
    includesAll(model.inputModalities, query.inputs) &&
    includesAll(row.supported_parameters, query.parameters) &&
    query.search.every((word) => words.includes(word)) &&
    isAny(model.authorSlug, query.authors) &&
    isAny(model.tokenizer, query.families) &&
    (query.providers.length === 0 || endpoints.some((endpoint) => query.providers.includes(endpoint.providerSlug))) &&
    (query.contextMin === null || (row.context_length ?? 0) >= query.contextMin) &&
    hasPrice(prices.prompt, query.promptPrice) &&
    hasPrice(prices.completion, query.completionPrice) &&
    (isDistillable === null || (model.isDistillable === true) === isDistillable) &&
    (!query.isZdr || sold.some(keepsNothing)) &&
    (!query.isFree || isFree) &&
    (region === null || sold.some((endpoint) => runsInRegion(endpoint, region)))
  );
}

function passesMeasures(listed: ListedModel, query: ModelQuery, measured: Measured): boolean {
  const { created } = listed.row;
  const ageDays = created === 0 ? null : (measured.now / 1000 - created) / DAY_SECONDS;
  return isWithin(ageDays, query.ageDays) && isWithin(toolSuccess(listed, measured), query.toolSuccess);
}

/** What each order looks at, larger first; null = unknown, which comes last. */
const keys: Readonly<Record<ModelSort, (listed: ListedModel, measured: Measured) => number | null>> = {
  'most-popular': ({ model }, { tokensThisWeek }) => tokensThisWeek.get(model.slug) ?? 0,
  'top-weekly': ({ model }, { tokensThisWeek }) => tokensThisWeek.get(model.slug) ?? 0,
  newest: ({ row }) => row.created,
  'pricing-low-to-high': ({ prices }) => -Number(prices.prompt + prices.completion),
  'pricing-high-to-low': ({ prices }) => Number(prices.prompt + prices.completion),
  'context-high-to-low': ({ row }) => row.context_length,
  'throughput-high-to-low': (listed, { health }) =>
    bestOf(listed, ({ id }) => health(id).tokensPerSecond?.p50 ?? null, Math.max),
  'latency-low-to-high': (listed, { health }) =>
    bestOf(listed, ({ id }) => negative(health(id).latencyMs?.p50 ?? null), Math.max),
};

const negative = (value: number | null) => (value === null ? null : -value);

/** Whether an answer to the query changes without the catalog. */
export function isMeasured({ sort, ageDays, toolSuccess: success }: ModelQuery): boolean {
  const isBounded = ({ min, max }: Bounds) => min !== null || max !== null;
  const isLiveSort =
    sort !== null && ['most-popular', 'top-weekly', 'throughput-high-to-low', 'latency-low-to-high'].includes(sort);
  return isLiveSort || isBounded(ageDays) || isBounded(success);
}

/** The models that a query asks for, in its order; in that of the list where it has none. Ties stay in the order of the list. */
export function selectModels(
  models: readonly ListedModel[],
  query: ModelQuery,
  measured: Measured,
): readonly ListedModel[] {
  const found = models.filter((listed) => passesFacts(listed, query) && passesMeasures(listed, query, measured));
  if (query.sort === null) return found;
  const key = keys[query.sort];
  const keyed = found.map((listed) => ({ listed, key: key(listed, measured) ?? Number.NEGATIVE_INFINITY }));
  // Infinities are compared rather than subtracted: their difference is no number.
  return keyed.toSorted((a, b) => (a.key === b.key ? 0 : a.key < b.key ? 1 : -1)).map(({ listed }) => listed);
}
