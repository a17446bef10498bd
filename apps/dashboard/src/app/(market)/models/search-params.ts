import {
  createLoader,
  createSerializer,
  parseAsArrayOf,
  parseAsBoolean,
  parseAsFloat,
  parseAsInteger,
  parseAsString,
  parseAsStringLiteral,
} from 'nuqs/server';

/** The orders of the list of models. */
export const modelSorts = ['popular', 'newest', 'name', 'context', 'input-price', 'output-price'] as const;
export type ModelSort = (typeof modelSorts)[number];

/** Smallest first or largest first. */
export const sortOrders = ['up', 'down'] as const;
export type SortOrder = (typeof sortOrders)[number];

/** The ways to show it. */
export const modelViews = ['list', 'table'] as const;

/** Everything that the page of models remembers, all of it in the URL. Prices are dollars per million tokens. */
export const modelsParams = {
  q: parseAsString.withDefault(''),
  author: parseAsArrayOf(parseAsString).withDefault([]),
  provider: parseAsArrayOf(parseAsString).withDefault([]),
  input: parseAsArrayOf(parseAsString).withDefault([]),
  output: parseAsArrayOf(parseAsString).withDefault([]),
  param: parseAsArrayOf(parseAsString).withDefault([]),
  context: parseAsInteger.withDefault(0),
  price: parseAsFloat.withDefault(-1),
  zdr: parseAsBoolean.withDefault(false),
  routable: parseAsBoolean.withDefault(false),
  sort: parseAsStringLiteral(modelSorts).withDefault('popular'),
  /** Absent: the natural direction of the sort. */
  order: parseAsStringLiteral(sortOrders),
  view: parseAsStringLiteral(modelViews).withDefault('list'),
  page: parseAsInteger.withDefault(1),
};

/** Reads the state of the page from its URL. Nonsense in the URL is the default. */
export const loadModelsParams = createLoader(modelsParams);

/** Writes a link to the page in another state; defaults are left out. */
export const modelsHref = createSerializer(modelsParams);

/** The state of the page. */
export type ModelsQuery = Awaited<ReturnType<typeof loadModelsParams>>;
