import { type Meter, meters, unitMeters } from '@bourse/generation';
import { picodollarsFromUsdPerUnit } from '@bourse/money';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anySheet, anyUsage, line, sheetOf } from '../test/builders.ts';
import { priceLinesFor } from './price-lines.ts';

const priceOf = (sheet: Parameters<typeof priceLinesFor>[0], usage: Parameters<typeof priceLinesFor>[1]) =>
  Object.fromEntries(priceLinesFor(sheet, usage).map((each) => [each.meter, each.price]));

describe('priceLinesFor', () => {
  test('prices each counted meter with its own line', () => {
    const sheet = sheetOf([line('input', '3'), line('input_cache_read', '0.3'), line('output', '15')]);
    expect(priceLinesFor(sheet, { input: 10, input_cache_read: 90, output: 5 })).toEqual([
      { meter: 'input', quantity: 10, price: 3_000_000n, tier: 0 },
      { meter: 'input_cache_read', quantity: 90, price: 300_000n, tier: 0 },
      { meter: 'output', quantity: 5, price: 15_000_000n, tier: 0 },
    ]);
  });

  test('leaves out what was not counted', () => {
    expect(priceLinesFor(sheetOf(), { input: 0, output: 0 })).toEqual([]);
    expect(priceLinesFor(sheetOf(), {})).toEqual([]);
  });

  test.each<[Meter, bigint]>([
    ['input_cache_read', 2_500_000n],
    ['input_cache_write', 2_500_000n],
    ['input_cache_write_1h', 2_500_000n],
    ['input_audio', 2_500_000n],
    ['input_image', 2_500_000n],
    ['output_reasoning', 10_000_000n],
    ['output_audio', 10_000_000n],
    ['output_image', 10_000_000n],
  ])('bills %s without a price of its own as the plain kind of token', (meter, expected) => {
    expect(priceOf(sheetOf(), { [meter]: 7 })).toEqual({ [meter]: expected });
  });

  test('bills a write for an hour as a plain write before it falls back to the input price', () => {
    const sheet = sheetOf([line('input', '3'), line('input_cache_write', '3.75'), line('output', '15')]);
    expect(priceOf(sheet, { input_cache_write_1h: 1 })).toEqual({ input_cache_write_1h: 3_750_000n });
  });

  test('a sheet without a price for tokens is that of a unit: it includes them', () => {
    const perPicture = sheetOf([
      { meter: 'image_made', price: picodollarsFromUsdPerUnit('0.04'), aboveInputTokens: 0 },
    ]);
    expect(priceOf(perPicture, { image_made: 2, input: 30, output_image: 4_000 })).toEqual({
      image_made: 40_000_000_000n,
    });
  });

  test('includes requests and searches that have no price, and bills those that have one', () => {
    expect(priceLinesFor(sheetOf(), { request: 1, web_search: 3 })).toEqual([]);
    const priced = sheetOf([line('input', '1'), line('output', '1'), line('request', '5000')]);
    expect(priceOf(priced, { request: 1, web_search: 3 })).toEqual({ request: 5_000_000_000n });
  });

  test('takes the highest tier whose threshold lies strictly below all input tokens, cached ones included', () => {
    const sheet = sheetOf([
      line('input', '1'),
      line('input', '2', 1_000),
      line('input', '4', 2_000),
      line('output', '5'),
      line('output', '9', 1_000),
    ]);
    expect(priceOf(sheet, { input: 1_000, output: 1 })).toEqual({ input: 1_000_000n, output: 5_000_000n });
    expect(priceOf(sheet, { input: 1_001, output: 1 })).toEqual({ input: 2_000_000n, output: 9_000_000n });
    expect(priceOf(sheet, { input: 501, input_cache_read: 1_500, output: 1 })).toEqual({
      input: 4_000_000n,
      input_cache_read: 4_000_000n,
      output: 9_000_000n,
    });
    expect(priceLinesFor(sheet, { input: 5_000 })[0]?.tier).toBe(2_000);
  });

  test('keeps a meter that has only a base price at its base price in every tier', () => {
    const sheet = sheetOf([
      line('input', '1'),
      line('input', '2', 10),
      line('input_cache_read', '0.1'),
      line('output', '1'),
    ]);
    expect(priceOf(sheet, { input: 20, input_cache_read: 20 })).toEqual({
      input: 2_000_000n,
      input_cache_read: 100_000n,
    });
  });

  test('uses the fallback below the only tier that a meter has of its own', () => {
    const sheet = sheetOf([line('input', '1'), line('input_cache_read', '0.1', 1_000), line('output', '1')]);
    expect(priceOf(sheet, { input_cache_read: 500 })).toEqual({ input_cache_read: 1_000_000n });
    expect(priceOf(sheet, { input_cache_read: 1_001 })).toEqual({ input_cache_read: 100_000n });
  });

  test('refuses to bill a token without a price instead of giving it away', () => {
    const sheet = sheetOf([line('input', '1')]);
    expect(() => priceLinesFor(sheet, { output: 1 })).toThrow(expect.objectContaining({ code: 'internal' }));
    expect(() => priceLinesFor(sheetOf([line('input', '1', 500), line('output', '1')]), { input: 5 })).toThrow(
      expect.objectContaining({ code: 'internal' }),
    );
  });

  test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('refuses the count %s', (input) => {
    expect(() => priceLinesFor(sheetOf(), { input })).toThrow(expect.objectContaining({ code: 'internal' }));
  });

  test('gives exactly one line per counted and priced meter, in the order of the meters', () => {
    fc.assert(
      fc.property(anySheet, anyUsage, (sheet, usage) => {
        const lines = priceLinesFor(sheet, usage);
        const order = lines.map((each) => meters.indexOf(each.meter));
        expect(order).toEqual([...new Set(order)].toSorted((a, b) => a - b));
        for (const each of lines) expect(each.quantity).toBe(usage[each.meter]);
        const included: readonly Meter[] = ['request', 'web_search', 'plugin_web', ...unitMeters];
        for (const meter of meters) {
          if ((usage[meter] ?? 0) > 0 && !included.includes(meter))
            expect(lines.map((each) => each.meter)).toContain(meter);
        }
      }),
    );
  });
});
