import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { ledgerCheck } from '@bourse/db';
import { generationId } from '@bourse/ids';
import { nanodollars } from '@bourse/money';
import { createOrganization, createTestDatabase, freePort, generationRecord, type TestDatabase } from '@bourse/testing';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually, reserveMany } from './holds.ts';

// The real program in processes of its own, killed in every way.

const main = new URL('../src/main.ts', import.meta.url).pathname;
let database: TestDatabase;
let started: ChildProcess[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  for (const child of started) child.kill('SIGKILL');
  started = [];
  await database.drop();
});

function launch(environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, [main], {
    env: {
      DATABASE_URL: database.url,
      WORKER_HOST: '127.0.0.1',
      WORKER_PORT: '0',
      WORKER_EXPIRE_HOLDS_MS: '20',
      WORKER_ROLLUP_MS: '30',
      WORKER_LEDGER_CHECK_MS: '200',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    child.once('exit', (code, signal) => resolve({ code, signal })),
  );
  const ready = () =>
    eventually(
      async () => output,
      (text) => text.includes('worker.started'),
    );
  return { child, exited, ready, output: () => output };
}

async function expectBooksRight(): Promise<void> {
  const results = await ledgerCheck({ url: database.url });
  expect(results.filter(({ differences }) => differences > 0)).toEqual([]);
}

test('it expires what is due, rolls up, answers its health pages, and ends with code 0 on SIGTERM', async () => {
  const owner = await createOrganization(database.db);
  const credits = await database.db.ledger.balance(owner.organizationId);
  await reserveMany(database.db, owner, 700);
  const port = await freePort();
  const worker = launch({ WORKER_PORT: String(port) });
  await worker.ready();
  await eventually(
    () => database.db.ledger.openHolds(),
    ({ count }) => count === 0,
  );
  expect(await database.db.ledger.balance(owner.organizationId)).toEqual(credits);
  const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
  expect((await get('/healthz')).status).toBe(200);
  const ready = await eventually(
    async () => {
      const answer = await get('/readyz');
      return {
        status: answer.status,
        body: (await answer.json()) as { jobs: { name: string; last_success_at: string }[] },
      };
    },
    ({ body }) => body.jobs.every((job) => job.last_success_at !== null),
  );
  expect(ready.status).toBe(200);
  expect(ready.body.jobs.map(({ name }) => name)).toEqual([
    'expire-holds',
    'fence-leases',
    'refresh-rollups',
    'reconcile',
    'reconcile-light',
    'watch-balances',
    'send-outbox',
    'prune-outbox',
    'watch-catalog',
    'prune-idempotency',
    'prune-rates',
    'prune-identity',
    'prune-health',
  ]);
  expect(await (await get('/metrics')).text()).toMatch(/^bourse_job_count_total\{.*job="expire-holds".*\} 700$/m);
  expect((await get('/nothing')).status).toBe(404);
  worker.child.kill('SIGTERM');
  expect(await worker.exited).toEqual({ code: 0, signal: null });
  expect(worker.output()).not.toMatch(/"level":50/);
});

test('a port that is taken is said in the output, and ends it with code 1', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const worker = launch({ WORKER_PORT: String(port) });
  expect((await worker.exited).code).toBe(1);
  expect(worker.output()).toContain('EADDRINUSE');
  server.close();
});

test('sessions and links that are over are removed, others stay', async () => {
  const { db } = database;
  const user = await db.identity.createUser({ email: 'someone@example.com' });
  const inAnHour = new Date(Date.now() + 3_600_000);
  await db.identity.createSession({ token: 'over', userId: user.id, expiresAt: new Date(0) });
  await db.identity.createSession({ token: 'open', userId: user.id, expiresAt: inAnHour });
  const worker = launch({ WORKER_PRUNE_MS: '20' });
  await worker.ready();
  await eventually(
    () => db.identity.findSession('over', new Date(-1)),
    (session) => session === null,
  );
  expect(await db.identity.findSession('open', new Date())).not.toBeNull();
});

test('kill -9 of two busy workers, again and again, leaves nothing half done', async () => {
  const { db } = database;
  const owner = await createOrganization(db);
  const settled = { count: 0 };
  const settleSome = async () => {
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const createdAt = new Date(Date.now() - Math.floor(Math.random() * 40) * 3_600_000);
        const record = generationRecord(owner, { id: generationId(createdAt.getTime()), createdAt });
        await db.ledger.settle({
          charge: nanodollars(3n),
          cost: nanodollars(2n),
          providerSlug: 'sandbox-north',
          record,
        });
        settled.count += 1;
      }),
    );
  };
  for (let round = 0; round < 4; round += 1) {
    await reserveMany(db, owner, 300);
    const workers = [launch(), launch()];
    await Promise.all(workers.map((worker) => worker.ready()));
    await settleSome();
    // Some of the holds are over by now, some not; the workers are somewhere in the middle.
    await eventually(
      () => db.ledger.openHolds(),
      ({ overdue, count }) => overdue > 0 || count === 0,
    );
    for (const { child } of workers) child.kill('SIGKILL');
    await Promise.all(workers.map(({ exited }) => exited));
  }
  const last = launch();
  await last.ready();
  await eventually(
    () => db.ledger.openHolds(),
    ({ count }) => count === 0,
  );
  const sql = new Client({ connectionString: database.url });
  await sql.connect();
  const requests = async (table: string) =>
    Number((await sql.query(`SELECT coalesce(sum(requests), 0) AS n FROM ${table}`)).rows[0].n);
  await eventually(
    () => requests('rollup_daily'),
    (count) => count === settled.count,
  );
  last.child.kill('SIGTERM');
  expect((await last.exited).code).toBe(0);
  await expectBooksRight();
  expect(await requests('rollup_hourly')).toBe(settled.count);
  const { rows } = await sql.query('SELECT state, count(*)::int AS n FROM hold GROUP BY state ORDER BY state');
  expect(rows).toEqual([
    { state: 'expired', n: 1_200 },
    { state: 'settled', n: settled.count },
  ]);
  await sql.end();
});
