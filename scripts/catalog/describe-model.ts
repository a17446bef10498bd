import type { CatalogData, ReasoningSupport } from '@bourse/catalog';
import { reasoningOf } from './parameters.ts';
import type { Offered } from './quotes.ts';
import { modelKey } from './slugs.ts';
import type { PiModel } from './sources/pi-ai.ts';
import type { Sources } from './sources/sources.ts';

/** An entry of a file of models, and its author's name. */
export interface ModelEntry {
  readonly slug: string;
  readonly authorName: string;
  readonly name: string;
  readonly description: string;
  readonly releasedOn: string | null;
  readonly contextTokensMax: number;
  readonly inputModalities: readonly string[];
  readonly outputModalities: readonly string[];
  readonly tokenizer: string;
  readonly knowledgeCutoff: string | null;
  readonly huggingFaceId: string | null;
  readonly defaultParameters?: Readonly<Record<string, number>>;
  readonly reasoning?: ReasoningSupport;
  readonly source: { readonly package: string; readonly checkedOn: string };
}

/** Where a source names a model without its author. */
const authorNames: Readonly<Record<string, string>> = {
  'ibm-granite': 'IBM',
  inclusionai: 'inclusionAI',
  meta: 'Meta',
  stepfun: 'StepFun',
  tencent: 'Tencent',
  writer: 'Writer',
  xiaomi: 'Xiaomi',
};

/** What is known of a model apart from its offers: days and defaults. Members that are not known are absent. */
export function describeModel(
  slug: string,
  { facts, defaults }: Pick<Sources, 'facts' | 'defaults'>,
): {
  releasedOn?: string;
  knowledgeCutoff?: string;
  defaultParameters?: Readonly<Record<string, number>>;
} {
  const key = modelKey(slug.replace(/:.*/, ''));
  const { releasedOn = null, knowledgeCutoff = null } = facts.get(key) ?? {};
  const defaultParameters = defaults.get(key);
  return {
    ...(releasedOn === null ? {} : { releasedOn }),
    ...(knowledgeCutoff === null ? {} : { knowledgeCutoff }),
    ...(defaultParameters === undefined ? {} : { defaultParameters }),
  };
}

function authorName(slug: string, name: string, { authors }: CatalogData): string {
  const author = slug.slice(0, slug.indexOf('/'));
  const known = authors.find((each) => each.slug === author)?.name ?? authorNames[author];
  const [prefix, rest] = name.split(': ');
  return known ?? (rest === undefined || prefix === undefined ? author : prefix);
}

/** The author's other models tell how it counts. */
function tokenizerOf(slug: string, { models }: CatalogData): string {
  const author = slug.slice(0, slug.indexOf('/') + 1);
  const counted = Map.groupBy(
    models.filter((model) => !model.isSandbox && model.slug.startsWith(author)),
    ({ tokenizer }) => tokenizer,
  );
  const [most] = [...counted].toSorted((a, b) => b[1].length - a[1].length);
  return most?.[0] ?? 'Other';
}

function sentence(author: string, name: string, model: PiModel): string {
  const reads = model.input.length > 1 ? 'text and images' : 'text';
  const thinks = model.reasoning ? ', thinks before it answers' : '';
  const context = model.contextWindow.toLocaleString('en-US');
  return `${name} by ${author}: reads ${reads}, writes text${thinks}, calls tools, and takes up to ${context} tokens at once.`;
}

/** The entry of a model that only sources describe, or null where none of its offers says more than a price. */
export function modelEntry(
  slug: string,
  offers: readonly Offered[],
  { curated, sources }: { readonly curated: CatalogData; readonly sources: Sources },
): ModelEntry | null {
  const described = offers.flatMap(({ model }) => model ?? []);
  const [first] = described;
  if (first === undefined) return null;
  const author = authorName(slug, first.name, curated);
  const bare = first.name.replace(/^[^:]+: /, '').replace(/ \(free\)$/i, slug.endsWith(':free') ? ' (free)' : '');
  const largest = described.toSorted((a, b) => b.contextWindow - a.contextWindow)[0] ?? first;
  const reasoning = reasoningOf(first);
  const onHub = offers.find(({ shelf }) => shelf.list === 'huggingface');
  const { releasedOn = null, knowledgeCutoff = null, ...known } = describeModel(slug, sources);
  return {
    slug,
    authorName: author,
    name: `${author}: ${bare}`,
    description: sentence(author, bare, largest),
    releasedOn,
    contextTokensMax: largest.contextWindow,
    inputModalities: first.input,
    outputModalities: ['text'],
    tokenizer: tokenizerOf(slug, curated),
    knowledgeCutoff,
    huggingFaceId: onHub?.upstreamModel ?? null,
    ...known,
    ...(reasoning === null ? {} : { reasoning }),
    source: { package: sources.piVersion.package, checkedOn: sources.piVersion.publishedOn },
  };
}
