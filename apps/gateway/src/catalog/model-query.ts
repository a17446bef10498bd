import { type CatalogSnapshot, type DataRegion, dataRegions, type Modality, modalities } from '@bourse/catalog';
import { type Bounds, flagOf, numberOf, type QueryText, refuseValue, wordOf, wordsOf } from './query-values.ts';

/** The orders of the list of models. */
export const modelSorts = [
  'most-popular',
  'top-weekly',
  'newest',
  'pricing-low-to-high',
  'pricing-high-to-low',
  'context-high-to-low',
  'throughput-high-to-low',
  'latency-low-to-high',
] as const;

/** One of them. */
export type ModelSort = (typeof modelSorts)[number];

/** Which models, in which order. Empty lists and nulls do not narrow. */
export interface ModelQuery {
  /** Models that make at least one of these; null = all models. */
  readonly outputs: readonly Modality[] | null;
  /** Models that take all of these. */
  readonly inputs: readonly Modality[];
  /** Parameters that are all supported. */
  readonly parameters: readonly string[];
  /** Lower-case words, each of which is in name, slug or author. */
  readonly search: readonly string[];
  readonly authors: readonly string[];
  readonly providers: readonly string[];
  /** Tokenizers, as names of families. */
  readonly families: readonly string[];
  readonly contextMin: number | null;
  /** Dollars per million tokens. */
  readonly promptPrice: Bounds;
  readonly completionPrice: Bounds;
  readonly ageDays: Bounds;
  /** 0..1. */
  readonly toolSuccess: Bounds;
  readonly isDistillable: boolean | null;
  readonly isZdr: boolean;
  readonly isFree: boolean;
  readonly region: DataRegion | null;
  readonly sort: ModelSort | null;
}

/** Which part of the list; null = all of it. */
export interface ModelPage {
  readonly offset: number;
  readonly limit: number;
}

/** As JSON, or as an RSS feed whose items lead to the model's page or to a chat with it. */
export type ModelListFormat = 'json' | 'rss' | 'rss_chat';

/** Reads a query parameter by name. */
export type ReadQuery = (name: string) => QueryText;

const LIMIT_DEFAULT = 500;
const LIMIT_MAX = 1_000;
const SEARCH_CHARACTERS_MAX = 200;

/** OpenRouter narrows by these as well; they need data that this market does not have, and no filter is passed over in silence. */
const notOffered: Readonly<Record<string, string>> = {
  category: 'prompts are not classified',
  ...Object.fromEntries(
    ['intelligence', 'coding', 'agentic'].flatMap((index) =>
      ['min', 'max'].map((end) => [`${end}_${index}_index`, 'models have no benchmark scores']),
    ),
  ),
};

function boundsOf(read: ReadQuery, name: string, limits: { min: number; max?: number; isWhole?: boolean }): Bounds {
  const of = (end: 'min' | 'max') => numberOf(`${end}_${name}`, read(`${end}_${name}`), limits);
  return { min: of('min'), max: of('max') };
}

/** All that models are called by in a snapshot: what some filters accept. */
function namesIn(catalog: CatalogSnapshot) {
  const models = [...catalog.models.values()];
  const endpoints = [...catalog.endpointsByModel.values()].flat();
  return {
    authors: [...new Set(models.map((model) => model.authorSlug))],
    families: [...new Set(models.map((model) => model.tokenizer))],
    parameters: [...new Set(endpoints.flatMap((endpoint) => endpoint.supportedParameters))].toSorted(),
  };
}

const namesBySnapshot = new WeakMap<CatalogSnapshot, ReturnType<typeof namesIn>>();

function namesOf(catalog: CatalogSnapshot): ReturnType<typeof namesIn> {
  const names = namesBySnapshot.get(catalog) ?? namesIn(catalog);
  namesBySnapshot.set(catalog, names);
  return names;
}

/** Slugs of providers that are named by slug or by display name. */
function providersOf(text: QueryText, catalog: CatalogSnapshot): readonly string[] {
  const byName = new Map([...catalog.providers.values()].map(({ name, slug }) => [name.toLowerCase(), slug]));
  const slugs = (text ?? '').split(',').map((name) => byName.get(name.trim().toLowerCase()) ?? name);
  return wordsOf('providers', slugs.join(','), [...catalog.providers.keys()]);
}

function outputsOf(text: QueryText): readonly Modality[] | null {
  if (text === undefined || text === '') return ['text'];
  return text === 'all' ? null : wordsOf('output_modalities', text, modalities);
}

function searchOf(text: QueryText): readonly string[] {
  const words = (text ?? '').slice(0, SEARCH_CHARACTERS_MAX).toLowerCase().split(/\s+/);
  return words.filter((word) => word !== '');
}

/**
 * The filters and the order in a query. `all` and empty values do not narrow; models that write are meant when `output_modalities` is
 * absent. Throws `invalid_request` with the values that are allowed; parameters that it does not know are ignored.
 */
export function modelQueryOf(read: ReadQuery, catalog: CatalogSnapshot): ModelQuery {
  for (const [name, why] of Object.entries(notOffered)) {
    const text = read(name);
    if (text !== undefined && text !== '') refuseValue(name, `${name} is not offered here: ${why}.`);
  }
  const { authors, families, parameters } = namesOf(catalog);
  const inputs = read('input_modalities');
  return {
    outputs: outputsOf(read('output_modalities')),
    inputs: inputs === 'all' ? [] : wordsOf('input_modalities', inputs, modalities),
    parameters: wordsOf('supported_parameters', read('supported_parameters'), parameters),
    search: searchOf(read('q')),
    authors: wordsOf('model_authors', read('model_authors'), authors),
    providers: providersOf(read('providers'), catalog),
    families: wordsOf('arch', read('arch'), families),
    contextMin: numberOf('context', read('context'), { min: 1, isWhole: true }),
    promptPrice: boundsOf(read, 'price', { min: 0 }),
    completionPrice: boundsOf(read, 'output_price', { min: 0 }),
    ageDays: boundsOf(read, 'age_days', { min: 0, isWhole: true }),
    toolSuccess: boundsOf(read, 'tool_success_rate', { min: 0, max: 1 }),
    isDistillable: flagOf('distillable', read('distillable')),
    isZdr: flagOf('zdr', read('zdr')) ?? false,
    isFree: flagOf('free', read('free')) ?? false,
    region: wordOf('region', read('region'), dataRegions),
    sort: wordOf('sort', read('sort'), modelSorts),
  };
}

/** The page that is asked for; null, the whole list, when neither `offset` nor `limit` is there. Throws `invalid_request`. */
export function modelPageOf(read: ReadQuery): ModelPage | null {
  const offset = numberOf('offset', read('offset'), { min: 0, isWhole: true });
  const limit = numberOf('limit', read('limit'), { min: 1, max: LIMIT_MAX, isWhole: true });
  return offset === null && limit === null ? null : { offset: offset ?? 0, limit: limit ?? LIMIT_DEFAULT };
}

/** JSON, unless `use_rss=true` or `format=rss` asks for a feed. Throws `invalid_request`. */
export function modelFormatOf(read: ReadQuery): ModelListFormat {
  const format = wordOf('format', read('format'), ['json', 'rss']);
  const isRss = flagOf('use_rss', read('use_rss')) ?? format === 'rss';
  const hasChatLinks = flagOf('use_rss_chat_links', read('use_rss_chat_links')) ?? false;
  if (!isRss) return 'json';
  return hasChatLinks ? 'rss_chat' : 'rss';
}
