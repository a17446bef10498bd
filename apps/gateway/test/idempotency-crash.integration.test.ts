import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ledgerCheck } from '@bourse/db';
import type { SqlClient } from '@bourse/testing';
import { freePort } from '@bourse/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually, heldAmount, hi, type Market, openMarket } from './harness.ts';
import { type Ask, askAt, chargesOf, expectReplayOf, secondGateway, spent, sqlOf } from './idempotency-harness.ts';
import { hello, type Script } from './scripted-provider.ts';

let market: Market;
let sql: SqlClient;
let spoolDir: string;
let ask: Ask;
let names = 0;
/** A new idempotency key. */
const newKey = (): string => `crash ${++names}`;
const streamed = { ...hi, stream: true };
const children: ChildProcess[] = [];

beforeAll(async () => {
  market = await openMarket();
  spoolDir = await mkdtemp(join(tmpdir(), 'bourse-spool-'));
  sql = await sqlOf(market);
  ask = askAt(market.url, market.key);
});
afterEach(async () => {
  await eventually(
    () => heldAmount(market),
    (held) => held === 0n,
  );
  expect(
    (await ledgerCheck({ url: market.databaseUrl, form: 'full' })).filter((check) => check.differences > 0),
  ).toEqual([]);
  market.north.script = hello;
  market.north.calls.length = 0;
});
afterAll(async () => {
  // One that outlived a failed expectation would hold the output of the whole run open.
  for (const child of children) child.kill('SIGKILL');
  await sql.end();
  await market.stop();
  await rm(spoolDir, { recursive: true, force: true });
});

/** A provider that answers when told to. */
function held(): { script: Script; release: () => void } {
  const gate = Promise.withResolvers<void>();
  const script: Script = async (call) => {
    await gate.promise;
    await hello(call);
  };
  return { script, release: () => gate.resolve() };
}

async function called(times: number): Promise<void> {
  await eventually(
    async () => market.north.calls.length,
    (calls) => calls === times,
  );
}

/** What would pass if the owner had been silent for a minute. */
async function silence(): Promise<void> {
  await sql.query(
    `UPDATE idempotent_answer SET heartbeat_at = heartbeat_at - interval '1 minute' WHERE state = 'running'`,
  );
}

async function newest(): Promise<{ generation_id: string; state: string }> {
  const { rows } = await sql.query(
    'SELECT generation_id, state FROM idempotent_answer ORDER BY created_at DESC LIMIT 1',
  );
  return rows[0];
}

/** The real program, so that `kill -9` takes what a real one would lose. */
async function startProcess(): Promise<{ child: ChildProcess; ask: Ask }> {
  const port = await freePort();
  const child = spawn(process.execPath, [fileURLToPath(new URL('../src/main.ts', import.meta.url))], {
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: market.databaseUrl,
      GATEWAY_PORT: String(port),
      GATEWAY_HOST: '127.0.0.1',
      BOURSE_SANDBOX_URL: market.north.url,
      GATEWAY_SPOOL_DIR: spoolDir,
      LOG_LEVEL: 'error',
    },
    stdio: 'inherit',
  });
  children.push(child);
  await eventually(
    () =>
      fetch(`http://127.0.0.1:${port}/readyz`).then(
        (response) => response.status,
        () => 0,
      ),
    (status) => status === 200,
  );
  return { child, ask: askAt(`http://127.0.0.1:${port}/api/v1`, market.key) };
}

test('an owner who lives says so, so that a slow answer is not begun twice', async () => {
  const { script, release } = held();
  market.north.script = script;
  const key = newKey();
  const first = ask(key);
  await called(1);
  await silence();
  const { rows } = await eventually(
    () =>
      sql.query(
        `SELECT heartbeat_at > now() - interval '10 seconds' AS lives FROM idempotent_answer WHERE state = 'running'`,
      ),
    ({ rows: [row] }) => row?.lives === true,
  );
  expect(rows).toHaveLength(1);
  const second = ask(key);
  release();
  expectReplayOf(await first, await second);
  expect(market.north.calls).toHaveLength(1);
});

test('an owner who was only thought dead and his successor end in one charge, and the answer of the successor is kept', async () => {
  const second = await secondGateway(market);
  try {
    const slow = held();
    market.north.script = slow.script;
    const key = newKey();
    const before = await spent(market);
    const former = ask(key, streamed);
    await called(1);
    market.north.script = hello;
    await silence();
    const successor = await second.ask(key, streamed);
    slow.release();
    const late = await former;
    expect(successor).toMatchObject({ status: 200, isReplayed: false });
    expect(late).toMatchObject({ status: 200, isReplayed: false, generationId: successor.generationId });
    expect(market.north.calls).toHaveLength(2);
    const charged = (await spent(market, second.url)) - before;
    expect(await chargesOf(sql, successor.generationId)).toEqual({ count: 1, sum: charged });
    expectReplayOf(successor, await ask(key, streamed));
    expectReplayOf(successor, await second.ask(key, streamed));
  } finally {
    await second.stop();
  }
});

test('of many retries after a death one takes over, and the others wait for it', async () => {
  const second = await secondGateway(market);
  try {
    const slow = held();
    market.north.script = slow.script;
    const key = newKey();
    const former = ask(key);
    await called(1);
    await silence();
    const next = held();
    market.north.script = next.script;
    const retries = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? ask(key) : second.ask(key)));
    await called(2);
    next.release();
    const seen = await Promise.all(retries);
    slow.release();
    await former;
    expect(market.north.calls).toHaveLength(2);
    expect(seen.filter(({ isReplayed }) => !isReplayed)).toHaveLength(1);
    expect(new Set(seen.map(({ text }) => text)).size).toBe(1);
    await spent(market, second.url);
    expect((await chargesOf(sql, seen[0]?.generationId ?? '')).count).toBe(1);
  } finally {
    await second.stop();
  }
});

test('kill -9 while a provider thinks: the retry runs under the same generation id and is charged once', async () => {
  const process = await startProcess();
  market.north.script = held().script;
  const key = newKey();
  const before = await spent(market);
  const lost = process.ask(key, streamed).catch(() => null);
  await called(1);
  const { generation_id: id } = await newest();
  process.child.kill('SIGKILL');
  expect(await lost).toBeNull();
  market.north.script = hello;
  await silence();
  const retry = await ask(key, streamed);
  expect(retry).toMatchObject({ status: 200, isReplayed: false, generationId: id });
  const charged = (await spent(market)) - before;
  expect(await chargesOf(sql, id)).toEqual({ count: 1, sum: charged });
  expectReplayOf(retry, await ask(key, streamed));
});

test('kill -9 between the charge and the stored answer: the retry gets an answer and no second charge', async () => {
  const process = await startProcess();
  const { script, release } = held();
  market.north.script = script;
  const key = newKey();
  const lost = process.ask(key).catch(() => null);
  await called(1);
  const { generation_id: id } = await newest();
  const blocker = await sqlOf(market);
  await blocker.query('BEGIN');
  await blocker.query('SELECT 1 FROM idempotent_answer WHERE generation_id = $1 FOR UPDATE', [id]);
  release();
  const { sum } = await eventually(
    () => chargesOf(sql, id),
    ({ count }) => count === 1,
  );
  process.child.kill('SIGKILL');
  expect(await lost).toBeNull();
  // PostgreSQL would finish the statement that waits for the lock although nobody listens any more.
  await sql.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  await blocker.end();
  market.north.script = hello;
  await silence();
  const retry = await ask(key);
  expect(retry).toMatchObject({ status: 200, isReplayed: false, generationId: id });
  await spent(market);
  expect(await chargesOf(sql, id)).toEqual({ count: 1, sum });
  expectReplayOf(retry, await ask(key));
  expect(market.north.calls).toHaveLength(2);
});

test('a retake that fails leaves the key to its generation: whatever happens next is charged once', async () => {
  const process = await startProcess();
  market.north.script = held().script;
  const key = newKey();
  const lost = process.ask(key).catch(() => null);
  await called(1);
  const { generation_id: id } = await newest();
  process.child.kill('SIGKILL');
  await lost;
  await silence();
  market.north.script = ({ response }) => void response.writeHead(400).end('{"error":{"message":"no"}}');
  expect(await ask(key)).toMatchObject({ status: 400, generationId: id });
  market.north.script = hello;
  const retry = await ask(key);
  expect(retry).toMatchObject({ status: 200, isReplayed: false, generationId: id });
  await spent(market);
  expect((await chargesOf(sql, id)).count).toBe(1);
});

test('an answer that cannot be stored goes out all the same, and is kept as soon as it can be', async () => {
  const { script, release } = held();
  market.north.script = script;
  const key = newKey();
  const asked = ask(key);
  await called(1);
  const blocker = await sqlOf(market);
  await blocker.query('BEGIN');
  await blocker.query(`SELECT 1 FROM idempotent_answer WHERE state = 'running' FOR UPDATE`);
  release();
  const first = await asked;
  expect(first.status).toBe(200);
  expect(await newest()).toMatchObject({ generation_id: first.generationId, state: 'running' });
  await blocker.end();
  expectReplayOf(first, await ask(key));
});

test('an answer that could not be stored at all is made again by a retry, and charged once', async () => {
  await sql.query(`
    CREATE FUNCTION refuse_done() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no room'; END $$;
    CREATE TRIGGER refuse_done BEFORE UPDATE ON idempotent_answer
      FOR EACH ROW WHEN (NEW.state = 'done') EXECUTE FUNCTION refuse_done()`);
  const key = newKey();
  const before = await spent(market);
  const first = await ask(key, streamed);
  expect(first.text).toContain('[DONE]');
  expect(await newest()).toMatchObject({ generation_id: first.generationId, state: 'running' });
  const charged = (await spent(market)) - before;
  await sql.query('DROP TRIGGER refuse_done ON idempotent_answer');
  await silence();
  const retry = await ask(key, streamed);
  expect(retry).toMatchObject({ status: 200, isReplayed: false, generationId: first.generationId });
  expectReplayOf(retry, await ask(key, streamed));
  expect((await spent(market)) - before).toBe(charged);
  expect(await chargesOf(sql, first.generationId)).toEqual({ count: 1, sum: charged });
});

test.each([hi, streamed])(
  'a retake whose price the books cannot confirm is not given out under another one (%o)',
  async (body) => {
    const process = await startProcess();
    const { script, release } = held();
    market.north.script = script;
    const key = newKey();
    const lost = process.ask(key, body).catch(() => null);
    await called(1);
    const { generation_id: id } = await newest();
    const blocker = await sqlOf(market);
    await blocker.query('BEGIN');
    await blocker.query('SELECT 1 FROM idempotent_answer WHERE generation_id = $1 FOR UPDATE', [id]);
    release();
    const { sum } = await eventually(
      () => chargesOf(sql, id),
      ({ count }) => count === 1,
    );
    process.child.kill('SIGKILL');
    await lost;
    await sql.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    await blocker.end();

    const again = held();
    market.north.script = again.script;
    await silence();
    const retake = ask(key, body);
    await called(2);
    const books = await sqlOf(market);
    await books.query('BEGIN');
    await books.query('SELECT 1 FROM ledger_account FOR UPDATE');
    again.release();
    const refused = await retake;
    await books.end();
    expect(refused.generationId).toBe(id);
    expect(refused.text).toContain('Retry with the same Idempotency-Key');
    expect(refused.text).not.toMatch(/"cost"|\[DONE\]/);
    if (body === hi) expect(refused.status).toBe(503);

    market.north.script = hello;
    await silence();
    const told = await eventually(
      () => ask(key, body),
      ({ text }) => text.includes('"cost"'),
    );
    expect(told).toMatchObject({ status: 200, generationId: id });
    const cost = /"cost":([0-9.]+)/.exec(told.text)?.[1];
    expect(BigInt(Math.round(Number(cost) * 1e9))).toBe(sum);
    expect(await chargesOf(sql, id)).toEqual({ count: 1, sum });
  },
  30_000,
);
