import { type PicodollarsPerUnit, picodollarsPerUnit } from '@bourse/money';
import { comparePrices } from '../../../catalog/prices.ts';
import type { ModelSummary } from '../../../data/catalog.ts';
import type { ModelSort, ModelsQuery, SortOrder } from './search-params.ts';

/** What narrows the list; the rest of the query orders and pages it. */
export type ModelFilters = Pick<
  ModelsQuery,
  'q' | 'author' | 'provider' | 'input' | 'output' | 'param' | 'context' | 'price' | 'zdr' | 'routable'
>;

/** Each filter as a rule of its own, so that the count beside an option can leave out the filter it belongs to. */
const rules: Record<keyof ModelFilters, (model: ModelSummary, filters: ModelFilters) => boolean> = {
  q: (model, { q }) => matchesText(model, q),
  author: (model, { author }) => author.length === 0 || author.includes(model.author.slug),
  provider: (model, { provider }) =>
    provider.length === 0 || model.providers.some(({ slug }) => provider.includes(slug)),
  input: (model, { input }) => input.every((modality) => model.inputModalities.some((own) => own === modality)),
  output: (model, { output }) => output.every((modality) => model.outputModalities.some((own) => own === modality)),
  param: (model, { param }) => param.every((name) => model.supportedParameters.includes(name)),
  context: (model, { context }) => context <= 0 || (model.contextTokensMax ?? 0) >= context,
  price: (model, { price }) => price < 0 || isAtMost(model.inputPrice, price),
  zdr: (model, { zdr }) => !zdr || model.hasZdr,
  routable: (model, { routable }) => !routable || model.isRoutable === true,
};

const ruleNames = Object.keys(rules).filter((name): name is keyof ModelFilters => name in rules);

/** True when the model passes every filter, `except` left out. */
export function passesFilters(model: ModelSummary, filters: ModelFilters, except?: keyof ModelFilters): boolean {
  return ruleNames.every((name) => name === except || rules[name](model, filters));
}

/** Every word of the text must occur in the model's name, slug or author. */
function matchesText(model: ModelSummary, text: string): boolean {
  const haystack = `${model.name} ${model.slug} ${model.author.name}`.toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => haystack.includes(word));
}

/** Prices are micro-dollars per million tokens, so a limit in dollars per million is a million times as much. */
function isAtMost(price: PicodollarsPerUnit | null, usdPerMillion: number): boolean {
  return price !== null && price <= picodollarsPerUnit(BigInt(Math.round(usdPerMillion * 1e6)));
}

const comparisons: Record<ModelSort, (a: ModelSummary, b: ModelSummary) => number> = {
  popular: (a, b) => a.tokensThisWeek - b.tokensThisWeek,
  newest: (a, b) => (a.releasedOn ?? '').localeCompare(b.releasedOn ?? ''),
  name: (a, b) => a.name.localeCompare(b.name),
  context: (a, b) => (a.contextTokensMax ?? 0) - (b.contextTokensMax ?? 0),
  'input-price': (a, b) => comparePrices(a.inputPrice, b.inputPrice),
  'output-price': (a, b) => comparePrices(a.outputPrice, b.outputPrice),
};

/** The direction in which people expect a sort: the most used and the newest first, but the cheapest and A first. */
const naturalOrders: Record<ModelSort, SortOrder> = {
  popular: 'down',
  newest: 'down',
  name: 'up',
  context: 'down',
  'input-price': 'up',
  'output-price': 'up',
};

/** The order in force: the chosen one, or the natural one of the sort. */
export function orderOf(query: Pick<ModelsQuery, 'sort' | 'order'>): SortOrder {
  return query.order ?? naturalOrders[query.sort];
}

/** Orders models. Unknown prices come last in both directions; ties are in order of popularity, then of name. */
export function sortModels(
  models: readonly ModelSummary[],
  query: Pick<ModelsQuery, 'sort' | 'order'>,
): readonly ModelSummary[] {
  const sign = orderOf(query) === 'up' ? 1 : -1;
  const isUnknown = (model: ModelSummary) => Number(sortedPrice(model, query.sort) === null);
  return models.toSorted(
    (a, b) =>
      isUnknown(a) - isUnknown(b) ||
      sign * comparisons[query.sort](a, b) ||
      b.tokensThisWeek - a.tokensThisWeek ||
      a.name.localeCompare(b.name),
  );
}

function sortedPrice(model: ModelSummary, sort: ModelSort): PicodollarsPerUnit | null | undefined {
  if (sort === 'input-price') return model.inputPrice;
  return sort === 'output-price' ? model.outputPrice : undefined;
}

/** A choice of a filter: how many models remain when it is chosen besides the other filters. */
export type FacetOption = { value: string; label: string; count: number };

/** The choices of the filters that have many. */
export type Facets = Record<'author' | 'provider' | 'input' | 'output' | 'param', readonly FacetOption[]>;

/**
 * Counts what choosing an option would show. Authors and providers widen one another ("or"), so their counts ignore their own
 * filter; modalities and parameters narrow ("and"), so theirs respect it. Most frequent first; chosen options are always listed.
 */
export function facetsOf(models: readonly ModelSummary[], filters: ModelFilters): Facets {
  const named = (value: string) => ({ slug: value, name: value.replaceAll('_', ' ') });
  const count = (name: keyof Facets, choices: (model: ModelSummary) => readonly Choice[]) => {
    const ignored = name === 'author' || name === 'provider' ? name : undefined;
    return countChoices(
      models.filter((model) => passesFilters(model, filters, ignored)),
      { choices, chosen: filters[name], all: models },
    );
  };
  return {
    author: count('author', (model) => [model.author]),
    provider: count('provider', (model) => model.providers),
    input: count('input', (model) => model.inputModalities.map(named)),
    output: count('output', (model) => model.outputModalities.map(named)),
    param: count('param', (model) => model.supportedParameters.map(named)),
  };
}

type Choice = { slug: string; name: string };
type Counting = {
  choices: (model: ModelSummary) => readonly Choice[];
  chosen: readonly string[];
  all: readonly ModelSummary[];
};

function countChoices(models: readonly ModelSummary[], { choices, chosen, all }: Counting): readonly FacetOption[] {
  const counts = new Map<string, number>();
  for (const { slug } of models.flatMap(choices)) counts.set(slug, (counts.get(slug) ?? 0) + 1);
  const labels = new Map(all.flatMap(choices).map(({ slug, name }) => [slug, name]));
  return [...labels]
    .map(([value, label]) => ({ value, label, count: counts.get(value) ?? 0 }))
    .filter((option) => option.count > 0 || chosen.includes(option.value))
    .sort((a, b) => b.count - a.count || a.label.localeCompare(b.label));
}

/** Models on one page of the list. */
export const MODELS_PER_PAGE = 50;

/** The part of the list that a page shows. Pages count from 1; one beyond the last is the last. */
export function pageOf<Row>(rows: readonly Row[], page: number): { rows: readonly Row[]; page: number; pages: number } {
  const pages = Math.max(1, Math.ceil(rows.length / MODELS_PER_PAGE));
  const shown = Math.min(Math.max(1, page), pages);
  return { rows: rows.slice((shown - 1) * MODELS_PER_PAGE, shown * MODELS_PER_PAGE), page: shown, pages };
}
