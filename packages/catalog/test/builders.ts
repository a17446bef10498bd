import { picodollarsFromUsdPerMillion } from '@bourse/money';
import type { CatalogData } from '../src/build-snapshot.ts';
import { type Endpoint, type Model, type PriceLine, type ProviderInfo, unknownDataPolicy } from '../src/types.ts';

/** Dollars per million as a line. */
export function line(meter: PriceLine['meter'], usd: string, aboveInputTokens = 0): PriceLine {
  return { meter, price: picodollarsFromUsdPerMillion(usd), aboveInputTokens };
}

/** A text model of the author `maker`. */
export function modelOf(overrides: Partial<Model> = {}): Model {
  return {
    slug: 'maker/one',
    canonicalSlug: 'maker/one-2026-01-01',
    authorSlug: 'maker',
    name: 'Maker: One',
    description: 'A model of a test.',
    releasedOn: '2026-01-01',
    contextTokensMax: 128_000,
    inputModalities: ['text', 'image'],
    outputModalities: ['text'],
    tokenizer: 'Other',
    knowledgeCutoff: null,
    huggingFaceId: null,
    variant: null,
    isDistillable: null,
    expiresOn: null,
    successorSlug: null,
    defaultParameters: {},
    reasoning: null,
    isSandbox: false,
    ...overrides,
  };
}

/** An endpoint of `maker/one` at `$1` in and `$2` out. */
export function endpointOf(overrides: Partial<Endpoint> & { readonly lines?: readonly PriceLine[] } = {}): Endpoint {
  const { lines = [line('input', '1'), line('output', '2')], ...rest } = overrides;
  const providerSlug = rest.providerSlug ?? 'host';
  const tag = rest.tag ?? providerSlug;
  const id = `${rest.modelSlug ?? 'maker/one'}@${tag}`;
  return {
    id,
    modelSlug: 'maker/one',
    providerSlug,
    tag,
    upstreamModel: 'one',
    contextTokensMax: 128_000,
    outputTokensMax: 16_384,
    inputTokensMax: null,
    serviceTier: 'default',
    regions: [],
    dataPolicy: unknownDataPolicy,
    isModerated: false,
    quantization: null,
    supportedParameters: ['max_tokens', 'tools'],
    markupBps: null,
    isEnabled: true,
    prices: {
      id: `${id}/2026-02-02`,
      lines,
      sourceUrl: 'https://host.test/pricing',
      checkedOn: '2026-02-02',
      effectiveFrom: new Date('2026-02-02T00:00:00Z'),
    },
    ...rest,
  };
}

/** A provider without a website. */
export function providerOf(slug: string): ProviderInfo {
  return {
    slug,
    name: slug.toUpperCase(),
    privacyPolicyUrl: null,
    termsOfServiceUrl: null,
    statusPageUrl: null,
    headquarters: null,
    datacenters: [],
    isSandbox: false,
  };
}

/** A whole catalog of one author and the providers of the endpoints. */
export function dataOf(overrides: Partial<CatalogData> = {}): CatalogData {
  const endpoints = overrides.endpoints ?? [endpointOf()];
  return {
    authors: [{ slug: 'maker', name: 'Maker' }],
    providers: [...new Set(endpoints.map(({ providerSlug }) => providerSlug))].map(providerOf),
    models: [modelOf()],
    endpoints,
    aliases: [],
    ...overrides,
  };
}
