import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countTokens, cutToTokens, splitTokens } from './tokens.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 200 });

test('the pieces of a text are the text again, also when a character spans tokens', () => {
  fc.assert(
    fc.property(text, (whole) => {
      expect(splitTokens(whole).join('')).toBe(whole);
    }),
  );
});

test('a cut text is a prefix, has at most the tokens allowed, and is whole when it fits', () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 0, max: 40 }), (whole, max) => {
      const cut = cutToTokens(whole, max);
      expect(whole.startsWith(cut.text)).toBe(true);
      expect(countTokens(cut.text)).toBeLessThanOrEqual(max);
      expect(cut.isCut).toBe(countTokens(whole) > max);
    }),
  );
});

test('control tokens in a text are counted as the text they are', () => {
  expect(countTokens('<|endoftext|>')).toBeGreaterThan(1);
});
