import { expect, test } from 'vitest';
import { activityRange } from './activity-range.ts';
import { loadActivityParams } from './search-params.ts';

const now = new Date('2026-11-22T15:30:00Z');
const none = { period: 'month', from: null, to: null } as const;

test('a period reaches back from now, and all reaches back for ever', () => {
  expect(activityRange({ ...none, period: 'week' }, now)).toEqual({ from: new Date('2026-11-15T15:30:00Z'), to: null });
  expect(activityRange({ ...none, period: 'all' }, now)).toEqual({ from: null, to: null });
});

test('chosen days count whole, in UTC, and win over the period', () => {
  expect(activityRange({ ...none, from: '2026-11-01', to: '2026-11-01' }, now)).toEqual({
    from: new Date('2026-11-01T00:00:00Z'),
    to: new Date('2026-11-02T00:00:00Z'),
  });
  expect(activityRange({ ...none, to: '2026-11-01' }, now).from).toBeNull();
});

test('nonsense in the URL is the default', () => {
  const query = loadActivityParams({ period: 'eon', from: '2026-02-29', to: 'x', end: 'maybe', sort: 'drop table' });
  expect(query).toMatchObject({ period: 'month', from: null, to: null, end: null, sort: 'newest' });
});
