import { nanodollars } from '@bourse/money';
import { expect, test } from 'vitest';
import { spendChart } from './spend-points.ts';

const dollars = (amount: number) => nanodollars(BigInt(amount) * 1_000_000_000n);
const row = (date: string, modelSlug: string, amount: number) => ({ date, modelSlug, charge: dollars(amount) });
const options = {
  firstDay: null,
  lastDay: new Date('2026-11-22T15:00:00Z'),
  nameOf: (slug: string) => slug.toUpperCase(),
};

test('the largest model comes first, and days without spend are there with nothing in them', () => {
  const { series, points } = spendChart(
    [row('2026-11-20', 'a', 1), row('2026-11-22', 'b', 3), row('2026-11-22', 'a', 1)],
    options,
  );
  expect(series.map(({ name }) => name)).toEqual(['B', 'A']);
  expect(points.map(({ label, values }) => [label, values])).toEqual([
    ['Nov 20', { a: 1 }],
    ['Nov 21', {}],
    ['Nov 22', { a: 1, b: 3 }],
  ]);
});

test('more models than colours end in one layer that sums the rest', () => {
  const rows = Array.from({ length: 11 }, (_, index) => row('2026-11-22', `m${index}`, 20 - index));
  const { series, points } = spendChart(rows, options);
  expect(series).toHaveLength(9);
  expect(points[0]?.values['other']).toBe(12 + 11 + 10);
});

test('a period that began before the first spend is drawn from its beginning', () => {
  const firstDay = new Date('2026-11-16T15:00:00Z');
  expect(spendChart([row('2026-11-22', 'a', 1)], { ...options, firstDay }).points).toHaveLength(7);
});

test('no more than 90 days are drawn, however old the first one is', () => {
  expect(spendChart([row('2020-01-01', 'a', 1)], options).points).toHaveLength(90);
  expect(spendChart([], options).points).toHaveLength(1);
});
