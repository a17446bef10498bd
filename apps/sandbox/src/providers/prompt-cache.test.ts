import { expect, test } from 'vitest';
import { createPromptCache } from './prompt-cache.ts';

const tokens = (length: number, last = 0) => [...Array.from({ length: length - 1 }, (_, index) => index), last];

test('only whole steps of a prompt that was seen under the same scope are found again', () => {
  const cache = createPromptCache();
  const first = cache.lookup('a', tokens(1_300));
  const same = cache.lookup('a', tokens(1_300));
  const otherEnd = cache.lookup('a', tokens(1_152, -1));
  const otherScope = cache.lookup('b', tokens(1_300));
  const short = createPromptCache();
  short.lookup('a', tokens(1_023));

  expect([first, same, otherEnd, otherScope]).toEqual([0, 1_280, 1_024, 0]);
  expect(short.lookup('a', tokens(1_023))).toBe(0);
});
