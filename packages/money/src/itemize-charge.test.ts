import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chargeTotal } from './charge-total.ts';
import { itemizeCharge } from './itemize-charge.ts';
import { picodollarsPerUnit } from './units.ts';

const lines = fc.array(
  fc.record({
    quantity: fc.nat(10_000_000),
    price: fc.bigInt({ min: 0n, max: 1_000_000_000n }).map(picodollarsPerUnit),
  }),
  { maxLength: 6 },
);

/** A decimal of at most 16 places as a whole number, so that sums are exact. */
function exact(decimal: string): bigint {
  const [whole = '', fraction = ''] = decimal.split('.');
  return BigInt(whole + fraction.padEnd(16, '0'));
}

test('each line says cost, markup and total to the last digit, and the rounding says what it added', () => {
  const line = { quantity: 7, price: picodollarsPerUnit(150_000n) };
  const other = { quantity: 1, price: picodollarsPerUnit(18_750n) };
  expect(itemizeCharge([line, other], 550)).toEqual({
    lines: [
      { cost: '0.00000105', markup: '0.00000005775', total: '0.00000110775' },
      { cost: '0.00000001875', markup: '0.00000000103125', total: '0.00000001978125' },
    ],
    subtotal: '0.00000112753125',
    rounding: '0.00000000046875',
    total: 1_128n,
  });
});

test('nothing comes to nothing', () => {
  expect(itemizeCharge([], 500)).toEqual({ lines: [], subtotal: '0', rounding: '0', total: 0n });
});

test('the parts of any charge add up to it: lines to the subtotal, with the rounding to the charge', () => {
  fc.assert(
    fc.property(lines, fc.nat(100_000), (of, markupBps) => {
      const itemized = itemizeCharge(of, markupBps);
      for (const { cost, markup, total } of itemized.lines) expect(exact(cost) + exact(markup)).toBe(exact(total));
      expect(itemized.lines.reduce((sum, { total }) => sum + exact(total), 0n)).toBe(exact(itemized.subtotal));
      expect(exact(itemized.subtotal) + exact(itemized.rounding)).toBe(itemized.total * 10_000_000n);
      expect(exact(itemized.rounding)).toBeLessThan(10_000_000n);
      expect(itemized.total).toBe(chargeTotal(of, markupBps));
    }),
  );
});
