import { expect, test } from 'vitest';
import { modelSlugFrom } from './model-slug.ts';
import { usagePoints } from './usage-points.ts';

test('a variant keeps its colon, encoded or not', () => {
  expect(modelSlugFrom({ author: 'acme', slug: 'sprint-2%3Afree' })).toBe('acme/sprint-2:free');
  expect(modelSlugFrom({ author: 'acme', slug: 'sprint-2:free' })).toBe('acme/sprint-2:free');
});

test('a broken escape is a model that does not exist and not a crash', () => {
  expect(modelSlugFrom({ author: 'acme', slug: '%E0%A4%A' })).toBe('acme/%E0%A4%A');
});

test('every day up to today has a point, and days without usage are zero', () => {
  const now = new Date('2026-03-01T00:30:00Z');
  const points = usagePoints([{ date: '2026-02-28', inputTokens: 7, outputTokens: 3 }], { now, days: 3 });
  expect(points.map(({ label, values }) => [label, values])).toEqual([
    ['Feb 27', { input: 0, output: 0 }],
    ['Feb 28', { input: 7, output: 3 }],
    ['Mar 1', { input: 0, output: 0 }],
  ]);
});
