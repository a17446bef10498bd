import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadTokenCounter, type TokenCounter } from './tokenizer.ts';

let counter: TokenCounter;
beforeAll(async () => {
  counter = await loadTokenCounter();
});

const prose = 'The quick brown fox jumps over the lazy dog, and then 42 more of them.\n\n'.repeat(1_500);

/** The longest time in milliseconds for which nobody else got a turn while the work ran. */
async function longestBlock(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let last = performance.now();
  let isDone = false;
  const watch = (): void => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
    if (!isDone) setImmediate(watch);
  };
  setImmediate(watch);
  await work();
  isDone = true;
  return longest;
}

describe('a token counter', () => {
  test('counts prose as the tokenizer does in one go', async () => {
    const exact = countTokens(prose);
    expect(Math.abs((await counter.count([prose])) - exact)).toBeLessThan(exact / 100);
    expect(Math.abs(counter.countNow(prose) - exact)).toBeLessThan(exact / 100);
  });

  test('counts nothing for nothing', async () => {
    expect(await counter.count([])).toBe(0);
    expect(await counter.count(['', ''])).toBe(0);
    expect(counter.countNow('')).toBe(0);
  });

  test('takes control words for text: they neither throw nor vanish', async () => {
    const text = 'before <|endoftext|> after <|im_start|>';
    expect(counter.countNow(text)).toBeGreaterThan(8);
    expect(await counter.count([text])).toBe(counter.countNow(text));
  });

  test('survives halves of surrogate pairs and cuts none', async () => {
    expect(counter.countNow('\ud800 x \udc00')).toBeGreaterThan(0);
    expect(await counter.count([`x${'😀'.repeat(5_000)}`])).toBeLessThan(5_100);
  });

  test.each([
    ['Chinese without a space', '漢字仮名交じり文'.repeat(16_384)],
    ['one letter', 'a'.repeat(131_072)],
    ['spaces', ' '.repeat(131_072)],
  ])('takes time in proportion to the length, also for %s, and gives others a turn', async (_what, text) => {
    const startedMs = performance.now();
    const longest = await longestBlock(() => counter.count([text]));
    expect(performance.now() - startedMs).toBeLessThan(3_000);
    expect(longest).toBeLessThan(500);
  });

  test('extrapolates what is longer than it is worth', async () => {
    const text = 'word '.repeat(600_000);
    const startedMs = performance.now();
    expect(await counter.count([text.slice(0, 1_500_000), text.slice(1_500_000)])).toBeCloseTo(600_000, -4);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });
});
