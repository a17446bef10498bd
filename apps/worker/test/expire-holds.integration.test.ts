import { openDatabase } from '@bourse/db';
import { nanodollars } from '@bourse/money';
import { createMetrics } from '@bourse/telemetry';
import { createOrganization, createTestDatabase, generationRecord, type TestDatabase } from '@bourse/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expireHolds } from '../src/jobs/expire-holds.ts';
import { createWorkerMetrics } from '../src/worker-metrics.ts';
import { eventually, reserveMany } from './holds.ts';

const never = new AbortController().signal;
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

function jobOn(db: TestDatabase['db']) {
  const metrics = createMetrics('worker');
  return { metrics, job: expireHolds({ ledger: db.ledger, metrics: createWorkerMetrics(metrics), everyMs: 5_000 }) };
}

const allOverdue = (count: number) =>
  eventually(
    () => database.db.ledger.openHolds(),
    ({ overdue }) => overdue === count,
  );

test('holds whose time has passed give their money back, in as many batches as it takes; younger ones stay', async () => {
  const { db } = database;
  const owner = await createOrganization(db);
  const before = await db.ledger.balance(owner.organizationId);
  await reserveMany(db, owner, 1_203);
  const young = { generationId: 'gen-1-young', organizationId: owner.organizationId, apiKeyId: owner.apiKeyId };
  await db.ledger.reserve({ ...young, amount: nanodollars(7n), ttlMs: 600_000, gatewayId: 'gw_alive' });
  await allOverdue(1_203);

  const { job, metrics } = jobOn(db);
  expect(await job.run(never)).toBe(1_203);
  expect(await db.ledger.balance(owner.organizationId)).toMatchObject({ posted: before.posted, held: 7n });
  expect(await db.ledger.openHolds()).toEqual({ count: 1, overdue: 0 });
  expect(await metrics.render()).toMatch(/^bourse_open_holds\{.*\} 1$/m);
  expect(await job.run(never)).toBe(0);
  await db.ledger.release({ generationId: young.generationId, organizationId: owner.organizationId });
});

test('two workers at once expire every hold exactly once', async () => {
  const { db } = database;
  const owner = await createOrganization(db);
  const second = openDatabase({ url: database.url, applicationName: 'second-worker' });
  try {
    await reserveMany(db, owner, 1_500);
    await allOverdue(1_500);
    const counts = await Promise.all([jobOn(db).job.run(never), jobOn(second).job.run(never)]);
    expect(counts[0] + counts[1]).toBe(1_500);
    expect(await db.ledger.openHolds()).toEqual({ count: 0, overdue: 0 });
    expect(await db.ledger.balance(owner.organizationId)).toMatchObject({ held: 0n });
  } finally {
    await second.close();
  }
});

test('a settlement that comes after the expiry is charged once, and marked as late', async () => {
  const { db } = database;
  const owner = await createOrganization(db);
  const before = await db.ledger.balance(owner.organizationId);
  const [id = ''] = await reserveMany(db, owner, 1);
  await allOverdue(1);
  expect(await jobOn(db).job.run(never)).toBe(1);
  const settle = () =>
    db.ledger.settle({
      charge: nanodollars(5n),
      cost: nanodollars(4n),
      providerSlug: 'sandbox-north',
      record: generationRecord(owner, { id }),
    });
  expect(await settle()).toEqual({ kind: 'late', charged: 5n });
  expect(await settle()).toEqual({ kind: 'duplicate', charged: 5n });
  const after = await db.ledger.balance(owner.organizationId);
  expect(after).toMatchObject({ posted: before.posted - 5n, held: 0n });
});

test('a worker that is told to stop ends after the batch it is at', async () => {
  const { db } = database;
  const owner = await createOrganization(db);
  await reserveMany(db, owner, 600);
  await allOverdue(600);
  const stopping = new AbortController();
  const { job } = jobOn({
    ...db,
    ledger: {
      ...db.ledger,
      expireHolds: async (limit) => {
        const ended = await db.ledger.expireHolds(limit);
        stopping.abort();
        return ended;
      },
    },
  });
  expect(await job.run(stopping.signal)).toBe(500);
  expect(await jobOn(db).job.run(never)).toBe(100);
});
