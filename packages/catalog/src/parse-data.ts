import { invariant } from '@bourse/errors';
import type { z } from 'zod';
import type { CatalogData } from './build-snapshot.ts';
import { authorsFile, modelsFile, providerFile, providersFile, sandboxFile } from './data-schema.ts';
import type { Endpoint, Model, PriceLine, ProviderInfo } from './types.ts';

type ProviderFile = z.infer<typeof providerFile>;
type EndpointEntry = ProviderFile['endpoints'][number];

function linesOf({ prices, tiers = [] }: EndpointEntry): readonly PriceLine[] {
  return [
    ...prices.map((line) => ({ ...line, aboveInputTokens: 0 })),
    ...tiers.flatMap((tier) => tier.prices.map((line) => ({ ...line, aboveInputTokens: tier.aboveInputTokens }))),
  ];
}

function endpointOf(entry: EndpointEntry, { provider, source, parameterSets }: ProviderFile): Endpoint {
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
  return { ...entry, canonicalSlug, authorSlug: slug.slice(0, slug.indexOf('/')), isSandbox };
}

function providerOf(entry: z.infer<typeof providersFile>[number], isSandbox: boolean): ProviderInfo {
  return { ...entry, isSandbox };
}

function offersOf(files: readonly ProviderFile[]): readonly Endpoint[] {
  return files.flatMap((file) => file.endpoints.map((entry) => endpointOf(entry, file)));
}

/** The raw contents of the data files. */
export interface CatalogFiles {
  readonly authors: unknown;
  readonly providers: unknown;
  readonly models: unknown;
  /** One per provider. */
  readonly offers: readonly unknown[];
  readonly sandbox: unknown;
}

/** Validates the data files and joins them. Throws ZodError with the path of every wrong field. */
export function parseCatalogFiles(files: CatalogFiles): CatalogData {
  const sandbox = sandboxFile.parse(files.sandbox);
  return {
    authors: [...authorsFile.parse(files.authors), ...sandbox.authors],
    providers: [
      ...providersFile.parse(files.providers).map((entry) => providerOf(entry, false)),
      ...sandbox.providers.map((entry) => providerOf(entry, true)),
    ],
    models: [
      ...modelsFile.parse(files.models).map((entry) => modelOf(entry, false)),
      ...sandbox.models.map((entry) => modelOf(entry, true)),
    ],
    endpoints: [...offersOf(files.offers.map((file) => providerFile.parse(file))), ...offersOf(sandbox.offers)],
  };
}
