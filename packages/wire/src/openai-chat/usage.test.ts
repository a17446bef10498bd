import { type Meter, meters, usageTotals } from '@bourse/generation';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeUsage, encodeUsage } from './usage.ts';

const report = (usage: Partial<Record<Meter, number>>) => ({
  usage,
  costUsd: '0.0000051',
  upstreamCostUsd: null,
  isEstimated: false,
});

describe('decodeUsage', () => {
  test('makes disjoint meters of OpenAI totals that include their parts', () => {
    expect(
      decodeUsage({
        prompt_tokens: 812,
        completion_tokens: 64,
        total_tokens: 876,
        prompt_tokens_details: { cached_tokens: 512, cache_write_tokens: 100, audio_tokens: 10, image_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 20, audio_tokens: 4, rejected_prediction_tokens: 1 },
      }),
    ).toEqual({
      input: 190,
      input_cache_read: 512,
      input_cache_write: 100,
      input_audio: 10,
      output: 40,
      output_reasoning: 20,
      output_audio: 4,
    });
  });

  test('keeps an explicit zero: nothing was written is not the same as nothing was said', () => {
    expect(decodeUsage({ prompt_tokens: 9, completion_tokens: 0 })).toEqual({ input: 9, output: 0 });
  });

  test.each([
    ['DeepSeek', { prompt_cache_hit_tokens: 6, prompt_cache_miss_tokens: 4 }, { input: 4, input_cache_read: 6 }],
    ['Moonshot', { cached_tokens: 6 }, { input: 4, input_cache_read: 6 }],
    ['LiteLLM', { cache_creation_input_tokens: 3 }, { input: 7, input_cache_write: 3 }],
    ['null details', { prompt_tokens_details: null, completion_tokens_details: null }, { input: 10 }],
  ])('understands %s', (_name, extra, expected) => {
    expect(decodeUsage({ prompt_tokens: 10, completion_tokens: 2, ...extra })).toEqual({ ...expected, output: 2 });
  });

  test('counts reasoning once when it is inside of completion_tokens and once when it is outside, as at xAI', () => {
    const details = { completion_tokens_details: { reasoning_tokens: 386 } };
    const inside = { prompt_tokens: 12, completion_tokens: 387, total_tokens: 399, ...details };
    const outside = { prompt_tokens: 12, completion_tokens: 1, total_tokens: 399, ...details };
    expect(decodeUsage(inside)).toEqual({ input: 12, output: 1, output_reasoning: 386 });
    expect(decodeUsage(outside)).toEqual(decodeUsage(inside));
  });

  test('counts a token that is both cached and audio once', () => {
    const usage = decodeUsage({
      prompt_tokens: 10,
      completion_tokens: 0,
      prompt_tokens_details: { cached_tokens: 8, audio_tokens: 6 },
    });
    expect(usage).toEqual({ input: 0, input_cache_read: 8, input_audio: 2, output: 0 });
  });

  test('counts web searches', () => {
    const usage = { prompt_tokens: 1, completion_tokens: 1, server_tool_use_details: { web_search_requests: 2 } };
    expect(decodeUsage(usage)).toEqual({ input: 1, output: 1, web_search: 2 });
  });

  test.each([
    ['absent', undefined],
    ['null', null],
    ['a list', []],
    ['empty', {}],
    ['only half', { prompt_tokens: 1 }],
    ['negative', { prompt_tokens: -1, completion_tokens: 1 }],
    ['fractional', { prompt_tokens: 1.5, completion_tokens: 1 }],
    ['not a number', { prompt_tokens: Number.NaN, completion_tokens: 1 }],
    ['infinite, as JSON 1e400 is read', { prompt_tokens: JSON.parse('1e400'), completion_tokens: 1 }],
    ['huge', { prompt_tokens: 1, completion_tokens: 2_000_000_000 }],
    ['text', { prompt_tokens: '1', completion_tokens: 1 }],
    [
      'more cached than there were',
      { prompt_tokens: 1, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 2 } },
    ],
    [
      'more reasoning than output',
      { prompt_tokens: 1, completion_tokens: 1, completion_tokens_details: { reasoning_tokens: 2 } },
    ],
    ['a negative part', { prompt_tokens: 1, completion_tokens: 1, completion_tokens_details: { audio_tokens: -1 } }],
    ['a part that is text', { prompt_tokens: 1, completion_tokens: 1, prompt_tokens_details: { cached_tokens: '1' } }],
  ])('is unknown, never zero, when it is %s', (_name, value) => {
    expect(decodeUsage(value)).toBeNull();
  });

  test('never throws, never gives a negative count, and the parts sum to the totals', () => {
    const count = fc.oneof(fc.nat(50), fc.constantFrom(null, undefined, -1, 0.5, '3', 1e12));
    const details = fc.oneof(
      fc.record({
        cached_tokens: count,
        cache_write_tokens: count,
        audio_tokens: count,
        image_tokens: count,
        reasoning_tokens: count,
      }),
      fc.constantFrom(null, undefined, 7),
    );
    const usages = fc.record({
      prompt_tokens: count,
      completion_tokens: count,
      total_tokens: count,
      prompt_tokens_details: details,
      completion_tokens_details: details,
    });
    fc.assert(
      fc.property(usages, (raw) => {
        const usage = decodeUsage(raw);
        if (usage === null) return;
        for (const meter of Object.values(usage)) expect(meter).toBeGreaterThanOrEqual(0);
        const { inputTokens, outputTokens } = usageTotals(usage);
        expect(inputTokens).toBe(raw.prompt_tokens);
        const reasoning = usage.output_reasoning ?? 0;
        expect([raw.completion_tokens, Number(raw.completion_tokens) + reasoning]).toContain(outputTokens);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('encodeUsage', () => {
  test('writes the exact decimal of the cost, digit by digit', () => {
    for (const costUsd of ['0', '0.000000001', '123456789.123456789', '0.1', '9007199254740993']) {
      expect(encodeUsage({ ...report({ input: 1 }), costUsd })).toContain(`"cost":${costUsd},`);
    }
  });

  test.each(['', '1e-7', 'NaN', '1,5', '"0"', '0.1,"x":1'])('refuses %j as a cost', (costUsd) => {
    expect(() => encodeUsage({ ...report({}), costUsd })).toThrow();
    expect(() => encodeUsage({ ...report({}), upstreamCostUsd: costUsd })).toThrow();
  });

  test('has the totals and details that clients validate', () => {
    const usage = {
      input: 300,
      input_cache_read: 512,
      input_cache_write: 1,
      input_cache_write_1h: 2,
      output: 44,
      output_reasoning: 20,
    };
    expect(JSON.parse(encodeUsage({ ...report(usage), upstreamCostUsd: '0.0000048' }))).toEqual({
      prompt_tokens: 815,
      completion_tokens: 64,
      total_tokens: 879,
      prompt_tokens_details: { cached_tokens: 512, cache_write_tokens: 3, audio_tokens: 0, image_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 20, audio_tokens: 0, image_tokens: 0 },
      cost: 0.0000051,
      is_byok: false,
      cost_details: {
        upstream_inference_cost: 0.0000048,
        upstream_inference_prompt_cost: 0,
        upstream_inference_completions_cost: 0,
      },
    });
  });

  test('tells what the prompt costs and what the answer, digit by digit', () => {
    const parts = { inputUsd: '123456789.123456789', outputUsd: '0.000000001' };
    const text = encodeUsage({ ...report({}), upstreamCostUsd: null, upstreamCostParts: parts });
    expect(text).toContain('"upstream_inference_cost":null,');
    expect(text).toContain(`"upstream_inference_prompt_cost":${parts.inputUsd},`);
    expect(text).toContain(`"upstream_inference_completions_cost":${parts.outputUsd}}`);
    const wrong = { inputUsd: '0,"x":1', outputUsd: '0' };
    expect(() => encodeUsage({ ...report({}), upstreamCostParts: wrong })).toThrow();
  });

  test('says when the counts are our estimate', () => {
    expect(JSON.parse(encodeUsage({ ...report({}), isEstimated: true }))).toMatchObject({ is_estimated: true });
  });

  test('is read back as the same meters', () => {
    const isToken = (name: Meter) => {
      const { inputTokens, outputTokens } = usageTotals({ [name]: 1 });
      return inputTokens + outputTokens === 1;
    };
    const told = meters.filter((name) => name === 'web_search' || (isToken(name) && name !== 'input_cache_write_1h'));
    const counts = fc.record(Object.fromEntries(told.map((name) => [name, fc.nat(1000)])));
    fc.assert(
      fc.property(counts, (usage: Partial<Record<Meter, number>>) => {
        const expected = Object.fromEntries(
          Object.entries(usage).filter(([meter, count]) => count > 0 || meter === 'input' || meter === 'output'),
        );
        expect(decodeUsage(JSON.parse(encodeUsage(report(usage))))).toEqual(expected);
      }),
    );
  });
});
