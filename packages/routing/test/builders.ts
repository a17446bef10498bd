import {
  buildSnapshot,
  type CatalogSnapshot,
  type Endpoint,
  type Modality,
  type Model,
  unknownDataPolicy,
} from '@bourse/catalog';
import type { ContentPart, Prompt } from '@bourse/generation';
import { picodollarsFromUsdPerMillion } from '@bourse/money';
import { unknownHealth } from '../src/health.ts';
import type { PlanInput } from '../src/types.ts';

/** What a test says about an endpoint; the rest is ordinary. Prices are dollars per million tokens. */
export interface EndpointSpec extends Partial<Omit<Endpoint, 'modelSlug' | 'providerSlug' | 'prices'>> {
  readonly model?: string;
  readonly provider: string;
  readonly input?: string;
  readonly output?: string;
  readonly above?: { readonly tokens: number; readonly input: string };
}

/** An endpoint that supports tools and structured output, at $1 in and $2 out. */
export function endpointOf({
  model = 'maker/one',
  provider,
  input = '1',
  output = '2',
  above,
  ...rest
}: EndpointSpec): Endpoint {
  const tag = rest.tag ?? provider;
  const id = `${model}@${tag}`;
  return {
    contextTokensMax: 128_000,
    outputTokensMax: 16_384,
    inputTokensMax: null,
    serviceTier: 'default',
    regions: [],
    dataPolicy: unknownDataPolicy,
    isModerated: false,
    quantization: null,
    supportedParameters: ['max_tokens', 'temperature', 'tools', 'tool_choice', 'response_format', 'structured_outputs'],
    markupBps: null,
    isEnabled: true,
    upstreamModel: 'one',
    id,
    modelSlug: model,
    providerSlug: provider,
    tag,
    ...rest,
    prices: {
      id: `${id}/2026-01-01`,
      lines: [
        { meter: 'input', price: picodollarsFromUsdPerMillion(input), aboveInputTokens: 0 },
        { meter: 'output', price: picodollarsFromUsdPerMillion(output), aboveInputTokens: 0 },
        ...(above === undefined
          ? []
          : [
              {
                meter: 'input' as const,
                price: picodollarsFromUsdPerMillion(above.input),
                aboveInputTokens: above.tokens,
              },
            ]),
      ],
      sourceUrl: 'https://provider.test/pricing',
      checkedOn: '2026-01-01',
      effectiveFrom: new Date('2026-01-01T00:00:00Z'),
    },
  };
}

/** A text model. */
export function modelOf(slug: string, inputModalities: readonly Modality[] = ['text']): Model {
  return {
    slug,
    canonicalSlug: `${slug}-2026-01-01`,
    authorSlug: slug.split('/')[0] ?? '',
    name: slug,
    description: 'A model of a test.',
    releasedOn: null,
    contextTokensMax: 128_000,
    inputModalities,
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
  };
}

/** A catalog of the endpoints, with their models, makers and providers. A provider named `toy` is a sandbox. */
export function catalogOf(endpoints: readonly Endpoint[], models: readonly Model[] = []): CatalogSnapshot {
  const slugs = new Set([...endpoints.map((endpoint) => endpoint.modelSlug), 'maker/one']);
  const known = new Map([...slugs].map((slug) => [slug, modelOf(slug)]));
  for (const model of models) known.set(model.slug, model);
  const authors = new Set([...known.values()].map((model) => model.authorSlug));
  const providers = new Set(endpoints.map((endpoint) => endpoint.providerSlug));
  const data = {
    authors: [...authors].map((slug) => ({ slug, name: slug })),
    providers: [...providers].map((slug) => ({
      slug,
      name: slug.toUpperCase(),
      privacyPolicyUrl: null,
      termsOfServiceUrl: null,
      statusPageUrl: null,
      headquarters: null,
      datacenters: [],
      isSandbox: slug === 'toy',
    })),
    models: [...known.values()],
    endpoints,
    aliases: [],
  };
  return buildSnapshot(data, 'test');
}

/** A prompt for `maker/one` of one message. */
export function promptOf(overrides: Partial<Prompt> = {}, content?: readonly ContentPart[]): Prompt {
  return {
    model: 'maker/one',
    modelFallbacks: [],
    messages: [{ role: 'user', content: content ?? [{ type: 'text', text: 'Hello there' }] }],
    tools: [],
    sampling: {},
    choiceCount: 1,
    isStreamed: false,
    preferences: {},
    parameters: [],
    inputBytes: 11,
    source: { wire: 'openai-chat', body: {} },
    extensions: {},
    ...overrides,
  };
}

/** A plan's input over the endpoints: every provider configured, everybody healthy, the draw always at the cheapest. */
export function inputOf(
  endpoints: readonly Endpoint[],
  overrides: Partial<PlanInput> & { readonly models?: readonly Model[] } = {},
): PlanInput {
  const { models, ...rest } = overrides;
  return {
    prompt: promptOf(),
    catalog: catalogOf(endpoints, models),
    configuredProviders: new Set(endpoints.map((endpoint) => endpoint.providerSlug)),
    markupBpsDefault: 0,
    health: () => unknownHealth,
    isStopped: () => false,
    lacks: () => null,
    draw: () => 0,
    nowMs: Date.parse('2026-11-22T12:00:00Z'),
    ...rest,
  };
}
