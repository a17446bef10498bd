import type { Prompt, ProviderPreferences } from '@bourse/generation';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { endpointOf, inputOf, modelOf, promptOf } from '../test/builders.ts';
import { unknownHealth } from './health.ts';
import { planRoute } from './plan-route.ts';
import type { PlanInput, RoutePlan } from './types.ts';

const cheap = endpointOf({ provider: 'cheap', input: '1', output: '2' });
const middle = endpointOf({ provider: 'middle', input: '2', output: '4' });
const dear = endpointOf({ provider: 'dear', input: '3', output: '6' });
const all = [cheap, middle, dear];

const providersOf = (plan: RoutePlan) =>
  plan.kind === 'routed' ? plan.candidates.map(({ endpoint }) => endpoint.tag) : plan.reason;
const reasonsOf = (plan: RoutePlan) => Object.fromEntries(plan.excluded.map((each) => [each.endpointId, each.reason]));
const preferring = (preferences: ProviderPreferences) => promptOf({ preferences });

describe('planRoute: order', () => {
  test('draws the first and continues by price', () => {
    expect(providersOf(planRoute(inputOf(all)))).toEqual(['cheap', 'middle', 'dear']);
    expect(providersOf(planRoute(inputOf(all, { draw: () => 0.9999 })))).toEqual(['dear', 'cheap', 'middle']);
  });

  test('sends those with an outage to the back, however cheap, and keeps them', () => {
    const health: PlanInput['health'] = (id) => ({ ...unknownHealth, isOut: id === cheap.id });
    expect(providersOf(planRoute(inputOf(all, { health })))).toEqual(['middle', 'dear', 'cheap']);
    expect(providersOf(planRoute(inputOf(all, { health: () => ({ ...unknownHealth, isOut: true }) })))).toEqual([
      'cheap',
      'middle',
      'dear',
    ]);
  });

  test('sorts by price when asked to, without a draw', () => {
    const draw = () => expect.unreachable('a sort leaves nothing to chance');
    const byPrice = inputOf([dear, cheap, middle], { prompt: preferring({ sort: 'price' }), draw });
    expect(providersOf(planRoute(byPrice))).toEqual(['cheap', 'middle', 'dear']);
    const floor = inputOf(all, { prompt: promptOf({ model: 'maker/one:floor' }), draw });
    expect(providersOf(planRoute(floor))).toEqual(['cheap', 'middle', 'dear']);
  });

  test.each(['throughput', 'latency', 'exacto'] as const)('accepts sort by %s and orders by default', (sort) => {
    expect(providersOf(planRoute(inputOf(all, { prompt: preferring({ sort }) })))).toEqual(['cheap', 'middle', 'dear']);
  });

  test('accepts :nitro and orders by default', () => {
    const prompt = promptOf({ model: 'maker/one:nitro' });
    expect(providersOf(planRoute(inputOf(all, { prompt })))).toEqual(['cheap', 'middle', 'dear']);
  });

  test('tries the providers of `order` first, by slug or tag in any case, and then the others', () => {
    const small = endpointOf({ provider: 'dear', tag: 'dear/fp8', input: '9', output: '9' });
    const plan = (order: readonly string[]) =>
      providersOf(planRoute(inputOf([...all, small], { prompt: preferring({ order }) })));
    expect(plan(['DEAR', 'nobody', 'middle'])).toEqual(['dear', 'dear/fp8', 'middle', 'cheap']);
    expect(plan(['dear/fp8'])).toEqual(['dear/fp8', 'cheap', 'middle', 'dear']);
  });

  test('compares what the customer pays: an own markup can make the cheap one dear', () => {
    const marked = endpointOf({ provider: 'cheap', input: '1', output: '2', markupBps: 90_000 });
    const plan = planRoute(inputOf([marked, middle], { prompt: preferring({ sort: 'price' }), markupBpsDefault: 550 }));
    expect(providersOf(plan)).toEqual(['middle', 'cheap']);
    expect(plan.kind === 'routed' && plan.candidates.map(({ markupBps }) => markupBps)).toEqual([550, 90_000]);
  });

  test('prefers the free among the paid, and draws evenly among the free', () => {
    const free = (provider: string) => endpointOf({ provider, input: '0', output: '0' });
    const endpoints = [cheap, free('a'), free('b')];
    expect(providersOf(planRoute(inputOf(endpoints, { draw: () => 0.49 })))).toEqual(['a', 'b', 'cheap']);
    expect(providersOf(planRoute(inputOf(endpoints, { draw: () => 0.51 })))).toEqual(['b', 'a', 'cheap']);
    expect(providersOf(planRoute(inputOf(endpoints, { draw: () => 0.9999 })))).toEqual(['b', 'a', 'cheap']);
  });

  test('picks first by 1/price^2: prices 1, 2, 3 win in the ratio 36 : 9 : 4', () => {
    let seed = 42;
    const draw = () => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed / 2 ** 32;
    };
    const input = inputOf(all, { draw });
    const wins = new Map<string, number>();
    const rounds = 100_000;
    for (let round = 0; round < rounds; round += 1) {
      const plan = planRoute(input);
      const winner = plan.kind === 'routed' ? plan.candidates[0].endpoint.tag : 'nobody';
      wins.set(winner, (wins.get(winner) ?? 0) + 1);
    }
    expect((wins.get('cheap') ?? 0) / rounds).toBeCloseTo(36 / 49, 2);
    expect((wins.get('middle') ?? 0) / rounds).toBeCloseTo(9 / 49, 2);
    expect((wins.get('dear') ?? 0) / rounds).toBeCloseTo(4 / 49, 2);
  });
});

describe('planRoute: fallbacks', () => {
  const two = endpointOf({ model: 'maker/two', provider: 'cheap' });

  test('appends the endpoints of fallback models in their order', () => {
    const prompt = promptOf({ modelFallbacks: ['maker/two'] });
    const plan = planRoute(inputOf([...all, two], { prompt }));
    expect(plan.kind === 'routed' && plan.candidates.map(({ endpoint }) => endpoint.id)).toEqual([
      'maker/one@cheap',
      'maker/one@middle',
      'maker/one@dear',
      'maker/two@cheap',
    ]);
    expect(plan.kind === 'routed' && plan.model.slug).toBe('maker/one');
  });

  test('keeps room for every fallback model within five candidates and names those it cut', () => {
    const many = ['a', 'b', 'c', 'd', 'e', 'f'].map((provider) => endpointOf({ provider }));
    const plan = planRoute(inputOf([...many, two], { prompt: promptOf({ modelFallbacks: ['maker/two'] }) }));
    expect(providersOf(plan)).toEqual(['a', 'b', 'c', 'd', 'cheap']);
    expect(reasonsOf(plan)).toEqual({ 'maker/one@e': 'candidate_limit', 'maker/one@f': 'candidate_limit' });
  });

  test('goes to the fallback when the first name is unknown, and says so', () => {
    const prompt = promptOf({ model: 'maker/gone', modelFallbacks: ['maker/two'] });
    const plan = planRoute(inputOf([...all, two], { prompt }));
    expect(plan).toMatchObject({ kind: 'routed', model: { slug: 'maker/two' }, unknownModels: ['maker/gone'] });
  });

  test('plans a model once when it is named twice', () => {
    const prompt = promptOf({ modelFallbacks: ['maker/one:floor', 'maker/one'] });
    expect(providersOf(planRoute(inputOf(all, { prompt })))).toEqual(['cheap', 'middle', 'dear']);
  });

  test('tries one endpoint only when fallbacks are not allowed', () => {
    const plan = planRoute(inputOf(all, { prompt: preferring({ allowFallbacks: false }) }));
    expect(providersOf(plan)).toEqual(['cheap']);
    expect(new Set(Object.values(reasonsOf(plan)))).toEqual(new Set(['fallbacks_disallowed']));
  });

  test('tries the providers of `order` only when fallbacks are not allowed', () => {
    const plan = planRoute(inputOf(all, { prompt: preferring({ allowFallbacks: false, order: ['dear', 'middle'] }) }));
    expect(providersOf(plan)).toEqual(['dear', 'middle']);
    expect(reasonsOf(plan)).toEqual({ 'maker/one@cheap': 'not_in_order' });
  });
});

describe('planRoute: filters', () => {
  const tool = { name: 'f' };
  const image = { type: 'image', url: 'https://example.test/cat.png' } as const;
  const plain = endpointOf({ provider: 'middle', supportedParameters: ['max_tokens'] });

  test.each<readonly [reason: string, prompt: Prompt, endpoint: ReturnType<typeof endpointOf>]>([
    ['disabled', promptOf(), endpointOf({ provider: 'middle', isEnabled: false })],
    ['not_in_only', preferring({ only: ['cheap'] }), middle],
    ['provider_ignored', preferring({ ignore: ['Middle'] }), middle],
    ['data_policy_training', preferring({ dataCollection: 'deny' }), middle],
    ['data_policy_zdr', preferring({ zdr: true }), middle],
    ['quantization', preferring({ quantizations: ['fp16'] }), middle],
    ['tools_unsupported', promptOf({ tools: [tool] }), plain],
    ['require_parameters', promptOf({ parameters: ['temperature'], preferences: { requireParameters: true } }), plain],
    ['max_price', preferring({ maxPrice: { prompt: '1.5' } }), middle],
    ['max_price', preferring({ maxPrice: { completion: '3.999999' } }), middle],
    ['output_cap', promptOf({ outputTokensMax: 20_000 }), middle],
    [
      'context_length',
      promptOf({ outputTokensMax: 9_000 }),
      endpointOf({ provider: 'middle', contextTokensMax: 8_192 }),
    ],
    ['modality', promptOf({}, [image]), middle],
  ])('leaves an endpoint out for %s and says so', (reason, prompt, endpoint) => {
    const good = endpointOf({ provider: 'toy', model: 'maker/two', quantization: 'fp16', outputTokensMax: null });
    const input = inputOf([endpoint, good], {
      prompt: {
        ...prompt,
        modelFallbacks: ['maker/two'],
        preferences: { ...prompt.preferences, ...(prompt.preferences.only ? { only: ['cheap', 'toy'] } : {}) },
      },
      models: [modelOf('maker/two', ['text', 'image'])],
    });
    const plan = planRoute(input);
    expect(providersOf(plan)).toEqual(['toy']);
    expect(reasonsOf(plan)).toEqual({ 'maker/one@middle': reason });
  });

  test('leaves out providers without a credential', () => {
    const plan = planRoute(inputOf(all, { configuredProviders: new Set(['dear']) }));
    expect(providersOf(plan)).toEqual(['dear']);
    expect(reasonsOf(plan)).toEqual({
      'maker/one@cheap': 'provider_not_configured',
      'maker/one@middle': 'provider_not_configured',
    });
  });

  test('takes the ceilings of max_price as what the customer pays, markup included, up to and including them', () => {
    const at = (markupBpsDefault: number) =>
      planRoute(
        inputOf([cheap], { prompt: preferring({ maxPrice: { prompt: '1', completion: '2' } }), markupBpsDefault }),
      );
    expect(at(0).kind).toBe('routed');
    expect(at(1).kind).toBe('unroutable');
  });

  test('holds max_price against the dearest tier that the prompt may reach', () => {
    const tiered = endpointOf({ provider: 'tiered', above: { tokens: 1_000, input: '5' } });
    const plan = (inputBytes: number) =>
      planRoute(inputOf([tiered], { prompt: promptOf({ inputBytes, preferences: { maxPrice: { prompt: '2' } } }) }))
        .kind;
    expect(plan(1_000)).toBe('routed');
    expect(plan(1_001)).toBe('unroutable');
  });

  test('says which price of max_price is none', () => {
    const prompt = preferring({ maxPrice: { completion: 'cheap' } });
    expect(() => planRoute(inputOf(all, { prompt }))).toThrow(
      expect.objectContaining({ code: 'invalid_request', metadata: { path: 'provider.max_price.completion' } }),
    );
  });

  test('takes fp8 and fp4 as families', () => {
    const endpoints = ['fp8', 'mxfp8', 'nvfp4', 'bf16'].map((quantization) =>
      endpointOf({ provider: quantization, quantization }),
    );
    const plan = (quantizations: readonly string[]) =>
      providersOf(planRoute(inputOf(endpoints, { prompt: preferring({ quantizations }) })));
    expect(plan(['fp8'])).toEqual(['fp8', 'mxfp8']);
    expect(plan(['fp4', 'bf16'])).toEqual(['bf16', 'nvfp4']);
    expect(plan(['unknown'])).toBe('no_endpoint_allowed');
  });

  test('lets sandbox providers pass any data policy: they keep nothing', () => {
    const toy = endpointOf({ provider: 'toy' });
    expect(
      providersOf(planRoute(inputOf([toy], { prompt: preferring({ zdr: true, dataCollection: 'deny' }) }))),
    ).toEqual(['toy']);
  });

  test('ignores empty lists: they are what clients send for no wish', () => {
    const prompt = preferring({ only: [], ignore: [], order: [], allowFallbacks: true });
    expect(providersOf(planRoute(inputOf(all, { prompt })))).toEqual(['cheap', 'middle', 'dear']);
  });

  test('keeps only those that can give the response format, if anybody can', () => {
    const prompt = promptOf({ responseFormat: { type: 'json_schema', name: 'answer' } });
    const plan = planRoute(inputOf([plain, cheap], { prompt }));
    expect(providersOf(plan)).toEqual(['cheap']);
    expect(reasonsOf(plan)).toEqual({ 'maker/one@middle': 'response_format_unsupported' });
    expect(providersOf(planRoute(inputOf([plain], { prompt })))).toEqual(['middle']);
  });

  test('accepts max_completion_tokens where max_tokens is supported', () => {
    const prompt = promptOf({ parameters: ['max_completion_tokens'], preferences: { requireParameters: true } });
    expect(providersOf(planRoute(inputOf([plain], { prompt })))).toEqual(['middle']);
  });

  test('does not take many bytes for many tokens: only text that cannot fit is refused', () => {
    const picture = { type: 'image', url: `data:image/png;base64,${'A'.repeat(2_000_000)}` } as const;
    const models = [modelOf('maker/one', ['text', 'image'])];
    const seen = planRoute(inputOf(all, { prompt: promptOf({ inputBytes: 2_000_000 }, [picture]), models }));
    expect(seen.kind).toBe('routed');
    const long = promptOf({ inputBytes: 2_000_000 }, [{ type: 'text', text: 'a'.repeat(2_000_000) }]);
    expect(providersOf(planRoute(inputOf(all, { prompt: long })))).toBe('context_too_long');
  });

  test(':free keeps zero-priced endpoints only', () => {
    const free = endpointOf({ provider: 'free', input: '0', output: '0' });
    const plan = planRoute(inputOf([free, cheap], { prompt: promptOf({ model: 'maker/one:free' }) }));
    expect(providersOf(plan)).toEqual(['free']);
    expect(reasonsOf(plan)).toEqual({ 'maker/one@cheap': 'not_free' });
  });
});

describe('planRoute: laws', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'] as const;
  const anyInput = fc
    .record({
      prices: fc.array(fc.constantFrom('0', '0.1', '1', '2.5', '30'), { minLength: 7, maxLength: 7 }),
      isEnabled: fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }),
      configured: fc.subarray([...names]),
      out: fc.subarray([...names]),
      only: fc.subarray([...names]),
      ignore: fc.subarray([...names], { maxLength: 2 }),
      order: fc.shuffledSubarray([...names]),
      allowFallbacks: fc.boolean(),
      sort: fc.constantFrom(undefined, 'price' as const, 'latency' as const),
      draw: fc.double({ min: 0, max: 0.999_999, noNaN: true }),
    })
    .map(({ prices, isEnabled, configured, out, draw, sort, ...lists }) => {
      const endpoints = names.map((provider, index) =>
        endpointOf({
          provider,
          model: index < 5 ? 'maker/one' : 'maker/two',
          input: prices[index] ?? '1',
          isEnabled: isEnabled[index] ?? true,
        }),
      );
      const preferences = { ...lists, ...(sort === undefined ? {} : { sort }) };
      return inputOf(endpoints, {
        prompt: promptOf({ preferences, modelFallbacks: ['maker/two'] }),
        configuredProviders: new Set(configured),
        health: (id) => ({ ...unknownHealth, isOut: out.some((name) => id.endsWith(`@${name}`)) }),
        draw: () => draw,
      });
    });

  test('a plan is an ordering of allowed endpoints and nothing else', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const plan = planRoute(input);
        const { only = [], ignore = [], order = [], allowFallbacks } = input.prompt.preferences;
        const everything = [...input.catalog.endpointsByModel.values()].flat().map(({ id }) => id);
        const candidates = plan.kind === 'routed' ? plan.candidates : [];
        const seen = [
          ...candidates.map(({ endpoint }) => endpoint.id),
          ...plan.excluded.map(({ endpointId }) => endpointId),
        ];
        expect(seen.toSorted()).toEqual(everything.toSorted());
        expect(candidates.length).toBeLessThanOrEqual(5);
        for (const { endpoint } of candidates) {
          expect(endpoint.isEnabled).toBe(true);
          expect(input.configuredProviders.has(endpoint.providerSlug)).toBe(true);
          expect(ignore).not.toContain(endpoint.providerSlug);
          if (only.length > 0) expect(only).toContain(endpoint.providerSlug);
          if (order.length > 0 && allowFallbacks === false) expect(order).toContain(endpoint.providerSlug);
        }
        const models = candidates.map(({ endpoint }) => endpoint.modelSlug);
        expect(models).toEqual(models.toSorted());
      }),
    );
  });

  test('the same inputs and draws give the same plan', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        expect(planRoute(input)).toEqual(planRoute(input));
      }),
    );
  });

  test('no healthy endpoint comes after one with an outage unless the customer ordered it so', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const plan = planRoute(input);
        if (plan.kind !== 'routed' || input.prompt.preferences.sort === 'price') return;
        for (const model of ['maker/one', 'maker/two']) {
          const unordered = plan.candidates
            .filter(({ endpoint }) => endpoint.modelSlug === model)
            .filter(({ endpoint }) => !input.prompt.preferences.order?.includes(endpoint.providerSlug))
            .map(({ endpoint }) => Number(input.health(endpoint.id).isOut));
          expect(unordered).toEqual(unordered.toSorted((a, b) => a - b));
        }
      }),
    );
  });
});
