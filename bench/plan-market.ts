import { buildSnapshot, type CatalogSnapshot, type Endpoint, type Model, type ProviderInfo } from '@bourse/catalog';
import type { Prompt } from '@bourse/generation';
import { picodollarsFromUsdPerMillion } from '@bourse/money';
import { type EndpointHealth, type PlanInput, unknownHealth } from '@bourse/routing';
import { madeUpModel } from './made-up-model.ts';

const MODELS = 300;
const PROVIDERS = 25;
const PARAMETERS =
  'max_tokens temperature top_p top_k frequency_penalty presence_penalty seed stop logprobs response_format structured_outputs tools tool_choice reasoning verbosity';

function providerOf(index: number): ProviderInfo {
  const slug = `provider-${index}`;
  const links = { privacyPolicyUrl: null, termsOfServiceUrl: null, statusPageUrl: null };
  return { slug, name: `Provider ${index}`, ...links, headquarters: null, datacenters: [], isSandbox: false };
}

function modelOf(index: number): Model {
  const slug = `maker/model-${index}`;
  return madeUpModel(slug, {
    canonicalSlug: `${slug}-2026-01-01`,
    description: 'A model of a measurement.',
    releasedOn: '2026-01-01',
    contextTokensMax: 200_000,
  });
}

/** Every third provider lacks some parameters; no two prices are equal. */
function endpointOf(model: number, provider: number): Endpoint {
  const [modelSlug, providerSlug] = [`maker/model-${model}`, `provider-${provider}`];
  const id = `${modelSlug}@${providerSlug}`;
  const parameters = PARAMETERS.split(' ');
  const usd = (base: number) => picodollarsFromUsdPerMillion((base + provider * 0.05 + model * 0.01).toFixed(3));
  const line = (meter: 'input' | 'output' | 'input_cache_read', base: number) => {
    return { meter, price: usd(base), aboveInputTokens: 0 };
  };
  return {
    id,
    modelSlug,
    providerSlug,
    tag: providerSlug,
    upstreamModel: modelSlug,
    contextTokensMax: 200_000,
    outputTokensMax: 32_000,
    inputTokensMax: null,
    serviceTier: 'default',
    regions: provider % 2 === 0 ? ['US'] : ['DE'],
    dataPolicy: { trains: false, retentionDays: provider % 5 === 0 ? 30 : 0 },
    isModerated: false,
    quantization: provider % 4 === 0 ? 'fp8' : 'bf16',
    supportedParameters: provider % 3 === 0 ? parameters.slice(0, 9) : parameters,
    prices: {
      id: `${id}/2026-01-01`,
      lines: [line('input', 0.5), line('output', 2), line('input_cache_read', 0.05)],
      sourceUrl: 'https://provider.test/pricing',
      checkedOn: '2026-01-01',
      effectiveFrom: new Date('2026-01-01T00:00:00Z'),
    },
    markupBps: null,
    isEnabled: true,
  };
}

const range = (length: number): readonly number[] => Array.from({ length }, (_, index) => index);

/** A market of 300 models, each at 25 providers. */
export function largeMarket(): CatalogSnapshot {
  const endpoints = range(MODELS).flatMap((model) => range(PROVIDERS).map((provider) => endpointOf(model, provider)));
  const authors = [{ slug: 'maker', name: 'Maker' }];
  const providers = range(PROVIDERS).map(providerOf);
  return buildSnapshot({ authors, providers, models: range(MODELS).map(modelOf), endpoints, aliases: [] }, 'large');
}

/** Every endpoint was measured; a few are slow, unwell or out. */
function healthOf(catalog: CatalogSnapshot): ReadonlyMap<string, EndpointHealth> {
  const readings = new Map<string, EndpointHealth>();
  let index = 0;
  for (const endpoints of catalog.endpointsByModel.values()) {
    for (const { id } of endpoints) {
      index += 1;
      const base = 100 + (index % 37) * 20;
      const measured = { p50: base, p75: base * 1.3, p90: base * 2, p99: base * 4 };
      const uptime = index % 11 === 0 ? 0.9 : 0.999;
      readings.set(id, {
        ...unknownHealth,
        isOut: index % 17 === 0,
        uptime,
        latencyMs: measured,
        tokensPerSecond: measured,
      });
    }
  }
  return readings;
}

/** A plan's input over a market but for its prompt, which differs per request. */
export function inputFor(catalog: CatalogSnapshot): (prompt: Prompt) => PlanInput {
  const readings = healthOf(catalog);
  const configuredProviders = new Set(catalog.providers.keys());
  let state = 1;
  const draw = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return (prompt) => ({
    prompt,
    catalog,
    configuredProviders,
    markupBpsDefault: 550,
    health: (id) => readings.get(id) ?? unknownHealth,
    isStopped: () => false,
    lacks: () => null,
    draw,
    nowMs: Date.parse('2026-11-22T00:00:00Z'),
    stickyEndpointId: null,
  });
}
