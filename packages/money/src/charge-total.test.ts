import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ChargeLine, chargeTotal, costTotal, feeTotal } from './charge-total.ts';
import { picodollarsPerUnit } from './units.ts';

const line = (quantity: number, price: bigint): ChargeLine => ({ quantity, price: picodollarsPerUnit(price) });
const lines = fc.array(
  fc.record({
    quantity: fc.nat(10_000_000),
    price: fc.bigInt({ min: 0n, max: 1_000_000_000n }).map(picodollarsPerUnit),
  }),
  { maxLength: 6 },
);
const markup = fc.nat(100_000);

describe('chargeTotal', () => {
  test.each([
    ['nothing', [], 500, 0n],
    ['a thousand tokens at $3 per million', [line(1000, 3_000_000n)], 0, 3_000_000n],
    ['the same with 5.5 %', [line(1000, 3_000_000n)], 550, 3_165_000n],
    ['one token at $0.01875 per million', [line(1, 18_750n)], 0, 19n],
    ['a price below a nanodollar', [line(1, 1n)], 0, 1n],
    ['a free model', [line(1000, 0n)], 550, 0n],
    ['input and output', [line(812, 150_000n), line(64, 600_000n)], 0, 160_200n],
  ])('charges %s exactly', (_name, charged, markupBps, total) => {
    expect(chargeTotal(charged, markupBps)).toBe(total);
  });

  test('rounds once for the whole, not once per line', () => {
    expect(chargeTotal([line(1, 400n), line(1, 400n)], 0)).toBe(1n);
  });

  test('is exact where a double is not', () => {
    expect(chargeTotal([line(9_007_199_254_740_991, 1_001n)], 0)).toBe(9_016_206_453_995_732n);
  });

  test('is at least the exact amount, and less than one nanodollar above it', () => {
    fc.assert(
      fc.property(lines, markup, (charged, markupBps) => {
        const exact =
          charged.reduce((sum, each) => sum + BigInt(each.quantity) * each.price, 0n) * BigInt(10_000 + markupBps);
        const total = chargeTotal(charged, markupBps) * 10_000_000n;
        expect(total >= exact && total - exact < 10_000_000n).toBe(true);
      }),
    );
  });

  test('never falls when a quantity, a price, the markup or a line is added', () => {
    fc.assert(
      fc.property(lines, markup, fc.nat(1000), (charged, markupBps, more) => {
        const total = chargeTotal(charged, markupBps);
        expect(chargeTotal(charged, Math.min(markupBps + more, 100_000)) >= total).toBe(true);
        expect(chargeTotal([...charged, line(more, 5n)], markupBps) >= total).toBe(true);
        expect(
          chargeTotal(
            charged.map((each) => ({ ...each, quantity: each.quantity + more })),
            markupBps,
          ) >= total,
        ).toBe(true);
      }),
    );
  });

  test('does not depend on the order of the lines', () => {
    fc.assert(
      fc.property(lines, markup, (charged, markupBps) => {
        expect(chargeTotal(charged.toReversed(), markupBps)).toBe(chargeTotal(charged, markupBps));
      }),
    );
  });

  test('split over two generations costs the same or up to a nanodollar more, never less', () => {
    fc.assert(
      fc.property(lines, lines, markup, (first, second, markupBps) => {
        const apart = chargeTotal(first, markupBps) + chargeTotal(second, markupBps);
        const together = chargeTotal([...first, ...second], markupBps);
        expect(apart >= together && apart - together <= 1n).toBe(true);
      }),
    );
  });

  test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('refuses a quantity of %d', (quantity) => {
    expect(() => chargeTotal([line(quantity, 1n)], 0)).toThrow(RangeError);
  });

  test.each([-1, 0.5, 100_001, Number.NaN])('refuses a markup of %d', (markupBps) => {
    expect(() => chargeTotal([], markupBps)).toThrow(RangeError);
  });

  test('refuses a total that no ledger could hold', () => {
    const dear = line(Number.MAX_SAFE_INTEGER, 9_000_000_000_000_000_000n);
    expect(() => chargeTotal([dear], 0)).toThrow(RangeError);
  });
});

describe('costTotal', () => {
  test('is never above the charge, whatever the markup', () => {
    fc.assert(
      fc.property(lines, markup, (charged, markupBps) => chargeTotal(charged, markupBps) >= costTotal(charged)),
    );
  });
});

describe('feeTotal', () => {
  test('is what the markup adds, to the nanodollar', () => {
    fc.assert(
      fc.property(lines, markup, (charged, markupBps) => {
        const added = chargeTotal(charged, markupBps) - costTotal(charged);
        const fee = feeTotal(charged, markupBps);
        expect(fee >= added && fee - added <= 1n).toBe(true);
      }),
    );
  });

  test('never falls when a price rises', () => {
    fc.assert(
      fc.property(lines, markup, fc.bigInt({ min: 0n, max: 100_000n }), (charged, markupBps, more) => {
        const dearer = charged.map((each) => line(each.quantity, each.price + more));
        expect(feeTotal(dearer, markupBps) >= feeTotal(charged, markupBps)).toBe(true);
      }),
    );
  });

  test('is nothing without a markup', () => {
    expect(feeTotal([line(1_000, 7n)], 0)).toBe(0n);
  });
});
