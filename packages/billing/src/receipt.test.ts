import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anySheet, anyUsage } from '../test/builders.ts';
import { priceLinesFor } from './price-lines.ts';
import { parseLines, serializeLines } from './receipt.ts';

const stored = { meter: 'input', quantity: 12, pricePicodollars: '150000', tier: 0 };

describe('receipt lines', () => {
  test('come back from JSON exactly as they were', () => {
    fc.assert(
      fc.property(anySheet, anyUsage, (sheet, usage) => {
        const lines = priceLinesFor(sheet, usage);
        expect(parseLines(JSON.parse(JSON.stringify(serializeLines(lines))))).toEqual(lines);
      }),
    );
  });

  test('keep a price that no JSON number could hold', () => {
    const [parsed] = parseLines([{ ...stored, pricePicodollars: '123456789012345678' }]);
    expect(parsed?.price).toBe(123_456_789_012_345_678n);
  });

  test.each([
    ['something else than a list', stored],
    ['an entry that is not an object', [7]],
    ['an unknown meter', [{ ...stored, meter: 'smell' }]],
    ['a fractional count', [{ ...stored, quantity: 1.5 }]],
    ['a negative tier', [{ ...stored, tier: -1 }]],
    ['a price as a number', [{ ...stored, pricePicodollars: 150_000 }]],
    ['a negative price', [{ ...stored, pricePicodollars: '-1' }]],
    ['a fractional price', [{ ...stored, pricePicodollars: '0.5' }]],
  ])('are not read from %s', (_case, value) => {
    expect(() => parseLines(value)).toThrow(expect.objectContaining({ code: 'internal' }));
  });
});
