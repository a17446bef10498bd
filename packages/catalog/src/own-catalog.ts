import { z } from 'zod';
import type { CatalogData } from './build-snapshot.ts';
import { OWN_SOURCE } from './compare-catalogs.ts';
import { authorsFile, modality, modelSlug, priceMap, slug, tokens } from './data-schema.ts';
import { type Endpoint, type Model, type ProviderInfo, unknownDataPolicy } from './types.ts';

/** What a server of one's own is taken to support, where its file does not say. */
const PARAMETERS = ['max_tokens', 'temperature', 'top_p', 'stop', 'seed', 'response_format', 'tools', 'tool_choice'];

const ownModel = z.strictObject({
  slug: modelSlug,
  name: z.string().min(1).optional(),
  description: z.string().optional(),
  contextTokensMax: tokens,
  inputModalities: z.array(modality).min(1).default(['text']),
  outputModalities: z.array(modality).min(1).default(['text']),
  tokenizer: z.string().min(1).default('Other'),
});

const ownEndpoint = z.strictObject({
  model: modelSlug,
  upstreamModel: z.string().min(1),
  tag: slug.optional(),
  contextTokensMax: tokens.optional(),
  outputTokensMax: tokens.nullable().default(null),
  quantization: z.string().nullable().default(null),
  supportedParameters: z.array(z.string()).default(PARAMETERS),
  prices: priceMap,
});

const ownCatalog = z.strictObject({
  authors: authorsFile.default([]),
  models: z.array(ownModel).default([]),
  providers: z.array(z.strictObject({ slug, name: z.string().min(1) })).default([]),
  offers: z.array(z.strictObject({ provider: slug, endpoints: z.array(ownEndpoint).min(1) })).min(1),
});

type OwnCatalog = z.infer<typeof ownCatalog>;

function parse(value: unknown): OwnCatalog {
  const parsed = ownCatalog.safeParse(value);
  if (!parsed.success) throw new Error(`The file is not a catalog:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

function modelOf({ slug: modelSlugText, name, description, ...rest }: OwnCatalog['models'][number]): Model {
  return {
    ...rest,
    slug: modelSlugText,
    canonicalSlug: modelSlugText,
    authorSlug: modelSlugText.slice(0, modelSlugText.indexOf('/')),
    name: name ?? modelSlugText,
    description: description ?? `${name ?? modelSlugText}, as this market's own operator serves it.`,
    releasedOn: null,
    knowledgeCutoff: null,
    huggingFaceId: null,
    variant: null,
    isDistillable: null,
    expiresOn: null,
    successorSlug: null,
    defaultParameters: {},
    reasoning: null,
    isSandbox: false,
  };
}

function providerOf({ slug: providerSlug, name }: { readonly slug: string; readonly name: string }): ProviderInfo {
  const unknown = { privacyPolicyUrl: null, termsOfServiceUrl: null, statusPageUrl: null, headquarters: null };
  return { slug: providerSlug, name, ...unknown, datacenters: [], isSandbox: false };
}

type Terms = { readonly provider: string; readonly models: ReadonlyMap<string, Model>; readonly checkedOn: string };

function endpointOf(entry: OwnCatalog['offers'][number]['endpoints'][number], terms: Terms): Endpoint {
  const { provider, models, checkedOn } = terms;
  const tag = entry.tag ?? provider;
  const id = `${entry.model}@${tag}`;
  const contextTokensMax = entry.contextTokensMax ?? models.get(entry.model)?.contextTokensMax ?? null;
  if (contextTokensMax === null) throw new Error(`${id} must say contextTokensMax: its model is not known.`);
  return {
    id,
    modelSlug: entry.model,
    providerSlug: provider,
    tag,
    upstreamModel: entry.upstreamModel,
    contextTokensMax,
    outputTokensMax: entry.outputTokensMax,
    inputTokensMax: null,
    serviceTier: 'default',
    regions: [],
    dataPolicy: unknownDataPolicy,
    isModerated: false,
    quantization: entry.quantization,
    supportedParameters: entry.supportedParameters,
    prices: {
      id: `${id}/${checkedOn}`,
      lines: entry.prices.map((line) => ({ ...line, aboveInputTokens: 0 })),
      sourceUrl: OWN_SOURCE,
      checkedOn,
      effectiveFrom: new Date(`${checkedOn}T00:00:00Z`),
    },
    markupBps: null,
    isEnabled: true,
  };
}

function added<Entry>(base: readonly Entry[], own: readonly Entry[], keyOf: (entry: Entry) => string): Entry[] {
  const known = new Set(base.map(keyOf));
  for (const entry of own) {
    if (known.has(keyOf(entry))) throw new Error(`${keyOf(entry)} is in the catalog already.`);
    known.add(keyOf(entry));
  }
  return [...base, ...own];
}

/** Those that nobody described, named by their slugs. */
function unknownOf(slugs: ReadonlySet<string>, known: ReadonlySet<string>): { slug: string; name: string }[] {
  return [...slugs].filter((each) => !known.has(each)).map((each) => ({ slug: each, name: each }));
}

/**
 * The catalog with what an operator serves besides: models on servers of one's own (Ollama, vLLM, a LiteLLM proxy, OpenRouter, any other), or
 * known models at further providers. `checkedOn` (`YYYY-MM-DD`) is the day from which its prices hold. Authors and providers that
 * the file does not describe are named by their slugs. Throws an Error that says what is wrong with the file, and where.
 */
export function withOwnCatalog(base: CatalogData, value: unknown, checkedOn: string): CatalogData {
  const own = parse(value);
  const models = added(base.models, own.models.map(modelOf), (model) => model.slug);
  const bySlug = new Map(models.map((model) => [model.slug, model]));
  const endpoints = own.offers.flatMap(({ provider, endpoints: entries }) =>
    entries.map((entry) => endpointOf(entry, { provider, models: bySlug, checkedOn })),
  );
  for (const { id, modelSlug: wanted } of endpoints) {
    if (!bySlug.has(wanted)) throw new Error(`${id}: the model ${wanted} is nowhere described.`);
  }
  const knownAuthors = new Set([...base.authors, ...own.authors].map((author) => author.slug));
  const strangers = new Set(own.models.map((model) => model.slug.slice(0, model.slug.indexOf('/'))));
  const authors = unknownOf(strangers, knownAuthors);
  const knownProviders = new Set([...base.providers, ...own.providers].map((provider) => provider.slug));
  const sellers = new Set(own.offers.map(({ provider }) => provider));
  const providers = [...own.providers, ...unknownOf(sellers, knownProviders)];
  return {
    authors: added(base.authors, [...own.authors, ...authors], (author) => author.slug),
    providers: added(base.providers, providers.map(providerOf), (provider) => provider.slug),
    models,
    endpoints: added(base.endpoints, endpoints, (endpoint) => endpoint.id),
    aliases: base.aliases,
  };
}
