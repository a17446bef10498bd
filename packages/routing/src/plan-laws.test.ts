import type { ProviderPreferences } from '@bourse/generation';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { endpointOf, inputOf, promptOf } from '../test/builders.ts';
import { market } from '../test/plan-market.ts';
import { type EndpointHealth, unknownHealth } from './health.ts';
import { planRoute } from './plan-route.ts';
import type { OwnCredential, PlanInput, RoutePlan } from './types.ts';

const providers = ['alpha', 'beta', 'gamma', 'q1', 't1'] as const;
const tags = [...providers, 'alpha/flex', 'alpha/priority', 'nobody'] as const;
const names = [
  'maker/one',
  'maker/two',
  'maker/three',
  'maker/gift',
  'maker/quant',
  'maker/tools',
  'maker/old',
  'maker/gone',
];
const suffixes = ['', '', '', ':nitro', ':floor', ':exacto', ':free', ':thinking', ':extended', ':online'];

const anyName = fc
  .tuple(
    fc.constantFrom(...names, '~maker/one-latest', 'bourse/auto', 'bourse/free', 'none/such'),
    fc.constantFrom(...suffixes),
  )
  .map(([name, suffix]) => `${name}${suffix}`);
const anyTags = fc.uniqueArray(fc.constantFrom(...tags), { maxLength: 3 });
const anyBounds = fc.record({ p50: fc.nat(300), p99: fc.nat(900) }, { requiredKeys: [] });
const everyPreference: fc.Arbitrary<Required<ProviderPreferences>> = fc.record({
  order: anyTags,
  only: anyTags,
  ignore: anyTags,
  allowFallbacks: fc.boolean(),
  requireParameters: fc.boolean(),
  dataCollection: fc.constantFrom('allow' as const, 'deny' as const),
  zdr: fc.boolean(),
  isDistillableOnly: fc.boolean(),
  regions: fc.subarray(['US', 'EU', 'JP'], { minLength: 1 }),
  quantizations: fc.subarray(['fp8', 'bf16', 'unknown'], { minLength: 1 }),
  sort: fc.constantFrom('price' as const, 'throughput' as const, 'latency' as const, 'exacto' as const),
  partition: fc.constantFrom('model' as const, 'none' as const),
  maxPrice: fc.record({ prompt: fc.constantFrom('0', '1', '2.5') }),
  throughputMin: anyBounds,
  latencyMax: anyBounds,
});
/** A few at a time: all together would leave nobody. */
const anyPreferences: fc.Arbitrary<ProviderPreferences> = everyPreference.chain((all) =>
  fc.subarray(Object.entries(all), { maxLength: 3 }).map((entries): ProviderPreferences => Object.fromEntries(entries)),
);
const measures = fc.nat(900).map((p50) => ({ p50, p75: p50 + 1, p90: p50 + 2, p99: p50 + 9 }));
const anyHealth: fc.Arbitrary<EndpointHealth> = fc.record({
  isOut: fc.boolean(),
  uptime: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
  latencyMs: fc.option(measures),
  tokensPerSecond: fc.option(measures),
  quality: fc.record({
    tokensPerSecond: fc.option(fc.nat(500)),
    toolSuccess: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    attempts: fc.nat(500),
    toolAnswers: fc.nat(500),
  }),
});
const endpoints = [...market.endpointsByModel.values()].flat();
const anyOwn: fc.Arbitrary<OwnCredential> = fc.record({
  id: fc.constantFrom('k1', 'k2'),
  rank: fc.constantFrom('prioritized' as const, 'fallback' as const),
  position: fc.nat(3),
  isExclusive: fc.boolean(),
});

const anyInput: fc.Arbitrary<PlanInput> = fc
  .record({
    model: anyName,
    modelFallbacks: fc.uniqueArray(anyName, { maxLength: 3 }),
    preferences: anyPreferences,
    hasTools: fc.boolean(),
    outputTokensMax: fc.option(fc.integer({ min: 1, max: 20_000 })),
    serviceTier: fc.option(fc.constantFrom('flex', 'priority', 'default')),
    health: fc.dictionary(fc.constantFrom(...endpoints.map(({ id }) => id)), anyHealth, { maxKeys: 8 }),
    configured: fc.subarray([...market.providers.keys()], { minLength: 4 }),
    stopped: fc.option(fc.constantFrom(...providers)),
    sticky: fc.option(fc.constantFrom(...endpoints.map(({ id }) => id))),
    own: fc.option(
      fc.dictionary(fc.constantFrom('maker/one@beta', 'maker/two@alpha'), fc.array(anyOwn, { maxLength: 2 })),
    ),
    draw: fc.double({ min: 0, max: 0.999_999, noNaN: true }),
  })
  .map(({ model, modelFallbacks, preferences, hasTools, outputTokensMax, serviceTier, health, own, ...rest }) => ({
    ...inputOf([]),
    prompt: promptOf({
      model,
      modelFallbacks,
      preferences,
      tools: hasTools ? [{ name: 'f' }] : [],
      parameters: hasTools ? ['tools'] : [],
      ...(outputTokensMax === null ? {} : { outputTokensMax }),
      ...(serviceTier === null ? {} : { serviceTier }),
    }),
    catalog: market,
    configuredProviders: new Set(rest.configured),
    health: (id: string) => health[id] ?? unknownHealth,
    isStopped: ({ providerSlug }: { providerSlug: string }) => providerSlug === rest.stopped,
    stickyEndpointId: rest.sticky,
    draw: () => rest.draw,
    ...(own === null ? {} : { ownCredentials: ({ id }: { id: string }) => own[id] ?? [] }),
  }));

const candidatesOf = (plan: RoutePlan) => (plan.kind === 'routed' ? plan.candidates : []);

/** The promises of the reference about a single endpoint, read from the preferences once more and in another way. */
function mayServe(input: PlanInput, { endpoint, credential }: ReturnType<typeof candidatesOf>[number]): boolean {
  const { preferences, tools, outputTokensMax = 1 } = input.prompt;
  const named = (list: readonly string[] = []) =>
    list.includes(endpoint.tag) || (endpoint.serviceTier === 'default' && list.includes(endpoint.providerSlug));
  const inputPrice = endpoint.prices.lines.find(({ meter }) => meter === 'input')?.price ?? 0n;
  const ceiling = preferences.maxPrice?.prompt;
  const promises: Readonly<Record<string, boolean>> = {
    enabled: endpoint.isEnabled,
    reachable: input.configuredProviders.has(endpoint.providerSlug) || credential !== null,
    notStopped: !input.isStopped(endpoint),
    only: (preferences.only ?? []).length === 0 || named(preferences.only),
    ignore: !(preferences.ignore ?? []).some((name) => name === endpoint.tag || name === endpoint.providerSlug),
    zdr: preferences.zdr !== true || endpoint.dataPolicy.retentionDays === 0,
    training: preferences.dataCollection !== 'deny' || endpoint.dataPolicy.trains === false,
    region: preferences.regions === undefined || endpoint.regions.length > 0,
    quantization:
      preferences.quantizations === undefined ||
      preferences.quantizations.includes(endpoint.quantization ?? 'unknown') ||
      (endpoint.quantization === 'mxfp8' && preferences.quantizations.includes('fp8')),
    price: ceiling === undefined || Number(inputPrice) <= Number(ceiling) * 1e6,
    tools: tools.length === 0 || endpoint.supportedParameters.includes('tools'),
    output: outputTokensMax <= (endpoint.outputTokensMax ?? Number.POSITIVE_INFINITY),
  };
  return Object.values(promises).every(Boolean);
}

describe('the laws of a plan, whatever is asked and measured', () => {
  test('it is an ordering of endpoints that may serve, of the models asked for, and of nothing else', () => {
    let routed = 0;
    fc.assert(
      fc.property(anyInput, (input) => {
        const plan = planRoute(input);
        const candidates = candidatesOf(plan);
        if (candidates.length > 0) routed += 1;
        expect(candidates.length).toBeLessThanOrEqual(5);
        const keys = candidates.map(
          ({ endpoint, credential }) =>
            `${endpoint.id} ${credential?.rank} ${credential?.id} ${credential?.position} ${credential?.isExclusive}`,
        );
        const slugs = plan.models.map(({ slug }) => slug);
        for (const candidate of candidates) {
          expect(slugs).toContain(candidate.endpoint.modelSlug);
          expect(mayServe(input, candidate)).toBe(true);
        }
        // A customer may have entered the same key twice; the same endpoint on the same key is otherwise there once.
        if (input.ownCredentials === undefined) expect(new Set(keys).size).toBe(keys.length);
      }),
      { numRuns: 1_500 },
    );
    expect(routed).toBeGreaterThan(300);
  });

  test('every endpoint of every model asked for is either in the order or left out, once and with a reason', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const plan = planRoute(input);
        const inOrder = new Set(candidatesOf(plan).map(({ endpoint }) => endpoint.id));
        const leftOut = plan.excluded.map(({ endpointId }) => endpointId);
        if (plan.kind === 'routed' || plan.reason !== 'no_model_matches') {
          const all = plan.models.flatMap(({ slug }) => market.endpointsByModel.get(slug) ?? []).map(({ id }) => id);
          expect([...inOrder, ...leftOut].toSorted()).toEqual(all.toSorted());
        }
        expect(leftOut.filter((id) => inOrder.has(id))).toEqual([]);
        for (const { reason } of plan.excluded) expect(reason).toMatch(/^[a-z_]+$/);
      }),
      { numRuns: 1_500 },
    );
  });

  test('the same input gives the same plan', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        expect(planRoute(input)).toEqual(planRoute(input));
      }),
      { numRuns: 500 },
    );
  });
});

describe('the draw', () => {
  /** The 99.9th percentile of chi-square with three degrees of freedom. */
  const CHI_SQUARE_MAX = 16.27;
  const DRAWS = 100_000;

  test('picks first by 1/price² over 100,000 draws, as a chi-square test sees it', () => {
    const prices = [1, 1.5, 2, 4];
    const input = inputOf(
      prices.map((price, index) => endpointOf({ provider: `p${index}`, input: `${price}`, output: `${price}` })),
    );
    const wins = new Map<string, number>();
    let state = 20_261_122;
    const draw = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
    for (let round = 0; round < DRAWS; round += 1) {
      const plan = planRoute({ ...input, draw });
      const tag = candidatesOf(plan)[0]?.endpoint.tag ?? 'nobody';
      wins.set(tag, (wins.get(tag) ?? 0) + 1);
    }
    const weights = prices.map((price) => 1 / price ** 2);
    const sum = weights.reduce((total, weight) => total + weight, 0);
    const chiSquare = weights.reduce((total, weight, index) => {
      const expected = (DRAWS * weight) / sum;
      return total + ((wins.get(`p${index}`) ?? 0) - expected) ** 2 / expected;
    }, 0);
    expect(chiSquare).toBeLessThan(CHI_SQUARE_MAX);
  });

  test('never picks one with an outage or of poor uptime while another is well', () => {
    const all = ['a', 'b', 'c'].map((provider) => endpointOf({ provider }));
    const unwell: Readonly<Record<string, Partial<EndpointHealth>>> = {
      'maker/one@a': { isOut: true },
      'maker/one@b': { uptime: 0.94 },
    };
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.999_999, noNaN: true }), (drawn) => {
        const plan = planRoute(
          inputOf(all, { draw: () => drawn, health: (id) => ({ ...unknownHealth, ...unwell[id] }) }),
        );
        expect(candidatesOf(plan).map(({ endpoint }) => endpoint.tag)).toEqual(['c', 'b', 'a']);
      }),
    );
  });
});
