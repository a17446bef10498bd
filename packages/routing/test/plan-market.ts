import type { CatalogSnapshot, Endpoint, Model } from '@bourse/catalog';
import { buildSnapshot } from '@bourse/catalog';
import type { Meter } from '@bourse/generation';
import { picodollarsFromUsdPerUnit } from '@bourse/money';
import { type EndpointHealth, unknownHealth } from '../src/health.ts';
import { catalogOf, endpointOf, modelOf } from './builders.ts';

/**
 * The market of the plan's table. `maker/one` is served by three providers: alpha ($1 in, $2 out; in the US, keeps nothing), beta ($2, $4; in
 * Germany, keeps for 30 days) and gamma ($3, $6; says nothing of itself and can do little), and by alpha in two more tiers.
 */

const sampling = ['max_tokens', 'temperature', 'top_p'];
const all = [...sampling, 'tools', 'tool_choice', 'response_format', 'structured_outputs'];
const thinking = [...all, 'reasoning', 'verbosity'];

/** Adds prices per unit, in dollars. */
function alsoSold(endpoint: Endpoint, prices: Partial<Record<Meter, string>>): Endpoint {
  const lines = (Object.entries(prices) as [Meter, string][]).map(([meter, usd]) => ({
    meter,
    price: picodollarsFromUsdPerUnit(usd),
    aboveInputTokens: 0,
  }));
  return { ...endpoint, prices: { ...endpoint.prices, lines: [...endpoint.prices.lines, ...lines] } };
}

const none = { trains: false, retentionDays: 0 };
const month = { trains: false, retentionDays: 30 };
const alpha = { provider: 'alpha', supportedParameters: all, regions: ['US'], dataPolicy: none, quantization: 'bf16' };
const beta = {
  provider: 'beta',
  supportedParameters: thinking,
  regions: ['DE'],
  dataPolicy: month,
  quantization: 'fp8',
};
const gamma = { provider: 'gamma', supportedParameters: sampling };
const cheap = { input: '1', output: '2' };
const middle = { input: '2', output: '4' };
const dear = { input: '3', output: '6' };

/** A tenth of a cent per million tokens: cheaper than any input. */
const cached = { input_cache_read: '0.000000001' };
const one = [
  alsoSold(endpointOf({ ...alpha, ...cheap }), cached),
  alsoSold(endpointOf({ ...beta, ...middle }), cached),
  endpointOf({ ...gamma, ...dear, outputTokensMax: 4_096 }),
  endpointOf({ ...alpha, tag: 'alpha/flex', serviceTier: 'flex', input: '0.5', output: '1' }),
  endpointOf({ ...alpha, tag: 'alpha/priority', serviceTier: 'priority', input: '2.5', output: '5' }),
];
const ofModel = (model: string) => (spec: Parameters<typeof endpointOf>[0]) => endpointOf({ ...spec, model });
const two = [ofModel('maker/two')({ ...alpha, input: '5', output: '10' }), ofModel('maker/two')({ ...beta, ...cheap })];
const three = [ofModel('maker/three')({ ...gamma, input: '0.1', output: '0.2' })];
const gift = [
  ofModel('maker/gift')({ ...gamma, input: '0', output: '0' }),
  ofModel('maker/gift')({ ...alpha, ...cheap }),
  ofModel('maker/own:free')({ ...beta, input: '0', output: '0' }),
  ofModel('maker/own')({ ...beta, ...middle }),
];
const long = [
  ofModel('maker/long')({ ...alpha, ...cheap, contextTokensMax: 8_192 }),
  ofModel('maker/long')({ ...beta, ...middle, contextTokensMax: 1_000_000, inputTokensMax: 900_000 }),
];
const quantized = (['fp8', 'mxfp8', 'nvfp4', 'bf16', null] as const).map((quantization, index) =>
  ofModel('maker/quant')({ provider: `q${index + 1}`, quantization, input: `${index + 1}`, output: '1' }),
);
const called = ['t1', 't2', 't3', 't4', 't5'].map((provider, index) =>
  ofModel('maker/tools')({ provider, input: `${index + 1}`, output: '1' }),
);
const fees = [
  alsoSold(ofModel('maker/fee')({ ...alpha, ...cheap }), { request: '0.01', input_image: '0.002' }),
  alsoSold(ofModel('maker/fee')({ ...beta, ...middle }), { request: '0.001', input_image: '0.02' }),
];
/** One dear, one cheap, one new: what `bourse/auto` tells apart. */
const asked = [
  ofModel('anthropic/claude-sonnet-5')({ ...alpha, ...dear }),
  ofModel('openai/gpt-5-nano')({ ...alpha, input: '0.1', output: '0.2' }),
  alsoSold(ofModel('google/gemini-3-pro')({ ...beta, ...middle }), cached),
];

function expiring(slug: string, expiresOn: string, successorSlug: string | null): Model {
  return { ...modelOf(slug), expiresOn, successorSlug };
}

const models: readonly Model[] = [
  { ...modelOf('maker/one'), isDistillable: true },
  { ...modelOf('maker/two'), isDistillable: false },
  { ...modelOf('maker/own:free'), variant: 'free' },
  modelOf('maker/fee', ['text', 'image']),
  { ...modelOf('google/gemini-3-pro', ['text', 'image']), releasedOn: '2026-06-01' },
  expiring('maker/old', '2026-01-01', 'maker/one'),
  expiring('maker/older', '2025-01-01', 'maker/old'),
  expiring('maker/gone', '2026-01-01', null),
  expiring('maker/leaving', '2027-01-01', 'maker/one'),
  modelOf('maker/unserved'),
  { ...modelOf('maker/vectors'), outputModalities: ['embeddings'] },
];

function withAliases(catalog: CatalogSnapshot, aliases: Readonly<Record<string, string>>): CatalogSnapshot {
  const list = Object.entries(aliases).map(([alias, modelSlug]) => ({ alias, name: alias, modelSlug }));
  const { authors, providers, endpointsByModel } = catalog;
  const lists = { authors: [...authors.values()], providers: [...providers.values()] };
  const endpoints = [...endpointsByModel.values()].flat();
  return buildSnapshot({ ...lists, models: [...catalog.models.values()], endpoints, aliases: list }, 'table');
}

const leaving = [ofModel('maker/leaving')({ ...gamma, ...cheap })];
const vectors = [ofModel('maker/vectors')({ ...gamma, ...cheap })];
const served = [one, two, three, gift, long, quantized, called, fees, asked, leaving, vectors].flat();

/** All of it. */
export const market = withAliases(catalogOf(served, models), {
  '~maker/one-latest': 'maker/one',
  'maker/uno': 'maker/one',
});

const same = (value: number) => ({ p50: value, p75: value * 1.5, p90: value * 2, p99: value * 4 });

/** What was measured of `maker/one`: alpha is slow, beta answers first, gamma writes fastest. */
export const measured: Readonly<Record<string, Partial<EndpointHealth>>> = {
  'maker/one@alpha': { latencyMs: same(800), tokensPerSecond: same(50) },
  'maker/one@beta': { latencyMs: same(300), tokensPerSecond: same(100) },
  'maker/one@gamma': { latencyMs: same(500), tokensPerSecond: same(200) },
  'maker/one@alpha/priority': { latencyMs: same(100), tokensPerSecond: same(400) },
};

/** Enough attempts to judge; of `maker/tools`. */
export function tools(toolSuccess: number, tokensPerSecond: number): Partial<EndpointHealth> {
  return { quality: { toolSuccess, tokensPerSecond, attempts: 500, toolAnswers: 400 } };
}

/** Health by endpoint id: what a case says, else what was measured, else nothing. */
export function healthOf(said: Readonly<Record<string, Partial<EndpointHealth>>>): (id: string) => EndpointHealth {
  return (id) => ({ ...unknownHealth, ...measured[id], ...said[id] });
}
