import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBase64, encodeBase64, encodeFloats } from './base64.ts';

describe('base64', () => {
  test('is what the platform says, and back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
        const text = Buffer.from(bytes).toString('base64');
        expect(encodeBase64(bytes)).toBe(text);
        for (const variant of [text, text.replaceAll('=', ''), Buffer.from(bytes).toString('base64url')]) {
          expect(decodeBase64(variant)).toEqual(bytes);
        }
      }),
    );
  });

  test.each(['A', 'AAAAA', 'AA=A', 'A A=', 'A\nAA', 'é===', '====', 'AAA€'])('%j is none', (text) => {
    expect(decodeBase64(text)).toBeNull();
  });

  test('takes numbers as 32-bit floats in little-endian', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ noNaN: true })), (numbers) => {
        const bytes = Buffer.from(encodeFloats(numbers), 'base64');
        expect(numbers.map((_, index) => bytes.readFloatLE(index * 4))).toEqual(numbers);
      }),
    );
  });
});
