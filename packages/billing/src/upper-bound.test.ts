import { type Meter, meters, type Prompt, type Usage, unitMeters, usageTotals } from '@bourse/generation';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyMarkup, anySheet, endpointOf, line, promptOf, sheetOf } from '../test/builders.ts';
import { computeCharge } from './compute-charge.ts';
import { dearestPrice, estimateUpperBound } from './upper-bound.ts';

const anyPrompt: fc.Arbitrary<Prompt> = fc
  .record({
    inputBytes: fc.nat(60_000),
    choiceCount: fc.integer({ min: 1, max: 4 }),
    outputTokensMax: fc.option(fc.integer({ min: 1, max: 30_000 }), { nil: undefined }),
  })
  .map(({ outputTokensMax, ...rest }) =>
    promptOf({ ...rest, ...(outputTokensMax === undefined ? {} : { outputTokensMax }) }),
  );

const inputMeters: readonly Meter[] = ['input', 'input_cache_read', 'input_cache_write', 'input_cache_write_1h'];
const outputMeters: readonly Meter[] = ['output', 'output_reasoning', 'output_audio', 'output_image'];

/** Splits a total over meters by weights, so that the parts add up to it. */
function split(total: number, names: readonly Meter[], weights: readonly number[]): Usage {
  const sum = weights.reduce((a, b) => a + b, 0) || 1;
  const parts = names.map((_, index) => Math.floor((total * (weights[index] ?? 0)) / sum));
  const rest = total - parts.reduce((a, b) => a + b, 0);
  return Object.fromEntries(names.map((name, index) => [name, (parts[index] ?? 0) + (index === 0 ? rest : 0)]));
}

const weights = fc.array(fc.nat(10), { minLength: 4, maxLength: 4 });

describe('estimateUpperBound', () => {
  test('takes bytes for tokens, adds the template, and the smallest of all output limits', () => {
    const prompt = promptOf({ inputBytes: 1_000, outputTokensMax: 500 });
    const bound = estimateUpperBound({ prompt, endpoint: endpointOf(), markupBps: 0 });
    expect(bound.inputTokensBound).toBe(1_000 + 64 + 16);
    expect(bound.outputTokensBound).toBe(500);
    expect(bound.holdAmount).toBe(1_080n * 2_500n + 500n * 10_000n);
  });

  test('falls back from the request to the endpoint and from the endpoint to the context', () => {
    const of = (outputTokensMax: number | null, prompt = promptOf()) =>
      estimateUpperBound({ prompt, endpoint: endpointOf({ outputTokensMax }), markupBps: 0 }).outputTokensBound;
    expect(of(16_384)).toBe(16_384);
    expect(of(null)).toBe(128_000);
    expect(of(16_384, promptOf({ outputTokensMax: 99_999 }))).toBe(16_384);
  });

  test('narrows by a clamp and never widens by it', () => {
    const input = { prompt: promptOf({ outputTokensMax: 100 }), endpoint: endpointOf(), markupBps: 0 };
    expect(estimateUpperBound({ ...input, outputTokensMax: 40 }).outputTokensBound).toBe(40);
    expect(estimateUpperBound({ ...input, outputTokensMax: 400 }).outputTokensBound).toBe(100);
  });

  test('never expects more input than fits the context', () => {
    const prompt = promptOf({ inputBytes: 10_000_000 });
    expect(estimateUpperBound({ prompt, endpoint: endpointOf(), markupBps: 0 }).inputTokensBound).toBe(128_000);
  });

  test('holds what plugins cost, whatever the answer comes to', () => {
    const plugged = {
      pipeline: [],
      citations: [],
      files: [],
      rewrite: null,
      search: null,
      surcharges: [{ meter: 'plugin_web', quantity: 1, pricePicodollars: 7_000_000_000n }],
    } as const;
    const terms = { endpoint: endpointOf(), markupBps: 500 };
    const plain = estimateUpperBound({ ...terms, prompt: promptOf() }).holdAmount;
    const held = estimateUpperBound({
      ...terms,
      prompt: promptOf({ plugged: { ...plugged, pipeline: [] } }),
    }).holdAmount;
    expect(held - plain).toBe((7_000_000n * 105n) / 100n);
  });

  test('makes room for images by the dearest public formula, not by their bytes', () => {
    const image = { type: 'image', url: 'https://example.test/cat.png' } as const;
    const bound = (
      ...content: readonly ({ type: 'image'; url: string; detail?: string } | { type: 'text'; text: string })[]
    ) =>
      estimateUpperBound({
        prompt: promptOf({ messages: [{ role: 'user', content }], inputBytes: 0 }),
        endpoint: endpointOf({ contextTokensMax: 1_000_000 }),
        markupBps: 0,
      }).inputTokensBound;
    expect(bound(image, image) - bound()).toBe(2 * 48_169);
    expect(bound({ ...image, detail: 'low' }) - bound()).toBe(2_833);
  });

  test('adds the request price once and the output of every alternative', () => {
    const prices = sheetOf([line('input', '0'), line('output', '10'), line('request', '5000')]);
    const prompt = promptOf({ outputTokensMax: 100, choiceCount: 3 });
    expect(estimateUpperBound({ prompt, endpoint: endpointOf({ prices }), markupBps: 0 }).holdAmount).toBe(
      5_000_000n + 300n * 10_000n,
    );
  });

  test('holds nothing for a free endpoint', () => {
    const prices = sheetOf([line('input', '0'), line('output', '0')]);
    expect(
      estimateUpperBound({ prompt: promptOf(), endpoint: endpointOf({ prices }), markupBps: 550 }).holdAmount,
    ).toBe(0n);
  });

  test('covers every charge that stays within its token bounds, whatever the tier and the kind of token', () => {
    fc.assert(
      fc.property(
        anySheet,
        anyPrompt,
        anyMarkup,
        fc.tuple(
          fc.double({ min: 0, max: 1, noNaN: true }),
          fc.double({ min: 0, max: 1, noNaN: true }),
          weights,
          weights,
        ),
        (prices, prompt, markupBps, [inputShare, outputShare, inputWeights, outputWeights]) => {
          const endpoint = endpointOf({ prices });
          const bound = estimateUpperBound({ prompt, endpoint, markupBps });
          const usage: Usage = {
            ...split(Math.floor(bound.inputTokensBound * inputShare), inputMeters, inputWeights),
            ...split(
              Math.floor(bound.outputTokensBound * prompt.choiceCount * outputShare),
              outputMeters,
              outputWeights,
            ),
            request: 1,
          };
          expect(usageTotals(usage).inputTokens).toBeLessThanOrEqual(bound.inputTokensBound);
          expect(computeCharge({ sheet: prices, usage, markupBps }).charge <= bound.holdAmount).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('dearestPrice', () => {
  test('looks at the tiers that can be reached only', () => {
    const sheet = sheetOf([
      line('input', '1'),
      line('input', '5', 1_000),
      line('input', '2', 2_000),
      line('output', '1'),
    ]);
    expect(dearestPrice(sheet, 'input', 1_000)).toBe(1_000_000n);
    expect(dearestPrice(sheet, 'input', 9_000)).toBe(5_000_000n);
  });

  test('is null for an event that the sheet does not price', () => {
    expect(dearestPrice(sheetOf(), 'request', 10)).toBeNull();
    expect(meters.filter((meter) => dearestPrice(sheetOf(), meter, 10) === null)).toEqual([
      'request',
      'web_search',
      'plugin_web',
      ...unitMeters,
    ]);
  });
});
