import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { feeForPurchase, nanodollarsFromCents } from './purchase.ts';

const rule = { feeBps: 550, feeCentsMin: 80 };

describe('feeForPurchase', () => {
  test.each([
    [500, 80],
    [1000, 80],
    [1455, 81],
    [10_000, 550],
    [10_001, 551],
    [1, 80],
  ])('on %i cents is %i cents', (amountCents, fee) => {
    expect(feeForPurchase(amountCents, rule)).toBe(fee);
  });

  test('is never below the minimum nor the exact share, and less than a cent above the greater of them', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000_000 }),
        fc.nat(10_000),
        fc.nat(1000),
        (amountCents, feeBps, feeCentsMin) => {
          const fee = feeForPurchase(amountCents, { feeBps, feeCentsMin });
          const share = (amountCents * feeBps) / 10_000;
          expect(fee).toBeGreaterThanOrEqual(Math.max(share, feeCentsMin));
          expect(fee - Math.max(share, feeCentsMin)).toBeLessThan(1);
        },
      ),
    );
  });

  test.each([0, -5, 0.5, Number.NaN])('refuses an amount of %d cents', (amountCents) => {
    expect(() => feeForPurchase(amountCents, rule)).toThrow(RangeError);
  });

  test.each([
    { feeBps: -1, feeCentsMin: 0 },
    { feeBps: 5.5, feeCentsMin: 0 },
    { feeBps: 550, feeCentsMin: -1 },
    { feeBps: 550, feeCentsMin: 0.5 },
    { feeBps: Number.NaN, feeCentsMin: 0 },
  ])('refuses the rule %j', (wrong) => {
    expect(() => feeForPurchase(1000, wrong)).toThrow(RangeError);
  });
});

describe('nanodollarsFromCents', () => {
  test('is exact, refunds included', () => {
    expect(nanodollarsFromCents(1)).toBe(10_000_000n);
    expect(nanodollarsFromCents(-250)).toBe(-2_500_000_000n);
    expect(nanodollarsFromCents(0)).toBe(0n);
  });

  test.each([0.5, Number.NaN, 2 ** 53])('refuses %d', (cents) => {
    expect(() => nanodollarsFromCents(cents)).toThrow(RangeError);
  });

  test('refuses more cents than a ledger holds', () => {
    expect(() => nanodollarsFromCents(Number.MAX_SAFE_INTEGER)).toThrow(RangeError);
  });
});
