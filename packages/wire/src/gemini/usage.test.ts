import { usageTotals } from '@bourse/generation';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { claimsUsage, decodeUsage, encodeUsage, laterUsage } from './usage.ts';

describe('decodeUsage', () => {
  test('thoughts come on top of the candidates, tool results on top of the prompt, cached tokens are part of it', () => {
    expect(
      decodeUsage({
        promptTokenCount: 100,
        cachedContentTokenCount: 40,
        toolUsePromptTokenCount: 7,
        candidatesTokenCount: 20,
        thoughtsTokenCount: 30,
        totalTokenCount: 157,
      }),
    ).toEqual({ input: 67, input_cache_read: 40, output: 20, output_reasoning: 30 });
  });

  test('sound and pictures have meters of their own; of the cached ones nothing is counted twice', () => {
    expect(
      decodeUsage({
        promptTokenCount: 100,
        cachedContentTokenCount: 30,
        promptTokensDetails: [
          { modality: 'TEXT', tokenCount: 40 },
          { modality: 'AUDIO', tokenCount: 40 },
          { modality: 'IMAGE', tokenCount: 20 },
        ],
        cacheTokensDetails: [{ modality: 'AUDIO', tokenCount: 30 }],
        candidatesTokenCount: 50,
        candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 45 }],
      }),
    ).toEqual({ input: 40, input_audio: 10, input_image: 20, input_cache_read: 30, output: 5, output_image: 45 });
  });

  test('what Google leaves out is zero', () => {
    expect(decodeUsage({ promptTokenCount: 3 })).toEqual({ input: 3, output: 0 });
  });

  test.each([
    [undefined],
    [{}],
    [{ trafficType: 'ON_DEMAND' }],
    [{ candidatesTokenCount: 5 }],
    [{ promptTokenCount: -1 }],
    [{ promptTokenCount: 1.5 }],
    [{ promptTokenCount: 1e12 }],
    [{ promptTokenCount: '5' }],
    [{ promptTokenCount: 1, cachedContentTokenCount: 2 }],
    [{ promptTokenCount: 1, candidatesTokenCount: 1, candidatesTokensDetails: [{ modality: 'AUDIO', tokenCount: 2 }] }],
    [{ promptTokenCount: 1, promptTokensDetails: [{ modality: 'AUDIO', tokenCount: -2 }] }],
  ])('%o is unknown', (value) => {
    expect(decodeUsage(value)).toBeNull();
  });

  test('counts are claimed where any is given', () => {
    expect([{ candidatesTokenCount: 0 }, { promptTokenCount: 'x' }].map(claimsUsage)).toEqual([true, true]);
    expect([undefined, {}, { trafficType: 'x' }, { promptTokenCount: null }].map(claimsUsage)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });

  test('the last word counts, and absence takes nothing back', () => {
    const first = laterUsage(null, { promptTokenCount: 5, thoughtsTokenCount: 9 });
    expect(laterUsage(first, { promptTokenCount: 6, candidatesTokenCount: 1, thoughtsTokenCount: null })).toEqual({
      promptTokenCount: 6,
      candidatesTokenCount: 1,
      thoughtsTokenCount: 9,
    });
  });
});

describe('encodeUsage', () => {
  const count = fc.nat(10_000);
  const counts = fc.record(
    { input: count, input_cache_read: count, input_audio: count, input_image: count },
    { requiredKeys: ['input'] },
  );
  const outputs = fc.record(
    { output: count, output_reasoning: count, output_audio: count, output_image: count },
    { requiredKeys: ['output'] },
  );

  test('is read back as the same totals', () => {
    fc.assert(
      fc.property(counts, outputs, (input, output) => {
        const usage = { ...input, ...output };
        const text = encodeUsage({ usage, costUsd: '0.1', upstreamCostUsd: null, isEstimated: false });
        const read = decodeUsage(JSON.parse(text));
        expect(read && usageTotals(read)).toEqual(usageTotals(usage));
        expect(read?.output_reasoning ?? 0).toBe(usage.output_reasoning ?? 0);
        expect(read?.input_cache_read ?? 0).toBe(usage.input_cache_read ?? 0);
      }),
    );
  });

  test('the cost is written digit by digit', () => {
    const text = encodeUsage({
      usage: { input: 1, output: 2, output_reasoning: 3 },
      costUsd: '0.000000001',
      upstreamCostUsd: '12345678901234567890.123456789',
      isEstimated: true,
    });
    expect(text).toBe(
      '{"promptTokenCount":1,"candidatesTokenCount":2,"totalTokenCount":6,"thoughtsTokenCount":3,"cost":0.000000001,' +
        '"costDetails":{"upstreamInferenceCost":12345678901234567890.123456789},"isEstimated":true}',
    );
  });

  test('what is no decimal is never written', () => {
    const report = { usage: {}, costUsd: '1e-9', upstreamCostUsd: null, isEstimated: false };
    expect(() => encodeUsage(report)).toThrow();
  });
});
