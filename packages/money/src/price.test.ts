import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatUsdPerMillion,
  formatUsdPerUnit,
  picodollarsFromUsdPerMillion,
  picodollarsFromUsdPerUnit,
} from './price.ts';
import { picodollarsPerUnit } from './units.ts';

const prices = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(picodollarsPerUnit);

describe('prices', () => {
  test.each([
    ['0', 0n, '0'],
    ['0.15', 150_000n, '0.00000015'],
    ['3', 3_000_000n, '0.000003'],
    ['0.01875', 18_750n, '0.00000001875'],
    ['0.000001', 1n, '0.000000000001'],
    ['75', 75_000_000n, '0.000075'],
  ])('$%s per million is %d picodollars and "%s" per unit', (perMillion, price, perUnit) => {
    expect(picodollarsFromUsdPerMillion(perMillion)).toBe(price);
    expect(picodollarsFromUsdPerUnit(perUnit)).toBe(price);
    expect(formatUsdPerMillion(picodollarsPerUnit(price))).toBe(perMillion);
    expect(formatUsdPerUnit(picodollarsPerUnit(price))).toBe(perUnit);
  });

  test('are read back exactly from both forms', () => {
    fc.assert(
      fc.property(prices, (price) => {
        expect(picodollarsFromUsdPerMillion(formatUsdPerMillion(price))).toBe(price);
        expect(picodollarsFromUsdPerUnit(formatUsdPerUnit(price))).toBe(price);
      }),
    );
  });

  test('zeros behind the last decimal change nothing', () => {
    expect(picodollarsFromUsdPerMillion('0.1500000000')).toBe(150_000n);
    expect(picodollarsFromUsdPerUnit('0.00000015000000')).toBe(150_000n);
  });

  test.each(['', '-1', '+1', '1e-7', '.5', '1.', ' 1', 'free', '0.0000001', '99999999999999999999'])(
    'per million refuse "%s"',
    (text) => {
      expect(() => picodollarsFromUsdPerMillion(text)).toThrow(RangeError);
    },
  );

  test('per unit refuse more than twelve decimals rather than round a price', () => {
    expect(() => picodollarsFromUsdPerUnit('0.0000000000001')).toThrow(RangeError);
  });
});
