import { invariant } from '@bourse/errors';
import type { z } from 'zod';
import type { CatalogData } from './build-snapshot.ts';
import { aliasesFile, authorsFile, modelsFile, providerFile, providersFile, sandboxFile } from './data-schema.ts';
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

function modelOf(entry: z.infer<typeof modelsFile>[number], isSandbox: boolean): Model {
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

/** The raw contents of the data files. */
export interface CatalogFiles {
  readonly authors: unknown;
  readonly providers: unknown;
  readonly models: unknown;
  readonly aliases: unknown;
  /** One per provider. */
  readonly offers: readonly unknown[];
  readonly sandbox: unknown;
}

/** Validates the data files and joins them. Throws ZodError with the path of every wrong field. */
export function parseCatalogFiles(files: CatalogFiles): CatalogData {
  const sandbox = sandboxFile.parse(files.sandbox);
  const providers = providersFile.parse(files.providers);
  const termsOf = (slug: string): ProviderTerms => {
    const found = providers.find((provider) => provider.slug === slug);
    return {
      dataPolicy: found?.dataPolicy ?? unknownDataPolicy,
      datacenters: found?.datacenters ?? [],
      isModerated: found?.isModerated ?? false,
    };
  };
  return {
    authors: [...authorsFile.parse(files.authors), ...sandbox.authors],
    providers: [
      ...providers.map((entry) => providerOf(entry, false)),
      ...sandbox.providers.map((entry) => providerOf(entry, true)),
    ],
    models: [
      ...modelsFile.parse(files.models).map((entry) => modelOf(entry, false)),
      ...sandbox.models.map((entry) => modelOf(entry, true)),
    ],
    endpoints: [
      ...offersOf(
        files.offers.map((file) => providerFile.parse(file)),
        termsOf,
      ),
      ...offersOf(sandbox.offers, () => sandboxTerms),
    ],
    aliases: aliasesFile.parse(files.aliases).map(({ alias, name, model }) => ({ alias, name, modelSlug: model })),
  };
}
