import { invariant } from '@bourse/errors';
import { z } from 'zod';
import type { CatalogData } from './build-snapshot.ts';
import {
  aliasesFile,
  authorsFile,
  factsFile,
  modelsFile,
  providerFile,
  providersFile,
  sandboxFile,
} from './data-schema.ts';
import {
  type DataPolicy,
  type Endpoint,
  type Model,
  type PriceLine,
  type ProviderInfo,
  unknownDataPolicy,
} from './types.ts';

type ProviderFile = z.infer<typeof providerFile>;
type EndpointEntry = ProviderFile['endpoints'][number];

function linesOf({ prices, tiers = [] }: EndpointEntry): readonly PriceLine[] {
  return [
    ...prices.map((line) => ({ ...line, aboveInputTokens: 0 })),
    ...tiers.flatMap((tier) => tier.prices.map((line) => ({ ...line, aboveInputTokens: tier.aboveInputTokens }))),
  ];
}

/** What holds for all endpoints of a provider that say nothing else. */
interface ProviderTerms {
  readonly dataPolicy: DataPolicy;
  readonly datacenters: readonly string[];
  readonly isModerated: boolean;
}

/** Nobody is behind the sandbox who could keep anything. */
const sandboxTerms: ProviderTerms = {
  dataPolicy: { trains: false, retentionDays: 0 },
  datacenters: [],
  isModerated: false,
};

function endpointOf(
  entry: EndpointEntry,
  { provider, source, parameterSets }: ProviderFile,
  terms: ProviderTerms,
): Endpoint {
  const tag = entry.tag ?? provider;
  const id = `${entry.model}@${tag}`;
  const supportedParameters = parameterSets[entry.parameters];
  invariant(supportedParameters !== undefined, `endpoint ${id} has the unknown parameter set ${entry.parameters}`);
  return {
    id,
    modelSlug: entry.model,
    providerSlug: provider,
    tag,
    upstreamModel: entry.upstreamModel,
    contextTokensMax: entry.contextTokensMax,
    outputTokensMax: entry.outputTokensMax,
    inputTokensMax: entry.inputTokensMax,
    serviceTier: entry.serviceTier,
    regions: entry.regions ?? terms.datacenters,
    dataPolicy: entry.dataPolicy ?? terms.dataPolicy,
    isModerated: entry.isModerated ?? terms.isModerated,
    quantization: entry.quantization,
    supportedParameters,
    prices: {
      id: `${id}/${source.checkedOn}`,
      lines: linesOf(entry),
      sourceUrl: source.url,
      checkedOn: source.checkedOn,
      effectiveFrom: new Date(`${source.checkedOn}T00:00:00Z`),
    },
    markupBps: null,
    isEnabled: entry.isEnabled ?? true,
  };
}

type ModelEntry = z.infer<typeof modelsFile>[number];

function modelOf({ source: _source, ...entry }: ModelEntry, isSandbox: boolean): Model {
  const { slug, canonicalSlug = slug } = entry;
  const colon = slug.indexOf(':');
  // The schema admits no other suffix than those of the type.
  const variant = colon < 0 ? null : (slug.slice(colon + 1) as Model['variant']);
  return { ...entry, canonicalSlug, authorSlug: slug.slice(0, slug.indexOf('/')), variant, isSandbox };
}

function providerOf(entry: z.infer<typeof providersFile>[number], isSandbox: boolean): ProviderInfo {
  const { dataPolicy: _policy, isModerated: _moderated, ...provider } = entry;
  return { ...provider, isSandbox };
}

function offersOf(files: readonly ProviderFile[], termsOf: (provider: string) => ProviderTerms): readonly Endpoint[] {
  return files.flatMap((file) => file.endpoints.map((entry) => endpointOf(entry, file, termsOf(file.provider))));
}

/** What an entry leaves open is filled in from the facts; what it says stays. */
function withFacts(entry: ModelEntry, { models }: z.infer<typeof factsFile>): ModelEntry {
  const { releasedOn, knowledgeCutoff, defaultParameters, reasoning } = models[entry.slug] ?? {};
  return {
    ...entry,
    releasedOn: entry.releasedOn ?? releasedOn ?? null,
    knowledgeCutoff: entry.knowledgeCutoff ?? knowledgeCutoff ?? null,
    reasoning: entry.reasoning ?? reasoning ?? null,
    defaultParameters:
      Object.keys(entry.defaultParameters).length > 0 ? entry.defaultParameters : (defaultParameters ?? {}),
  };
}

/** What `pnpm catalog:extract` adds to the files that are curated by hand. */
export interface ExtractedFiles {
  readonly authors: unknown;
  readonly models: unknown;
  readonly facts: unknown;
  /** A list of files in the form of one provider's. */
  readonly offers: unknown;
}

const nothingExtracted = { authors: [], models: [], offers: [] };

/** The raw contents of the data files. */
export interface CatalogFiles {
  readonly authors: unknown;
  readonly providers: unknown;
  readonly models: unknown;
  readonly aliases: unknown;
  /** One per provider. */
  readonly offers: readonly unknown[];
  readonly sandbox: unknown;
  /** Absent: the curated files alone. */
  readonly extracted?: ExtractedFiles;
}

/** Validates the data files and joins them. Throws ZodError with the path of every wrong field. */
export function parseCatalogFiles(files: CatalogFiles): CatalogData {
  const sandbox = sandboxFile.parse(files.sandbox);
  const providers = providersFile.parse(files.providers);
  const extracted = files.extracted ?? nothingExtracted;
  const facts = factsFile.nullable().parse(files.extracted?.facts ?? null);
  const curated = modelsFile.parse(files.models);
  const models = facts === null ? curated : curated.map((entry) => withFacts(entry, facts));
  const termsOf = (slug: string): ProviderTerms => {
    const found = providers.find((provider) => provider.slug === slug);
    return {
      dataPolicy: found?.dataPolicy ?? unknownDataPolicy,
      datacenters: found?.datacenters ?? [],
      isModerated: found?.isModerated ?? false,
    };
  };
  return {
    authors: [...authorsFile.parse(files.authors), ...authorsFile.parse(extracted.authors), ...sandbox.authors],
    providers: [
      ...providers.map((entry) => providerOf(entry, false)),
      ...sandbox.providers.map((entry) => providerOf(entry, true)),
    ],
    models: [
      ...[...models, ...modelsFile.parse(extracted.models)].map((entry) => modelOf(entry, false)),
      ...sandbox.models.map((entry) => modelOf(entry, true)),
    ],
    endpoints: [
      ...offersOf(
        [...files.offers.map((file) => providerFile.parse(file)), ...z.array(providerFile).parse(extracted.offers)],
        termsOf,
      ),
      ...offersOf(sandbox.offers, () => sandboxTerms),
    ],
    aliases: aliasesFile.parse(files.aliases).map(({ alias, name, model }) => ({ alias, name, modelSlug: model })),
  };
}
