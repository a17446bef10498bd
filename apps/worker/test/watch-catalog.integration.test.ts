import { createMetrics, type Logger } from '@bourse/telemetry';
import { createTestDatabase, type TestDatabase } from '@bourse/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { watchCatalog } from '../src/jobs/watch-catalog.ts';
import { createWorkerMetrics } from '../src/worker-metrics.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test('a refused look at the sources is logged once and shown until a later one makes sense; what waits is counted', async () => {
  const logged: string[] = [];
  const log: Logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    isEnabled: () => true,
    error: (event, error) => logged.push(`${event}: ${error instanceof Error ? error.message : ''}`),
  };
  const metrics = createMetrics('worker');
  const proposals = database.db.catalogProposals;
  const job = watchCatalog({ proposals, metrics: createWorkerMetrics(metrics), log, everyMs: 1_000 });
  const look = async () => {
    await job.run(new AbortController().signal);
    const text = await metrics.render();
    const value = (name: string) => Number(new RegExp(`^${name}(?:\\{.*\\})? (.+)$`, 'm').exec(text)?.[1]);
    return [value('bourse_catalog_proposals_pending'), value('bourse_catalog_sync_refused')];
  };
  expect(await look()).toEqual([0, 0]);

  const run = { source: 'feed@1', outcome: 'refused', applied: 0, held: 0, problem: 'not JSON' } as const;
  await proposals.recordSync(run);
  const proposal = { fingerprint: 'a'.repeat(64), subject: 'x', summary: 'x', reasons: ['dearer'], change: {} };
  await proposals.replacePending({ source: 'feed@1', proposals: [proposal] });
  expect(await look()).toEqual([1, 1]);
  expect(await look()).toEqual([1, 1]);
  expect(logged).toEqual(['catalog.sync_refused: not JSON']);

  await proposals.recordSync({ ...run, outcome: 'unchanged', problem: null });
  expect(await look()).toEqual([1, 0]);
});
