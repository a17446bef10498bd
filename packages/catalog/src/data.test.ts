import { readdirSync, readFileSync } from 'node:fs';
import type { Meter, Usage } from '@bourse/generation';
import { costTotal, usdNumber } from '@bourse/money';
import { calcPrice, findProvider } from '@pydantic/genai-prices';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { buildSnapshot, loadCatalogData } from './data.ts';
import type { Endpoint } from './types.ts';

const data = loadCatalogData();
const snapshot = buildSnapshot(data, 'test');
const real = data.endpoints.filter((endpoint) => !snapshot.providers.get(endpoint.providerSlug)?.isSandbox);
const sandbox = data.endpoints.filter((endpoint) => !real.includes(endpoint));

const converses = (slug: string) => snapshot.models.get(slug)?.outputModalities.includes('text') === true;

describe('the maintained catalog', () => {
  test('has at least 300 models of at least 25 real providers, a hundred of them with a choice of provider', () => {
    const models = new Set(real.map(({ modelSlug }) => modelSlug));
    expect(models.size).toBeGreaterThanOrEqual(300);
    expect(new Set(real.map(({ providerSlug }) => providerSlug)).size).toBeGreaterThanOrEqual(25);
    const withChoice = [...models].filter((slug) => (snapshot.endpointsByModel.get(slug)?.length ?? 0) >= 2);
    expect(withChoice.length).toBeGreaterThanOrEqual(100);
  });

  test('has a newest model for each of at least twenty families, and free variants beside what they are variants of', () => {
    expect(data.aliases.length).toBeGreaterThanOrEqual(20);
    for (const { modelSlug } of data.aliases) expect(snapshot.endpointsByModel.has(modelSlug), modelSlug).toBe(true);
    const free = data.models.filter(({ variant }) => variant === 'free');
    expect(free.length).toBeGreaterThanOrEqual(5);
    expect(free.every(({ slug }) => slug.endsWith(':free'))).toBe(true);
  });

  test('sells every model: none is without an endpoint, and no author or provider is without a use', () => {
    expect(data.models.filter(({ slug }) => !snapshot.endpointsByModel.has(slug))).toEqual([]);
    const authors = new Set(data.models.map(({ authorSlug }) => authorSlug));
    expect(data.authors.filter(({ slug }) => !authors.has(slug))).toEqual([]);
    const providers = new Set(data.endpoints.map(({ providerSlug }) => providerSlug));
    expect(data.providers.filter(({ slug }) => !providers.has(slug))).toEqual([]);
  });

  test('says of every real price where and when it was read', () => {
    for (const { prices } of real) {
      expect(prices.sourceUrl).toMatch(/^https:\/\//);
      expect(prices.checkedOn).toMatch(/^20\d\d-\d\d-\d\d$/);
      expect(prices.lines.length).toBeGreaterThanOrEqual(1);
    }
  });

  test('knows no context and no output that contradict one another', () => {
    for (const { id, modelSlug, contextTokensMax, outputTokensMax } of data.endpoints) {
      expect(contextTokensMax).toBeGreaterThan(0);
      expect(outputTokensMax ?? 1, id).toBeLessThanOrEqual(contextTokensMax);
      const model = snapshot.models.get(modelSlug)?.contextTokensMax ?? Number.POSITIVE_INFINITY;
      // Hosts round windows up to thousands; a window twice the model's would be a slip.
      expect(contextTokensMax, id).toBeLessThanOrEqual(model * 1.1);
    }
  });

  test('promises only parameters of the public vocabulary', () => {
    const vocabulary = new Set(
      (
        'temperature top_p top_k min_p top_a frequency_penalty presence_penalty repetition_penalty max_tokens ' +
        'max_completion_tokens logit_bias logprobs top_logprobs prediction seed response_format structured_outputs stop ' +
        'tools tool_choice parallel_tool_calls include_reasoning reasoning reasoning_effort web_search_options verbosity'
      ).split(' '),
    );
    for (const { supportedParameters, modelSlug } of data.endpoints) {
      expect(supportedParameters.filter((name) => !vocabulary.has(name))).toEqual([]);
      // What is no conversation has parameters of its own, which are not in the vocabulary.
      if (converses(modelSlug)) expect(supportedParameters).toContain('max_tokens');
      else expect(supportedParameters).toEqual([]);
    }
  });

  test('gives nothing away but what is called free, and what the sandbox gives', () => {
    const isFree = ({ prices }: Endpoint) => prices.lines.some(({ price }) => price === 0n);
    expect(real.filter((each) => isFree(each) !== each.modelSlug.endsWith(':free'))).toEqual([]);
    expect(sandbox.filter(isFree).map(({ modelSlug }) => modelSlug)).toEqual(['sandbox/echo-free']);
  });
});

describe('the sandbox market', () => {
  const tagsOf = (slug: string) => snapshot.endpointsByModel.get(slug)?.map(({ providerSlug }) => providerSlug) ?? [];

  test.each(['atlas-1', 'atlas-1-mini', 'atlas-instant', 'atlas-reason', 'atlas-tool'])(
    'offers %s at two prices',
    (name) => {
      const endpoints = snapshot.endpointsByModel.get(`sandbox/${name}`) ?? [];
      const prices = new Set(endpoints.map(({ prices: { lines } }) => lines[0]?.price));
      expect(prices.size).toBeGreaterThanOrEqual(2);
      expect([...prices].every((price) => price !== undefined && price > 0n)).toBe(true);
    },
  );

  test('offers a fallback whose cheapest endpoint always fails and whose other one answers', () => {
    const endpoints = snapshot.endpointsByModel.get('sandbox/fallback') ?? [];
    const byPrice = endpoints.toSorted((a, b) => (inputPrice(a) < inputPrice(b) ? -1 : 1));
    expect(byPrice.map(({ upstreamModel }) => upstreamModel)).toEqual(['fault-500', 'atlas-instant']);
    expect(inputPrice(byPrice[1]) / inputPrice(byPrice[0])).toBeGreaterThanOrEqual(10n);
  });

  test('offers every fault by name, from one provider, so that the fault is seen and not routed around', () => {
    const faults = [...snapshot.models.keys()].filter((slug) => slug.startsWith('sandbox/fault-'));
    expect(faults.length).toBeGreaterThanOrEqual(20);
    for (const slug of faults) {
      expect(tagsOf(slug)).toHaveLength(1);
      expect(`sandbox/${snapshot.endpointsByModel.get(slug)?.[0]?.upstreamModel}`).toBe(slug);
    }
  });
});

function inputPrice(endpoint: Endpoint | undefined): bigint {
  return endpoint?.prices.lines.find(({ meter }) => meter === 'input')?.price ?? 0n;
}

/** Our lines for a usage, picked in the plainest way: the tier above, else the base. Billing has its own picker. */
function costOf(endpoint: Endpoint, usage: Usage, inputTokens: number): number {
  const lines = Object.entries(usage).map(([meter, quantity]) => {
    const own = endpoint.prices.lines.filter(
      (each) => each.meter === meter && each.aboveInputTokens < Math.max(inputTokens, 1),
    );
    const best = own.toSorted((a, b) => b.aboveInputTokens - a.aboveInputTokens)[0];
    if (best === undefined) throw new Error(`${endpoint.id} has no price for ${meter}`);
    return { quantity, price: best.price };
  });
  return usdNumber(costTotal(lines));
}

const folder = new URL('../data/', import.meta.url);
const offerFile = z.object({
  provider: z.string(),
  source: z.object({
    package: z.string(),
    providerId: z.string().optional(),
    list: z.string().optional(),
    checkedOn: z.string(),
  }),
  endpoints: z.array(
    z.object({
      model: z.string(),
      tag: z.string().optional(),
      upstreamModel: z.string(),
      sourceModel: z.string().optional(),
    }),
  ),
});
const packaged = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.json'))
  .flatMap((name): unknown => JSON.parse(readFileSync(new URL(name, folder), 'utf8')))
  .flatMap((file) => offerFile.safeParse(file).data ?? [])
  .flatMap(({ provider, source: { package: from, providerId, list, checkedOn }, endpoints }) =>
    endpoints.map(({ model, tag = provider, upstreamModel, sourceModel }) => ({
      from,
      checkedOn,
      id: `${model}@${tag}`,
      providerId: providerId ?? list ?? '',
      // One company behind a provider that routes to several is named after a colon.
      name: sourceModel ?? (tag === provider ? upstreamModel : upstreamModel.replace(/:[a-z-]+$/, '')),
    })),
  );
const sourced = packaged.filter(({ from }) => from.startsWith('@pydantic/genai-prices@'));

describe('the prices, held against the calculator of their own source', () => {
  test('all come from a package: what is curated by hand is what no source prices', () => {
    const curated = ['cohere/rerank-v3.5@cohere', 'openai/tts-1@openai', 'openai/tts-1-hd@openai'];
    expect([...packaged.map(({ id }) => id), ...curated].toSorted()).toEqual(real.map(({ id }) => id).toSorted());
  });

  test.each(sourced)('$id costs what the source says, below and above its tiers', (entry) => {
    const endpoint = real.find(({ id }) => id === entry.id);
    const provider = findProvider({ providerId: entry.providerId });
    if (endpoint === undefined || provider === undefined) return expect.unreachable('the endpoint exists');
    const meters = new Set<Meter>(endpoint.prices.lines.map(({ meter }) => meter));
    for (const input of [1, 999, 150_000, 600_000]) {
      const cached = meters.has('input_cache_read') ? 700 : 0;
      const written = meters.has('input_cache_write') ? 300 : 0;
      const outputTokens = meters.has('output') ? 321 : 0;
      const isByTheHour = meters.has('audio_second');
      const usage: Usage = {
        ...(isByTheHour ? { audio_second: input } : { input }),
        ...(cached > 0 ? { input_cache_read: cached } : {}),
        ...(written > 0 ? { input_cache_write: written } : {}),
        ...(outputTokens > 0 ? { output: outputTokens } : {}),
        ...(meters.has('request') ? { request: 1 } : {}),
      };
      const theirs = {
        ...(isByTheHour
          ? { audio_seconds: input, input_audio_seconds: input }
          : { input_tokens: input + cached + written }),
        cache_read_tokens: cached,
        cache_write_tokens: written,
        output_tokens: outputTokens,
      };
      // Prices that depend on the hour are listed at their dearest; 2 and 12 o'clock lie within and outside such windows.
      const expected = ['02:30', '12:30'].map((hour) => {
        const timestamp = new Date(`${entry.checkedOn}T${hour}:00Z`);
        return calcPrice(theirs, entry.name, { provider, timestamp })?.total_price ?? Number.NaN;
      });
      // The source calculates in floating point; ours is exact and rounds up to a nanodollar.
      expect(costOf(endpoint, usage, input + cached + written)).toBeCloseTo(Math.max(...expected), 7);
    }
  });
});
