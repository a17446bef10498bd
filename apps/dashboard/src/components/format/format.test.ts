import { nanodollars, picodollarsPerUnit } from '@bourse/money';
import { describe, expect, test } from 'vitest';
import { agoText } from './ago.tsx';
import { moneyText } from './money.tsx';
import { percentText } from './percent.tsx';
import { pricePerMillionText } from './price-per-million.tsx';
import { compactCount, contextText } from './tokens.tsx';

describe('moneyText', () => {
  test.each([
    [12_050_000_000n, '$12.05'],
    [1_234_567_000_000_000n, '$1,234,567.00'],
    [0n, '$0.00'],
    [10_000_000n, '$0.01'],
    [421_349n, '$0.0004213'],
    [9_999_999n, '$0.01'],
    [1n, '$0.000000001'],
    [-5_000_000_000n, '−$5.00'],
  ])('%s nanodollars is written %s', (amount, text) => {
    expect(moneyText(nanodollars(amount))).toBe(text);
  });

  test('an exact amount has every digit and at least cents', () => {
    expect(moneyText(nanodollars(6_195_000n), { exact: true })).toBe('$0.006195');
    expect(moneyText(nanodollars(5_000_000_000n), { exact: true })).toBe('$5.00');
  });
});

test('prices have all their digits, and a price of nothing is free', () => {
  const prices = [150_000n, 3_000_000n, 18_750n, 94_500n, 0n].map(picodollarsPerUnit);
  expect(prices.map(pricePerMillionText)).toEqual(['$0.15', '$3.00', '$0.01875', '$0.0945', 'Free']);
});

test('counts are short from a thousand up, with three digits each', () => {
  expect([0, 7, 999, 1_000, 1_234_567, 5_900_000_000n].map(compactCount)).toEqual([
    '0',
    '7',
    '999',
    '1.00K',
    '1.23M',
    '5.90B',
  ]);
});

test('context windows are named as people name them, whether round or powers of two', () => {
  const sizes = [128_000, 131_072, 200_000, 262_144, 1_000_000, 1_048_576, 16_385, 8_192, 512];
  expect(sizes.map(contextText)).toEqual(['128K', '128K', '200K', '256K', '1M', '1M', '16K', '8K', '512']);
});

test('a share that is more than nothing never reads as nothing', () => {
  expect([0, 0.0001, 0.0005, 0.1234, 1].map(percentText)).toEqual(['0.0%', '<0.1%', '0.1%', '12.3%', '100.0%']);
});

test('time since is told in the largest unit that fits', () => {
  const now = new Date('2026-11-22T12:00:00Z');
  const before = (ms: number) => new Date(now.getTime() - ms);
  expect(agoText(before(20_000), now)).toBe('just now');
  expect(agoText(before(5 * 60_000), now)).toBe('5m ago');
  expect(agoText(before(3 * 3_600_000), now)).toBe('3h ago');
  expect(agoText(before(24 * 3_600_000), now)).toBe('yesterday');
});
