import { expect, test } from 'vitest';
import { pricePoints } from './price-points.ts';

const now = new Date('2026-03-10T12:00:00Z');
const day = (text: string) => new Date(`${text}T00:00:00Z`);

test('a day shows what the cheapest endpoint asked on it', () => {
  const points = pricePoints(
    [
      { from: day('2026-03-08'), to: day('2026-03-10'), input: 3, output: 15 },
      { from: day('2026-03-10'), to: null, input: 2, output: 10 },
      { from: day('2026-03-09'), to: null, input: 2.5, output: 20 },
    ],
    now,
  );
  expect(points.map(({ label, values }) => [label, values])).toEqual([
    ['Mar 8', { input: 3, output: 15 }],
    ['Mar 9', { input: 2.5, output: 15 }],
    ['Mar 10', { input: 2, output: 10 }],
  ]);
});

test('a time in which nobody sold it is a gap and not a price of zero', () => {
  const points = pricePoints(
    [
      { from: day('2026-03-08'), to: day('2026-03-09'), input: 3, output: null },
      { from: day('2026-03-10'), to: null, input: 0, output: null },
    ],
    now,
  );
  expect(points.map(({ values }) => values)).toEqual([{ input: 3 }, {}, { input: 0 }]);
});

test('however old the first price is, there are few points and the last one is today', () => {
  const points = pricePoints([{ from: day('2020-01-01'), to: null, input: 1, output: 1 }], now);
  expect(points.length).toBeLessThanOrEqual(122);
  expect(points.at(-1)?.label).toBe('Mar 10');
});
