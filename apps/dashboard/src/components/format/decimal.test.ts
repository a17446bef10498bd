import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dollars, groupDigits, leadingFractionZeros, roundDecimal, trimFraction } from './decimal.ts';

describe('roundDecimal', () => {
  test.each([
    ['1.005', 2, '1.01'],
    ['1.004999', 2, '1.00'],
    ['-1.005', 2, '-1.01'],
    ['0.999', 2, '1.00'],
    ['9.99', 1, '10.0'],
    ['12', 2, '12.00'],
    ['0.5', 0, '1'],
    ['123456789012345678.987654321', 2, '123456789012345678.99'],
  ])('%s to %i digits is %s, half away from zero', (decimal, digits, rounded) => {
    expect(roundDecimal(decimal, digits)).toBe(rounded);
  });

  test('a negative amount that rounds to nothing has no sign', () => {
    expect(roundDecimal('-0.001', 2)).toBe('0.00');
  });

  test('what was rounded is never further away than half of the last digit', () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 15n), 10n ** 15n), fc.integer({ min: 0, max: 8 }), (scaled, digits) => {
        const sign = scaled < 0n ? '-' : '';
        const text = (scaled < 0n ? -scaled : scaled).toString().padStart(10, '0');
        const rounded = roundDecimal(`${sign}${text.slice(0, -9)}.${text.slice(-9)}`, digits);
        const [whole = '', fraction = ''] = rounded.replace('-', '').split('.');
        const back = BigInt(whole + fraction.padEnd(9, '0')) * (rounded.startsWith('-') ? -1n : 1n);
        const distance = back - scaled;
        return (distance < 0n ? -distance : distance) * 2n <= 10n ** BigInt(9 - digits);
      }),
    );
  });
});

test('digits are grouped in threes from the right', () => {
  expect(['1', '12', '123', '1234', '1234567'].map(groupDigits)).toEqual(['1', '12', '123', '1,234', '1,234,567']);
});

test('only numbers below one have leading zeros in their fraction', () => {
  expect(['0.0004', '0.4', '0', '3.0004', '-0.01'].map(leadingFractionZeros)).toEqual([3, 0, 0, 0, 1]);
});

test('trimming keeps the digits that it is told to keep', () => {
  expect([trimFraction('1.500000', 2), trimFraction('1.000000', 0), trimFraction('0.0945', 2)]).toEqual([
    '1.50',
    '1',
    '0.0945',
  ]);
});

test('dollars put the sign before the currency', () => {
  expect([dollars('-1234.5'), dollars('0.15')]).toEqual(['−$1,234.5', '$0.15']);
});
