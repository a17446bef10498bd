import { nanodollarsFromCents } from '@bourse/money';
import { describe, expect, test } from 'vitest';
import { comparePayments, type PaymentsInput } from './compare-payments.ts';

const now = new Date('2026-11-22T03:00:00Z');
const minutesAgo = (minutes: number): Date => new Date(now.getTime() - minutes * 60_000);
const zero = nanodollarsFromCents(0);

const payment = {
  paymentIntentId: 'pi_1',
  topupId: 'top_1',
  paidAt: minutesAgo(60),
  net: nanodollarsFromCents(2_580),
  currency: 'usd',
};
const purchase = { topupId: 'top_1', paymentIntentId: 'pi_1', createdAt: minutesAgo(61), clearing: payment.net };

function differences(input: Partial<PaymentsInput>): readonly string[] {
  const since = minutesAgo(10_000);
  const result = comparePayments({ settled: [payment], purchases: [purchase], since, now, ...input });
  expect(result.differences).toBe(result.examples.length);
  return result.examples;
}

describe('R6', () => {
  test('a purchase that was paid and granted is right, and so is one that nobody paid', () => {
    expect(differences({})).toEqual([]);
    const open = { ...purchase, topupId: 'top_2', paymentIntentId: null, clearing: zero };
    expect(differences({ purchases: [purchase, open] })).toEqual([]);
  });

  test('a payment without its grant is a difference, but for ten minutes it may be on its way', () => {
    const ungranted = { ...purchase, clearing: zero };
    expect(differences({ purchases: [ungranted] })).toHaveLength(1);
    const fresh = { ...payment, paidAt: minutesAgo(9) };
    expect(differences({ settled: [fresh], purchases: [ungranted] })).toEqual([]);
    expect(differences({ settled: [fresh], purchases: [] })).toEqual([]);
    expect(differences({ purchases: [] })).toEqual([expect.stringContaining('unknown purchase top_1')]);
  });

  test('a grant that nobody paid for is a difference, unless it is older than the payments that were listed', () => {
    expect(differences({ settled: [] })).toEqual([expect.stringContaining('which nobody paid')]);
    expect(differences({ settled: [], since: minutesAgo(30) })).toEqual([]);
  });

  test('another amount, a refund that only one side knows of, another currency, and paying twice are differences', () => {
    expect(differences({ settled: [{ ...payment, net: zero }] })).toHaveLength(1);
    expect(differences({ settled: [{ ...payment, net: zero, paidAt: minutesAgo(1) }] })).toHaveLength(1);
    expect(differences({ purchases: [{ ...purchase, clearing: nanodollarsFromCents(2_579) }] })).toHaveLength(1);
    expect(differences({ settled: [{ ...payment, currency: 'eur' }] })).toHaveLength(1);
    expect(differences({ settled: [payment, { ...payment, paymentIntentId: 'pi_2' }] })).toEqual([
      'payment pi_2 pays the purchase top_1 again',
    ]);
  });
});
