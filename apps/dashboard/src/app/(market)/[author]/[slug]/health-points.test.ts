import { expect, test } from 'vitest';
import { type HealthHour, healthPoints, healthSeries, hoursUntil } from './health-points.ts';

const at = (hour: number) => new Date(Date.UTC(2026, 2, 10, hour));
const hour = (endpointId: string, hourAt: Date, change: Partial<HealthHour> = {}): HealthHour => ({
  endpointId,
  hourAt,
  ok: 10,
  failed: 0,
  uptime: 1,
  latencyMs: { p50: 250 },
  tokensPerSecond: null,
  ...change,
});

test('every hour up to the present one has a place', () => {
  expect(hoursUntil(new Date(Date.UTC(2026, 2, 10, 3, 40)), 3)).toEqual([at(1), at(2), at(3)]);
});

test('an hour without a measurement has no value, which is not zero', () => {
  const points = healthPoints([hour('a', at(1)), hour('b', at(2), { latencyMs: null })], 'latencyMs', [at(1), at(2)]);
  expect(points.map(({ values }) => values)).toEqual([{ a: 250 }, {}]);
});

test('the endpoints with the most calls have lines, five at most, and nobody else', () => {
  const hours = ['a', 'b', 'c', 'd', 'e', 'f'].map((id, index) => hour(id, at(1), { ok: index, failed: 1 }));
  const series = healthSeries(hours, (id) => id.toUpperCase());
  expect(series.map(({ name }) => name)).toEqual(['F', 'E', 'D', 'C', 'B']);
  expect(new Set(series.map(({ color }) => color)).size).toBe(5);
});
