import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SpendGuard } from './spend-guard.ts';

/** Four characters are a token, as in English. */
const countTokens = (text: string) => Math.ceil(text.length / 4);

function guardOf(outputTokensMax: number, count: (text: string) => number = countTokens) {
  const counted: string[] = [];
  const guard = new SpendGuard({
    outputTokensMax,
    countTokens: (text) => {
      counted.push(text);
      return count(text);
    },
  });
  return { guard, counted };
}

/** How many of the pieces pass before the guard says stop; null when it never does. */
function passed(guard: SpendGuard, pieces: Iterable<string>): number | null {
  let count = 0;
  for (const piece of pieces) {
    if (guard.isSpentBy(piece)) return count;
    count += 1;
  }
  return null;
}

describe('SpendGuard', () => {
  test('counts nothing while even the densest text could not be too much', () => {
    const { guard, counted } = guardOf(1_000);
    expect(
      passed(
        guard,
        Array.from({ length: 500 }, () => 'word'),
      ),
    ).toBeNull();
    expect(counted).toEqual([]);
  });

  test('lets an answer within its cap pass, also when our tokenizer counts a quarter more than the provider', () => {
    const { guard } = guardOf(1_000);
    expect(
      passed(
        guard,
        Array.from({ length: 1_250 }, () => 'word'),
      ),
    ).toBeNull();
  });

  test('stops an answer that goes on', () => {
    const { guard } = guardOf(1_000);
    const stoppedAt = passed(
      guard,
      Array.from({ length: 3_000 }, () => 'word'),
    );
    expect(stoppedAt).toBeGreaterThan(1_250);
    expect(stoppedAt).toBeLessThan(1_300);
  });

  test('stays stopped', () => {
    const { guard } = guardOf(1);
    expect(guard.isSpentBy('x'.repeat(10_000))).toBe(true);
    expect(guard.isSpentBy('')).toBe(true);
    expect(guard.isSpentBy('more')).toBe(true);
  });

  test('stops a flood in one piece, and an answer for which there is no money at all', () => {
    expect(guardOf(100).guard.isSpentBy('word'.repeat(1_000))).toBe(true);
    expect(
      passed(
        guardOf(0).guard,
        Array.from({ length: 100 }, () => 'word'),
      ),
    ).toBeLessThan(40);
  });

  test('weighs scripts by their bytes: three for a Chinese character', () => {
    const { guard } = guardOf(1_000, (text) => text.length);
    expect(
      passed(
        guard,
        Array.from({ length: 3_000 }, () => '漢'),
      ),
    ).toBeLessThan(1_300);
  });

  test('counts the beginning of a flood and takes the rest to be like it', () => {
    const { guard, counted } = guardOf(100_000);
    expect(guard.isSpentBy('word'.repeat(120_000))).toBe(false);
    expect(guard.isSpentBy('word'.repeat(10_000))).toBe(true);
    for (const text of counted) expect(text.length).toBeLessThanOrEqual(8_192);
  });

  test('counts every text once and in few pieces', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3_000 }),
        fc.array(fc.string({ unit: 'grapheme', maxLength: 60 }), { minLength: 1, maxLength: 400 }),
        (cap, pieces) => {
          const { guard, counted } = guardOf(cap, (text) => [...text].length);
          let text = '';
          for (const piece of pieces) {
            text += piece;
            if (guard.isSpentBy(piece)) break;
          }
          expect(text.startsWith(counted.join(''))).toBe(true);
          expect(counted.length).toBeLessThan(40 + text.length / 16);
        },
      ),
    );
  });
});
