import { DeltaTally, type HealthSample } from '@bourse/routing';
import { createTestDatabase, type TestDatabase } from '@bourse/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

const HOUR_MS = 3_600_000;

/** What one gateway saw of `e1` and `e2`. */
function seen(samples: Readonly<Record<string, readonly HealthSample[]>>) {
  const tally = new DeltaTally();
  for (const [endpointId, all] of Object.entries(samples)) for (const sample of all) tally.add(endpointId, sample);
  return tally.take();
}

test('what several gateways saw of an hour is added up, percentiles too', async () => {
  const { endpointHealth } = database.db;
  const answers = (from: number): HealthSample[] =>
    Array.from({ length: 50 }, (_, index) => ({ end: 'ok', latencyMs: from + index, tokensPerSecond: 100 }));
  await Promise.all([
    endpointHealth.add(seen({ e1: [...answers(1), { end: 'failed' }], e2: [{ end: 'failed' }] })),
    endpointHealth.add(
      seen({ e2: [{ end: 'failed', tools: 'broken' }], e1: [...answers(51), { end: 'ok', tools: 'sound' }] }),
    ),
  ]);
  await endpointHealth.add([]);
  const now = Date.now();
  const range = { from: new Date(now - 2 * HOUR_MS), to: new Date(now + HOUR_MS) };
  const [e1, e2, ...rest] = await endpointHealth.hours({ endpointIds: ['e1', 'e2', 'e3'], ...range });
  expect(rest).toEqual([]);
  expect(e1).toMatchObject({
    endpointId: 'e1',
    ok: 101,
    failed: 1,
    uptime: 101 / 102,
    toolAnswers: 1,
    toolErrorRate: 0,
  });
  expect(e1?.latencyMs?.p50).toBeGreaterThan(47);
  expect(e1?.latencyMs?.p50).toBeLessThan(54);
  expect(e1?.latencyMs?.p99).toBeGreaterThan(96);
  expect(e1?.tokensPerSecond?.p50).toBeCloseTo(100, -1);
  expect(e2).toMatchObject({ endpointId: 'e2', ok: 0, failed: 2, uptime: 0, latencyMs: null, toolErrorRate: 1 });
  expect(await endpointHealth.attempts(24)).toHaveLength(2);
});

test('old hours are removed, and only those', async () => {
  const { endpointHealth } = database.db;
  await endpointHealth.add(seen({ kept: [{ end: 'ok' }] }));
  expect(await endpointHealth.prune({ forMs: 2 * HOUR_MS })).toBe(0);
  expect((await endpointHealth.attempts(24)).map(({ endpointId }) => endpointId)).toContain('kept');
  expect(await endpointHealth.prune({ forMs: -HOUR_MS })).toBeGreaterThan(0);
  expect(await endpointHealth.attempts(24)).toEqual([]);
});
