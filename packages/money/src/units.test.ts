import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ceilDivide, nanodollars, picodollarsPerUnit } from './units.ts';

const INT8_MAX = 2n ** 63n - 1n;

describe('nanodollars', () => {
  test('hold what PostgreSQL holds, and not one more', () => {
    expect(nanodollars(INT8_MAX)).toBe(INT8_MAX);
    expect(nanodollars(-INT8_MAX)).toBe(-INT8_MAX);
    expect(() => nanodollars(INT8_MAX + 1n)).toThrow(RangeError);
    expect(() => nanodollars(-INT8_MAX - 1n)).toThrow(RangeError);
  });
});

describe('picodollarsPerUnit', () => {
  test('is never negative and fits 64 bits', () => {
    expect(picodollarsPerUnit(0n)).toBe(0n);
    expect(() => picodollarsPerUnit(-1n)).toThrow(RangeError);
    expect(() => picodollarsPerUnit(INT8_MAX + 1n)).toThrow(RangeError);
  });
});

describe('ceilDivide', () => {
  test.each([
    [0n, 3n, 0n],
    [1n, 3n, 1n],
    [3n, 3n, 1n],
    [4n, 3n, 2n],
    [-1n, 3n, 0n],
    [-3n, 3n, -1n],
    [-4n, 3n, -1n],
  ])('%d / %d rounds up to %d', (dividend, divisor, quotient) => {
    expect(ceilDivide(dividend, divisor)).toBe(quotient);
  });

  test('is the smallest whole number that is not below the quotient', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt({ min: 1n }), (dividend, divisor) => {
        const quotient = ceilDivide(dividend, divisor);
        expect(quotient * divisor >= dividend).toBe(true);
        expect((quotient - 1n) * divisor < dividend).toBe(true);
      }),
    );
  });

  test('refuses a divisor that is not positive', () => {
    expect(() => ceilDivide(1n, 0n)).toThrow(RangeError);
    expect(() => ceilDivide(1n, -1n)).toThrow(RangeError);
  });
});
