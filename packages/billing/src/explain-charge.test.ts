import { nanodollars, picodollarsPerUnit } from '@bourse/money';
import { expect, test } from 'vitest';
import { estimateMethod, explainCharge } from './explain-charge.ts';

const lines = [{ quantity: 100, price: picodollarsPerUnit(1_000_000n) }];
const facts = (charged: bigint, overrun = 0n) => ({
  lines,
  markupBps: 500,
  charged: nanodollars(charged),
  overrun: nanodollars(overrun),
});

test('a whole charge leaves nothing to explain', () => {
  expect(explainCharge(facts(105_000n))).toMatchObject({ total: 105_000n, capped: 0n, clamped: 0n });
});

test('what was not charged was capped, but for what the credits did not cover', () => {
  expect(explainCharge(facts(60_000n, 10_000n))).toMatchObject({ total: 105_000n, capped: 35_000n, clamped: 10_000n });
});

test('more than the lines come to cannot have been charged', () => {
  expect(() => explainCharge(facts(105_001n))).toThrow();
});

test('the method of an estimate is read from its flag', () => {
  expect(estimateMethod(['estimated', 'method:o200k_base'])).toBe('o200k_base');
  expect(estimateMethod(['insured'])).toBeNull();
});
