import { describe, expect, test } from 'vitest';
import { endpointOf, promptOf } from '../test/builders.ts';
import { judgeUsage, type UsageReport } from './judge-usage.ts';

const report: UsageReport = {
  usage: { input: 20, output: 8 },
  isUnreadable: false,
  isCurrent: true,
  outputBytes: 30,
  prompt: promptOf({ inputBytes: 40 }),
  endpoint: endpointOf(),
  outputTokensMax: 100,
};
const judge = (change: Partial<UsageReport>) => judgeUsage({ ...report, ...change });

describe('judgeUsage', () => {
  test('takes counts that can be true, and that nothing came after, as final', () => {
    expect(judge({})).toBe('final');
    expect(judge({ usage: { input: 20 }, outputBytes: 0 })).toBe('final');
  });

  test('calls none what did not come, and absurd what came and was no count', () => {
    expect(judge({ usage: null })).toBe('none');
    expect(judge({ usage: null, isUnreadable: true })).toBe('absurd');
  });

  test.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('refuses a count of %d', (count) => {
    expect(judge({ usage: { input: count, output: 8 } })).toBe('absurd');
    expect(judge({ usage: { input: 20, output: 8, output_reasoning: count } })).toBe('absurd');
    expect(judge({ usage: { input: 20, output: 8, web_search: count } })).toBe('absurd');
  });

  test('refuses more than the context, in and out', () => {
    const prompt = promptOf({ inputBytes: 10_000_000 });
    expect(judge({ prompt, usage: { input: 128_000, output: 8 } })).toBe('final');
    expect(judge({ prompt, usage: { input: 128_001, output: 8 } })).toBe('absurd');
    expect(judge({ prompt, usage: { input: 100_000, input_cache_read: 28_001, output: 8 } })).toBe('absurd');
    expect(judge({ outputTokensMax: null, usage: { input: 20, output: 128_000 } })).toBe('final');
    expect(judge({ outputTokensMax: null, usage: { input: 20, output: 128_001 } })).toBe('absurd');
    const two = promptOf({ choiceCount: 2 });
    expect(judge({ prompt: two, outputTokensMax: null, usage: { input: 20, output: 256_000 } })).toBe('final');
  });

  test('refuses more input than the prompt has bytes, with room for hidden instructions', () => {
    expect(judge({ usage: { input: 40 + 64 + 16 + 4_096, output: 8 } })).toBe('final');
    expect(judge({ usage: { input: 40 + 64 + 16 + 4_097, output: 8 } })).toBe('absurd');
  });

  test.each([
    ['searches', { usage: { input: 90_000, output: 8, web_search: 1 } }],
    ['search options', { prompt: promptOf({ parameters: ['web_search_options'] }) }],
    ['an unknown field', { prompt: promptOf({ extensions: { plugins_of_tomorrow: true } }) }],
    [
      'a file',
      {
        prompt: promptOf({
          messages: [{ role: 'user', content: [{ type: 'file', fileData: 'https://x.test/a.pdf' }] }],
        }),
      },
    ],
  ] as const)('lets a provider read more than the prompt when there are %s, up to the context', (_what, change) => {
    expect(judge({ usage: { input: 90_000, output: 8 }, ...change })).toBe('final');
    expect(judge({ ...change, usage: { input: 128_001, output: 8, web_search: 1 } })).toBe('absurd');
  });

  test('refuses more output than was both asked for and seen, with room for what leaves no text', () => {
    expect(judge({ usage: { input: 20, output: 100 + 1_024 } })).toBe('final');
    expect(judge({ usage: { input: 20, output: 100 + 1_025 } })).toBe('absurd');
    expect(judge({ usage: { input: 20, output: 5_000 }, outputBytes: 20_000 })).toBe('final');
  });

  test('cannot tell how much hidden reasoning there was: the context bounds it', () => {
    expect(judge({ usage: { input: 20, output: 8, output_reasoning: 60_000 } })).toBe('final');
    expect(judge({ prompt: promptOf({ reasoning: { effort: 'high' } }), usage: { input: 20, output: 60_000 } })).toBe(
      'final',
    );
  });

  test('takes zero for unknown where there was something to count', () => {
    expect(judge({ usage: { input: 0, output: 0 } })).toBe('partial');
    expect(judge({ usage: { input: 20, output: 0 } })).toBe('partial');
    expect(judge({ usage: { input: 0, output: 8 } })).toBe('partial');
  });

  test('takes a report that output came after for a beginning', () => {
    expect(judge({ isCurrent: false })).toBe('partial');
    expect(judge({ isCurrent: false, usage: { input: -1, output: 8 } })).toBe('absurd');
  });
});
