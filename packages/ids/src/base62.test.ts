import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomBase62, toBase62 } from './base62.ts';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

describe('randomBase62', () => {
  test('has the length that was asked for and no other characters', () => {
    for (const length of [0, 1, 20, 43, 500])
      expect(randomBase62(length)).toMatch(new RegExp(`^[0-9A-Za-z]{${length}}$`));
  });

  test('prefers no letter: the counts of 62,000 draws are those of a fair die', () => {
    const counts = new Map<string, number>();
    for (const letter of randomBase62(62_000)) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    expect(counts.size).toBe(62);
    const deviation = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    // Chi-squared with 61 degrees of freedom is above 150 once in 10^9 runs; taking bytes modulo 62 gives about 500.
    expect(deviation).toBeLessThan(150);
  });
});

describe('toBase62', () => {
  test('writes every 32-bit number in six characters that mean it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (value) => {
        const text = toBase62(value, 6);
        expect(text).toHaveLength(6);
        expect([...text].reduce((sum, letter) => sum * 62 + ALPHABET.indexOf(letter), 0)).toBe(value);
      }),
    );
    expect(toBase62(0, 6)).toBe('000000');
  });
});
