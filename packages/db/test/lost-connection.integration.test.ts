import { createTestDatabase, openSqlClient, type SqlClient, type TestDatabase } from '@bourse/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

let database: TestDatabase;
let operator: SqlClient;

beforeAll(async () => {
  database = await createTestDatabase();
  operator = await openSqlClient(database.url);
});
afterAll(async () => {
  await operator.end();
  await database.drop();
});

/** Ends every connection of the database but the operator's, as a server that dies does. Vitest fails on an error that nobody handles. */
async function cutAll(): Promise<void> {
  await operator.query(
    'SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
  );
}

test('a connection that is lost while a job holds it, between two statements, ends neither the process nor the job', async () => {
  const run = await database.db.jobs.tryLock('lost', async () => {
    await cutAll();
    // Long enough for the news to arrive: a round trip of another connection.
    await operator.query('SELECT pg_sleep(0.05)');
    return 'done';
  });
  expect(run).toEqual({ kind: 'ran', result: 'done' });
  // The next use has a connection of its own.
  expect(await database.db.jobs.tryLock('lost', async () => 'again')).toEqual({ kind: 'ran', result: 'again' });
});

test('a process that only waits outlives the loss of all its connections', async () => {
  await Promise.all([database.db.health.ping(), database.db.ledger.openHolds(), database.db.catalog.currentVersion()]);
  await cutAll();
  await operator.query('SELECT pg_sleep(0.05)');
  await expect(database.db.ledger.openHolds()).resolves.toEqual({ count: 0, overdue: 0 });
});
