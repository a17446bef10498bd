import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8Length } from './utf8-length.ts';

/** Any UTF-16 units, surrogates often, paired or not. */
const unit = fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd800, max: 0xdfff }));
const utf16 = fc.array(unit).map((units) => String.fromCharCode(...units));

test('counts what an encoder would write, lone surrogates included', () => {
  fc.assert(
    fc.property(fc.oneof(utf16, fc.string({ unit: 'grapheme' })), (text) => {
      expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length);
    }),
    { numRuns: 500 },
  );
  for (const text of ['', 'a', 'é', '€', '😀', '\ud83d', '\ude00', '\ude00\ud83d', 'a\ud83d']) {
    expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length);
  }
});
