import { describe, expect, test } from 'vitest';
import { parseCatalogFiles } from './parse-data.ts';

const model = {
  slug: 'maker/one',
  name: 'Maker: One',
  description: 'A model of a test, long enough.',
  releasedOn: null,
  contextTokensMax: 1_000,
  inputModalities: ['text'],
  outputModalities: ['text'],
  tokenizer: 'Other',
  knowledgeCutoff: null,
  huggingFaceId: null,
};
const provider = {
  slug: 'host',
  name: 'Host',
  privacyPolicyUrl: null,
  termsOfServiceUrl: null,
  statusPageUrl: null,
  headquarters: null,
  datacenters: [],
};
const endpoint = {
  model: 'maker/one',
  upstreamModel: 'one',
  contextTokensMax: 1_000,
  outputTokensMax: null,
  quantization: null,
  parameters: 'chat',
  prices: { input: '2.5', output: '10', request: '0.012' },
  tiers: [{ aboveInputTokens: 500, prices: { input: '5' } }],
};

function filesOf(change: Record<string, unknown> = {}) {
  const offer = {
    provider: 'host',
    source: { url: 'https://host.test/pricing', checkedOn: '2026-02-02' },
    parameterSets: { chat: ['max_tokens'] },
    endpoints: [{ ...endpoint, ...change }],
  };
  const sandbox = { authors: [], providers: [], models: [], offers: [] };
  return {
    authors: [{ slug: 'maker', name: 'Maker' }],
    providers: [provider],
    models: [model],
    aliases: [],
    offers: [offer],
    sandbox,
  };
}

describe('parseCatalogFiles', () => {
  test('reads token prices per million, prices of events each, and tiers', () => {
    const [parsed] = parseCatalogFiles(filesOf()).endpoints;
    expect(parsed).toMatchObject({
      id: 'maker/one@host',
      tag: 'host',
      isEnabled: true,
      supportedParameters: ['max_tokens'],
      prices: {
        id: 'maker/one@host/2026-02-02',
        checkedOn: '2026-02-02',
        effectiveFrom: new Date('2026-02-02T00:00:00Z'),
        lines: [
          { meter: 'input', price: 2_500_000n, aboveInputTokens: 0 },
          { meter: 'output', price: 10_000_000n, aboveInputTokens: 0 },
          { meter: 'request', price: 12_000_000_000n, aboveInputTokens: 0 },
          { meter: 'input', price: 5_000_000n, aboveInputTokens: 500 },
        ],
      },
    });
  });

  test('marks what comes from the sandbox file, and nothing else', () => {
    const files = filesOf();
    const sandbox = { authors: files.authors, providers: [provider], models: [model], offers: files.offers };
    const data = parseCatalogFiles({ ...files, authors: [], providers: [], models: [], offers: [], sandbox });
    expect([data.models[0]?.isSandbox, data.providers[0]?.isSandbox]).toEqual([true, true]);
    expect(parseCatalogFiles(files).models[0]?.isSandbox).toBe(false);
  });

  test.each([
    ['a price as a number', { prices: { input: 2.5, output: '10' } }],
    ['a price in exponents', { prices: { input: '1e-3', output: '10' } }],
    ['a price of too many decimals', { prices: { input: '0.0000001', output: '10' } }],
    ['a price of an unknown meter', { prices: { input: '1', output: '1', smell: '1' } }],
    ['an empty context', { contextTokensMax: 0 }],
    ['a field that nobody reads', { contextTokenMax: 10 }],
    ['a parameter set that does not exist', { parameters: 'other' }],
  ])('refuses %s', (_case, change) => {
    expect(() => parseCatalogFiles(filesOf(change))).toThrow();
  });
});
