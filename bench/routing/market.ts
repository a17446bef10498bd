import {
  buildSnapshot,
  type CatalogSnapshot,
  type Endpoint,
  type Model,
  type ProviderInfo,
  unknownDataPolicy,
} from '@bourse/catalog';
import { picodollarsFromUsdPerMillion } from '@bourse/money';
import { madeUpModel } from '../made-up-model.ts';
import { exponential, logNormal, randomOf } from './random.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** How calls end while an endpoint is out. */
type OutageKind = 'reset' | 'error' | 'hang';

/** A time in which calls of an endpoint fail. */
export interface Outage {
  readonly fromMs: number;
  readonly toMs: number;
  /** Of its calls, 0..1. */
  readonly share: number;
  readonly kind: OutageKind;
}

/** An endpoint of the simulated market, and how it behaves. */
export interface SimulatedEndpoint {
  readonly endpoint: Endpoint;
  /** Milliseconds to the first token, the median. */
  readonly latencyMs: number;
  readonly tokensPerSecond: number;
  /** Of its calls outside of outages, 0..1. */
  readonly failureShare: number;
  /** Calls a second beyond which it answers 429. */
  readonly callsPerSecondMax: number;
  /** In the order of time; they do not overlap. */
  readonly outages: readonly Outage[];
}

/** A model, and how much of the traffic is for it. */
export interface SimulatedModel {
  readonly slug: string;
  readonly share: number;
}

/** A market on a virtual clock that begins at 0. */
export interface SimulatedMarket {
  readonly catalog: CatalogSnapshot;
  readonly models: readonly SimulatedModel[];
  readonly endpoints: ReadonlyMap<string, SimulatedEndpoint>;
}

interface ProviderSpec {
  readonly slug: string;
  /** On the price of a model. */
  readonly price: number;
  readonly latencyMs: number;
  readonly tokensPerSecond: number;
  readonly failureShare: number;
  readonly callsPerSecondMax: number;
  /** Between outages, and of an outage: means. */
  readonly upMs: number;
  readonly downMs: number;
}

const steady = { failureShare: 0.002, upMs: 6 * HOUR_MS, downMs: 4 * MINUTE_MS };

/** From cheap and unreliable to dear and quick, as markets are. */
const providers: readonly ProviderSpec[] = [
  {
    slug: 'bargain',
    price: 0.7,
    latencyMs: 900,
    tokensPerSecond: 40,
    failureShare: 0.02,
    callsPerSecondMax: 12,
    upMs: 24 * MINUTE_MS,
    downMs: 8 * MINUTE_MS,
  },
  {
    slug: 'thrifty',
    price: 0.8,
    latencyMs: 700,
    tokensPerSecond: 55,
    failureShare: 0.01,
    callsPerSecondMax: 14,
    upMs: 70 * MINUTE_MS,
    downMs: 8 * MINUTE_MS,
  },
  { slug: 'common', price: 1, latencyMs: 500, tokensPerSecond: 70, callsPerSecondMax: 30, ...steady },
  {
    slug: 'solid',
    price: 1.05,
    latencyMs: 420,
    tokensPerSecond: 80,
    callsPerSecondMax: 40,
    ...steady,
    failureShare: 0.0005,
  },
  {
    slug: 'large',
    price: 1.2,
    latencyMs: 380,
    tokensPerSecond: 90,
    callsPerSecondMax: 80,
    ...steady,
    failureShare: 0.001,
  },
  { slug: 'slow', price: 1.1, latencyMs: 1_600, tokensPerSecond: 25, callsPerSecondMax: 40, ...steady },
  { slug: 'quick', price: 1.8, latencyMs: 200, tokensPerSecond: 180, callsPerSecondMax: 20, ...steady },
  {
    slug: 'instant',
    price: 2.5,
    latencyMs: 120,
    tokensPerSecond: 400,
    failureShare: 0.004,
    callsPerSecondMax: 10,
    upMs: 3 * HOUR_MS,
    downMs: 5 * MINUTE_MS,
  },
];

/** Dollars per million tokens. */
const modelSpecs = [
  { slug: 'maker/small', share: 0.4, input: 0.15, output: 0.6, pace: 0.6 },
  { slug: 'maker/medium', share: 0.25, input: 0.5, output: 1.5, pace: 0.9 },
  { slug: 'maker/large', share: 0.18, input: 2, output: 8, pace: 1.2 },
  { slug: 'maker/thinking', share: 0.12, input: 3, output: 15, pace: 1.6 },
  { slug: 'maker/huge', share: 0.05, input: 10, output: 40, pace: 2 },
] as const;

const kinds: readonly OutageKind[] = ['reset', 'error', 'error', 'hang'];

function outagesOf({ upMs, downMs }: ProviderSpec, durationMs: number, draw: () => number): readonly Outage[] {
  const outages: Outage[] = [];
  let fromMs = exponential(upMs, draw);
  while (fromMs < durationMs) {
    const toMs = fromMs + exponential(downMs, draw);
    const kind = kinds[Math.floor(draw() * kinds.length)] ?? 'error';
    // Some outages take a part of the calls only, which is harder to see.
    outages.push({ fromMs, toMs, share: draw() < 0.3 ? 0.3 : 1, kind });
    fromMs = toMs + exponential(upMs, draw);
  }
  return outages;
}

function perMillion(usd: number) {
  return picodollarsFromUsdPerMillion(usd.toFixed(6));
}

function endpointOf(spec: ProviderSpec, model: (typeof modelSpecs)[number], jitter: number): Endpoint {
  const id = `${model.slug}@${spec.slug}`;
  const price = spec.price * jitter;
  return {
    id,
    modelSlug: model.slug,
    providerSlug: spec.slug,
    tag: spec.slug,
    upstreamModel: model.slug,
    contextTokensMax: 128_000,
    outputTokensMax: 16_384,
    inputTokensMax: null,
    serviceTier: 'default',
    regions: [],
    dataPolicy: unknownDataPolicy,
    isModerated: false,
    quantization: null,
    supportedParameters: ['max_tokens', 'temperature', 'tools', 'tool_choice'],
    markupBps: null,
    isEnabled: true,
    prices: {
      id: `${id}/1`,
      lines: [
        { meter: 'input', price: perMillion(model.input * price), aboveInputTokens: 0 },
        { meter: 'output', price: perMillion(model.output * price), aboveInputTokens: 0 },
      ],
      sourceUrl: 'https://market.test/prices',
      checkedOn: '2026-01-01',
      effectiveFrom: new Date(0),
    },
  };
}

const modelOf = (slug: string): Model => madeUpModel(slug, { description: 'A model of the simulation.' });

function providerOf({ slug }: ProviderSpec): ProviderInfo {
  const unknown = { privacyPolicyUrl: null, termsOfServiceUrl: null, statusPageUrl: null, headquarters: null };
  return { slug, name: slug, ...unknown, datacenters: [], isSandbox: false };
}

/** Five models at eight providers each. An outage of a provider takes all its endpoints; some have more of their own. */
export function createMarket({
  seed,
  durationMs,
}: {
  readonly seed: number;
  readonly durationMs: number;
}): SimulatedMarket {
  const draw = randomOf(seed);
  const endpoints = providers.flatMap((spec) => {
    const outages = outagesOf(spec, durationMs, draw);
    return modelSpecs.map((model): SimulatedEndpoint => {
      const { latencyMs, tokensPerSecond, failureShare, callsPerSecondMax } = spec;
      return {
        endpoint: endpointOf(spec, model, logNormal(1, 0.05, draw)),
        latencyMs: latencyMs * model.pace * logNormal(1, 0.1, draw),
        tokensPerSecond: (tokensPerSecond / model.pace) * logNormal(1, 0.1, draw),
        failureShare,
        callsPerSecondMax,
        outages,
      };
    });
  });
  const catalog = buildSnapshot(
    {
      authors: [{ slug: 'maker', name: 'Maker' }],
      providers: providers.map(providerOf),
      models: modelSpecs.map(({ slug }) => modelOf(slug)),
      endpoints: endpoints.map(({ endpoint }) => endpoint),
      aliases: [],
    },
    'simulation',
  );
  return {
    catalog,
    models: modelSpecs.map(({ slug, share }) => ({ slug, share })),
    endpoints: new Map(endpoints.map((simulated) => [simulated.endpoint.id, simulated])),
  };
}
