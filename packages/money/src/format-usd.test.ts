import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatUsd, nanodollarsFromUsd, nanodollarsFromUsdNumber, usdNumber } from './format-usd.ts';
import { nanodollars } from './units.ts';

const amounts = fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }).map(nanodollars);

describe('formatUsd', () => {
  test.each([
    [0n, '0'],
    [1n, '0.000000001'],
    [1_500_000n, '0.0015'],
    [1_000_000_000n, '1'],
    [-1n, '-0.000000001'],
    [-3_500_000_000n, '-3.5'],
    [9_223_372_036_854_775_807n, '9223372036.854775807'],
  ])('%d nanodollars are "%s"', (amount, text) => {
    expect(formatUsd(nanodollars(amount))).toBe(text);
  });

  test('is read back exactly, and is a JSON number', () => {
    fc.assert(
      fc.property(amounts, (amount) => {
        const text = formatUsd(amount);
        expect(nanodollarsFromUsd(text)).toBe(amount);
        expect(text).toMatch(/^-?(0|[1-9]\d*)(\.\d*[1-9])?$/);
      }),
    );
  });
});

describe('nanodollarsFromUsd', () => {
  test.each([
    ['12', 12_000_000_000n],
    ['0.0015', 1_500_000n],
    ['-3.50', -3_500_000_000n],
    ['1.0000000000000', 1_000_000_000n],
    ['007', 7_000_000_000n],
    ['-0', 0n],
  ])('reads "%s"', (text, amount) => {
    expect(nanodollarsFromUsd(text)).toBe(amount);
  });

  test.each([
    '',
    ' 1',
    '1 ',
    '+1',
    '1.',
    '.5',
    '1e3',
    '1,5',
    '0x1',
    'NaN',
    '--1',
    '0.0000000001',
    '1.2.3',
    '１',
    '9999999999999',
  ])('refuses "%s"', (text) => {
    expect(() => nanodollarsFromUsd(text)).toThrow(RangeError);
  });
});

describe('usdNumber', () => {
  test('is exact to the nanodollar for amounts under a million dollars', () => {
    const small = fc.bigInt({ min: -999_999_999_999_999n, max: 999_999_999_999_999n }).map(nanodollars);
    fc.assert(
      fc.property(small, (amount) => {
        expect(nanodollarsFromUsd(usdNumber(amount).toFixed(9))).toBe(amount);
      }),
    );
  });

  test('gives the number that the exact digits mean', () => {
    expect(JSON.stringify(usdNumber(nanodollars(1_434_000n)))).toBe('0.001434');
  });
});

describe('nanodollarsFromUsdNumber', () => {
  test.each([
    [12, 12_000_000_000n],
    [0.0015, 1_500_000n],
    [-3.5, -3_500_000_000n],
    [0.1, 100_000_000n],
    [1e-9, 1n],
    [1.5e-7, 150n],
    [0, 0n],
    [-0, 0n],
    [999_999.999999999, 999_999_999_999_999n],
    [9_000_000_000, 9_000_000_000_000_000_000n],
  ])('reads %d', (usd, amount) => {
    expect(nanodollarsFromUsdNumber(usd)).toBe(amount);
  });

  test.each([
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1e-10,
    0.1 + 0.2,
    1.0000000001,
    12_345_678.123456789,
    1e21,
    Number.MAX_VALUE,
    Number.MIN_VALUE,
    10_000_000_000,
  ])('refuses %d rather than guess', (usd) => {
    expect(() => nanodollarsFromUsdNumber(usd)).toThrow(RangeError);
  });

  test('gives back every amount below a million dollars that went through a JSON body', () => {
    const small = fc.bigInt({ min: -(10n ** 15n) + 1n, max: 10n ** 15n - 1n }).map(nanodollars);
    fc.assert(
      fc.property(small, (amount) => {
        const sent: unknown = JSON.parse(JSON.stringify({ usd: usdNumber(amount) }));
        expect(sent).toMatchObject({ usd: expect.any(Number) });
        expect(nanodollarsFromUsdNumber((sent as { usd: number }).usd)).toBe(amount);
      }),
    );
  });
});
