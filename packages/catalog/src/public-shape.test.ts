import { picodollarsPerUnit } from '@bourse/money';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { endpointOf, line, modelOf, providerOf } from '../test/builders.ts';
import { publicEndpoint, publicModel, publicPricing } from './public-shape.ts';

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
    });
  });

  test('passes uptimes on, and tells a switched-off endpoint by its status', () => {
    const uptime = { last5m: 100, last30m: 99.5, last1d: null };
    expect(publicEndpoint(endpointOf({ isEnabled: false }), { ...about, uptime }, market)).toMatchObject({
      status: -1,
      is_configured: false,
      uptime_last_5m: 100,
      uptime_last_30m: 99.5,
      uptime_last_1d: null,
    });
  });

  test('calls caching implicit where reads have a price and writes have none', () => {
    const lines = [line('input', '1'), line('output', '1'), line('input_cache_read', '0.1')];
    const of = (more: readonly ReturnType<typeof line>[]) =>
      publicEndpoint(endpointOf({ lines: [...lines, ...more] }), about, market).supports_implicit_caching;
    expect(of([])).toBe(true);
    expect(of([line('input_cache_write', '1.25')])).toBe(false);
  });
});
