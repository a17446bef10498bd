import type { Endpoint, PriceLine, PriceSheet } from '@bourse/catalog';
import { type Meter, meters, type Prompt, type Usage } from '@bourse/generation';
import { picodollarsFromUsdPerMillion, picodollarsPerUnit } from '@bourse/money';
import fc from 'fast-check';

/** A line of dollars per million. */
export function line(meter: Meter, usdPerMillion: string, aboveInputTokens = 0): PriceLine {
  return { meter, price: picodollarsFromUsdPerMillion(usdPerMillion), aboveInputTokens };
}

/** A sheet of $2.50 in and $10 out, or of the given lines. */
export function sheetOf(lines: readonly PriceLine[] = [line('input', '2.5'), line('output', '10')]): PriceSheet {
  return {
    id: 'author/model@provider/2026-01-01',
    lines,
    sourceUrl: 'https://provider.test/pricing',
    checkedOn: '2026-01-01',
    effectiveFrom: new Date('2026-01-01T00:00:00Z'),
  };
}

/** An endpoint with room for 128k tokens and answers of 16k. */
export function endpointOf(overrides: Partial<Endpoint> = {}): Endpoint {
  return {
    id: 'author/model@provider',
    modelSlug: 'author/model',
    providerSlug: 'provider',
    tag: 'provider',
    upstreamModel: 'model',
    contextTokensMax: 128_000,
    outputTokensMax: 16_384,
    inputTokensMax: null,
    serviceTier: 'default',
    regions: [],
    dataPolicy: { trains: null, retentionDays: null },
    isModerated: false,
    quantization: null,
    supportedParameters: [],
    prices: sheetOf(),
    markupBps: null,
    isEnabled: true,
    ...overrides,
  };
}

/** A prompt of one short message. */
export function promptOf(overrides: Partial<Prompt> = {}): Prompt {
  return {
    model: 'author/model',
    modelFallbacks: [],
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello there' }] }],
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

const price = fc.bigInt({ min: 0n, max: 200_000_000n }).map(picodollarsPerUnit);

/** Any sheet that a catalog can hold: input and output always priced, the rest and up to two tiers now and then. */
export const anySheet: fc.Arbitrary<PriceSheet> = fc
  .tuple(
    price,
    price,
    fc.array(
      fc.record({ meter: fc.constantFrom(...meters), price, aboveInputTokens: fc.constantFrom(0, 1_000, 20_000) }),
    ),
  )
  .map(([input, output, others]) => {
    const lines: readonly PriceLine[] = [
      { meter: 'input', price: input, aboveInputTokens: 0 },
      { meter: 'output', price: output, aboveInputTokens: 0 },
      ...others,
    ];
    const unique = new Map(lines.map((each) => [`${each.meter}/${each.aboveInputTokens}`, each]));
    return sheetOf([...unique.values()]);
  });

/** Any usage that a provider may report, each meter up to 40 thousand. */
export const anyUsage: fc.Arbitrary<Usage> = fc
  .array(fc.tuple(fc.constantFrom(...meters), fc.nat(40_000)))
  .map((entries) => Object.fromEntries(entries));

/** Any markup from none to tenfold. */
export const anyMarkup = fc.nat(100_000);
