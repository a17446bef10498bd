import { expect, test } from 'vitest';
import { type Bucket, stackedPoints, stackedSeries } from './stacked-points.ts';

const now = new Date('2026-11-22T12:34:56Z');
const bucket = (at: string, modelSlug: string, tokens: number): Bucket => ({
  bucketAt: new Date(at),
  modelSlug,
  tokens,
});

test('a week has seven bars that end today, also on days on which nothing happened', () => {
  const points = stackedPoints([bucket('2026-11-20T00:00:00Z', 'a/b', 5)], { period: 'week', now });
  expect(points.map((point) => point.label)).toEqual([
    'Nov 16',
    'Nov 17',
    'Nov 18',
    'Nov 19',
    'Nov 20',
    'Nov 21',
    'Nov 22',
  ]);
  expect(points.map((point) => point.values['a/b'] ?? 0)).toEqual([0, 0, 0, 0, 5, 0, 0]);
});

test('a day has a bar per hour, in UTC', () => {
  const points = stackedPoints([], { period: 'day', now });
  expect(points).toHaveLength(24);
  expect(points.at(-1)?.label).toBe('12:00');
});

test('a bucket that began before the first bar is not lost', () => {
  const points = stackedPoints([bucket('2026-11-15T00:00:00Z', 'a/b', 5)], { period: 'week', now });
  expect(points).toHaveLength(8);
  expect(points[0]?.values).toEqual({ 'a/b': 5 });
});

test('layers are ordered by size, the rest comes last and grey however large it is', () => {
  const series = stackedSeries(
    [
      bucket('2026-11-20T00:00:00Z', 'other', 900),
      bucket('2026-11-20T00:00:00Z', 'a/small', 1),
      bucket('2026-11-20T00:00:00Z', 'a/large', 2),
      bucket('2026-11-21T00:00:00Z', 'a/large', 2),
    ],
    (slug) => slug.toUpperCase(),
  );
  expect(series).toEqual([
    { key: 'a/large', name: 'A/LARGE', color: 1 },
    { key: 'a/small', name: 'A/SMALL', color: 2 },
    { key: 'other', name: 'All others', color: 'other' },
  ]);
});
