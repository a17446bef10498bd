import { picodollarsPerUnit } from '@bourse/money';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { endpointOf, line, modelOf, providerOf } from '../test/builders.ts';
import { publicPricing } from './public-pricing.ts';
import { type PublicLive, publicAlias, publicEndpoint, publicModel } from './public-shape.ts';

const market = { configuredProviders: new Set(['host']), markupBpsDefault: 0 };

describe('publicPricing', () => {
  test('prints dollars per unit as exact strings, tiers as overrides in ascending order', () => {
    const { prices } = endpointOf({
      lines: [
        line('input', '0.15'),
        line('output', '0.6'),
        line('input_cache_read', '0.01875'),
        line('web_search', '10000'),
        line('output', '2', 500_000),
        line('input', '0.3', 200_000),
      ],
    });
    expect(publicPricing(prices, 0)).toEqual({
      prompt: '0.00000015',
      completion: '0.0000006',
      input_cache_read: '0.00000001875',
      web_search: '0.01',
      overrides: [
        { min_prompt_tokens: 200_000, prompt: '0.0000003' },
        { min_prompt_tokens: 500_000, completion: '0.000002' },
      ],
    });
  });

  test('includes the markup, because the customer pays it', () => {
    const { prices } = endpointOf({ lines: [line('input', '2'), line('output', '10')] });
    expect(publicPricing(prices, 550)).toEqual({ prompt: '0.00000211', completion: '0.00001055' });
  });

  test('never shows less than is charged per unit, and at most a picodollar more', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 12n }), fc.nat(100_000), (price, markupBps) => {
        const { prices } = endpointOf({
          lines: [{ meter: 'input', price: picodollarsPerUnit(price), aboveInputTokens: 0 }, line('output', '1')],
        });
        const [whole = '', fraction = ''] = publicPricing(prices, markupBps).prompt.split('.');
        const shown = BigInt(whole + fraction.padEnd(12, '0')) * 10_000n;
        const exact = price * BigInt(10_000 + markupBps);
        expect(shown >= exact && shown - exact < 10_000n).toBe(true);
      }),
    );
  });
});

describe('publicModel', () => {
  test('has every field that clients of OpenRouter demand', () => {
    const row = publicModel(modelOf(), [endpointOf()], market);
    expect(row).toEqual({
      id: 'maker/one',
      canonical_slug: 'maker/one-2026-01-01',
      hugging_face_id: null,
      name: 'Maker: One',
      created: 1_767_225_600,
      description: 'A model of a test.',
      context_length: 128_000,
      knowledge_cutoff: null,
      expiration_date: null,
      architecture: {
        input_modalities: ['text', 'image'],
        output_modalities: ['text'],
        modality: 'text+image->text',
        tokenizer: 'Other',
        instruct_type: null,
      },
      pricing: { prompt: '0.000001', completion: '0.000002' },
      top_provider: { context_length: 128_000, max_completion_tokens: 16_384, is_moderated: false },
      per_request_limits: null,
      supported_parameters: ['max_tokens', 'tools'],
      default_parameters: {},
      supported_voices: null,
      links: { details: '/api/v1/models/maker/one/endpoints' },
      is_configured: true,
      is_sandbox: false,
      endpoint_count: 1,
      context_length_range: { min: 128_000, max: 128_000 },
      is_distillable: null,
      has_zdr: false,
      successor: null,
    });
  });

  test('shows the cheapest endpoint that can be called, else the cheapest of all', () => {
    const cheap = endpointOf({ providerSlug: 'stranger', lines: [line('input', '0.1'), line('output', '0.1')] });
    const dear = endpointOf({ lines: [line('input', '9'), line('output', '9')] });
    expect(publicModel(modelOf(), [cheap, endpointOf(), dear], market)?.pricing.prompt).toBe('0.000001');
    const nobody = { ...market, configuredProviders: new Set<string>() };
    expect(publicModel(modelOf(), [dear, cheap], nobody)).toMatchObject({
      is_configured: false,
      pricing: { prompt: '0.0000001' },
    });
  });

  test('lists the union of what its endpoints support', () => {
    const other = endpointOf({ providerSlug: 'b', supportedParameters: ['seed', 'tools'] });
    expect(publicModel(modelOf(), [endpointOf(), other], market)?.supported_parameters).toEqual([
      'max_tokens',
      'seed',
      'tools',
    ]);
  });

  test('tells what its maker recommends, how it thinks, what one request may hold and when it leaves', () => {
    const model = modelOf({
      expiresOn: '2027-01-01',
      successorSlug: 'maker/two',
      defaultParameters: { temperature: 0.6, min_p: 0.1 },
      reasoning: { isMandatory: true, efforts: [], defaultEffort: 'medium', isDefaultOn: true, hasTokenBudget: false },
    });
    const large = endpointOf({ providerSlug: 'b', contextTokensMax: 200_000 });
    expect(
      publicModel(model, [endpointOf({ inputTokensMax: 100_000, isModerated: true }), large], market),
    ).toMatchObject({
      expiration_date: '2027-01-01',
      successor: 'maker/two',
      default_parameters: { temperature: 0.6 },
      reasoning: { mandatory: true, supported_efforts: null, default_effort: 'medium', default_enabled: true },
      top_provider: { is_moderated: true },
      per_request_limits: { prompt_tokens: 100_000, completion_tokens: 16_384 },
      context_length_range: { min: 128_000, max: 200_000 },
    });
  });

  test('is under its own name the row of the model that an alias means', () => {
    const target = publicModel(modelOf(), [endpointOf()], market);
    if (target === null) throw new Error('nobody sells it');
    const alias = { alias: '~maker/latest', name: 'Maker: latest', modelSlug: 'maker/one' };
    expect(publicAlias(alias, target)).toEqual({
      ...target,
      id: '~maker/latest',
      name: 'Maker: latest',
      alias_target: { slug: 'maker/one', name: 'Maker: One' },
    });
  });

  test('dates a model of unknown release by the first reading of a price', () => {
    expect(publicModel(modelOf({ releasedOn: null }), [endpointOf()], market)?.created).toBe(
      Date.UTC(2026, 1, 2) / 1000,
    );
  });

  test('does not call a model configured whose only endpoint is switched off', () => {
    expect(publicModel(modelOf(), [endpointOf({ isEnabled: false })], market)?.is_configured).toBe(false);
  });

  test('is null for a model that nobody sells', () => {
    expect(publicModel(modelOf(), [], market)).toBeNull();
  });
});

describe('publicEndpoint', () => {
  const about = { model: modelOf(), provider: providerOf('host') };

  test('has every field of the endpoint list, and where its price was read', () => {
    expect(publicEndpoint(endpointOf({ quantization: 'fp8', markupBps: 100 }), about, market)).toEqual({
      name: 'HOST | maker/one',
      model_id: 'maker/one',
      model_name: 'Maker: One',
      provider_name: 'HOST',
      tag: 'host',
      context_length: 128_000,
      max_completion_tokens: 16_384,
      max_prompt_tokens: null,
      quantization: 'fp8',
      pricing: { prompt: '0.00000101', completion: '0.00000202' },
      supported_parameters: ['max_tokens', 'tools'],
      supports_implicit_caching: false,
      supports_voice_cloning: false,
      supports_tool_choice: { auto: true, none: true, required: false, function: false },
      status: 0,
      uptime_last_5m: null,
      uptime_last_30m: null,
      uptime_last_1d: null,
      latency_last_30m: null,
      throughput_last_30m: null,
      id: 'maker/one@host',
      provider_slug: 'host',
      is_configured: true,
      price_source: 'https://host.test/pricing',
      price_checked_on: '2026-02-02',
      markup_bps: 100,
      service_tier: 'default',
      regions: [],
      data_policy: { training: null, retention_days: null, zdr: false },
      is_moderated: false,
      tool_success_rate: null,
    });
  });

  const live: PublicLive = {
    isOut: false,
    isStopped: false,
    uptime: { last5m: 100, last30m: 99.5, last1d: null },
    latencyMs: { p50: 300, p75: 400, p90: 500, p99: 900 },
    tokensPerSecond: null,
    toolSuccess: 0.98,
  };

  test('passes what was measured on', () => {
    expect(publicEndpoint(endpointOf(), { ...about, live }, market)).toMatchObject({
      status: 0,
      uptime_last_5m: 100,
      uptime_last_30m: 99.5,
      uptime_last_1d: null,
      latency_last_30m: { p50: 300, p99: 900 },
      throughput_last_30m: null,
      tool_success_rate: 0.98,
    });
  });

  test.each<[string, boolean, Partial<PublicLive>, number]>([
    ['switched off', false, {}, -1],
    ['failing', true, { isOut: true }, -2],
    ['stopped, whether it fails or not', true, { isOut: true, isStopped: true }, -3],
  ])('tells by its status an endpoint that is %s', (_case, isEnabled, change, status) => {
    const endpoint = publicEndpoint(endpointOf({ isEnabled }), { ...about, live: { ...live, ...change } }, market);
    expect(endpoint).toMatchObject({ status, is_configured: isEnabled });
  });

  test('promises that nothing is kept only where that is known', () => {
    const zdr = (trains: boolean | null, retentionDays: number | null) =>
      publicEndpoint(endpointOf({ dataPolicy: { trains, retentionDays } }), about, market).data_policy.zdr;
    expect([zdr(null, 0), zdr(false, 0), zdr(true, 0), zdr(false, 30), zdr(false, null)]).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  test('calls caching implicit where reads have a price and writes have none', () => {
    const lines = [line('input', '1'), line('output', '1'), line('input_cache_read', '0.1')];
    const of = (more: readonly ReturnType<typeof line>[]) =>
      publicEndpoint(endpointOf({ lines: [...lines, ...more] }), about, market).supports_implicit_caching;
    expect(of([])).toBe(true);
    expect(of([line('input_cache_write', '1.25')])).toBe(false);
  });
});
