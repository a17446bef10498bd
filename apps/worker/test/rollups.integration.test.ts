import type { GenerationRecord } from '@bourse/db';
import { generationId } from '@bourse/ids';
import { nanodollars } from '@bourse/money';
import { createOrganization, createTestDatabase, generationRecord, type TestDatabase } from '@bourse/testing';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { refreshRollups } from '../src/jobs/refresh-rollups.ts';

const never = new AbortController().signal;
const HOUR_MS = 3_600_000;
const now = Date.UTC(2026, 5, 20, 12, 30);
let database: TestDatabase;
let sql: Client;

beforeEach(async () => {
  database = await createTestDatabase();
  sql = new Client({ connectionString: database.url });
  await sql.connect();
});
afterEach(async () => {
  await sql.end();
  await database.drop();
});

const run = () => refreshRollups({ rankings: database.db.rankings, everyMs: 15_000 }).run(never);

/** Both tables whole, in a fixed order, as text: two dumps are equal exactly when the rollups are. */
async function dump(): Promise<{ hourly: readonly unknown[]; daily: readonly unknown[] }> {
  const rowsOf = async (table: string) => (await sql.query(`SELECT t::text FROM ${table} t ORDER BY 1`)).rows;
  return { hourly: await rowsOf('rollup_hourly'), daily: await rowsOf('rollup_daily') };
}

/** Sums over all rows of a table, to be compared with sums over generations. */
async function sums(table: string) {
  const { rows } = await sql.query(
    `SELECT sum(requests)::bigint AS requests, sum(input_tokens)::bigint AS input, sum(output_tokens)::bigint AS output,
            sum(charge_nanodollars)::bigint AS charge FROM ${table}`,
  );
  return rows[0];
}

async function settleAt(hoursAgo: readonly number[], overrides: Partial<GenerationRecord> = {}): Promise<void> {
  const { db } = database;
  const owner = await createOrganization(db);
  await Promise.all(
    hoursAgo.map((hours, index) => {
      const createdAt = new Date(now - hours * HOUR_MS);
      const record = generationRecord(owner, {
        id: generationId(createdAt.getTime()),
        createdAt,
        modelSlug: index % 3 === 0 ? 'sandbox/atlas-1' : 'sandbox/echo-free',
        inputTokens: 100 + index,
        outputTokens: index,
        ...overrides,
      });
      const charge = nanodollars(BigInt(1_000 + index));
      return db.ledger.settle({ charge, cost: nanodollars(1n), providerSlug: 'sandbox-north', record });
    }),
  );
}

test('every generation is counted once in its hour and once in its day', async () => {
  await settleAt([0, 0.2, 1, 5, 13, 14, 30, 400]);
  expect(await run()).toBeGreaterThanOrEqual(7);
  const expected = {
    requests: '8',
    input: String(8 * 100 + 28),
    output: '28',
    charge: String(8 * 1_000 + 28),
  };
  expect(await sums('rollup_hourly')).toEqual(expected);
  expect(await sums('rollup_daily')).toEqual(expected);
});

test('rolling up twice gives the same as once, also by two workers at once', async () => {
  await settleAt([0, 1, 2, 26, 27]);
  await run();
  const once = await dump();
  await run();
  expect(await dump()).toEqual(once);
  await Promise.all([run(), run(), run()]);
  expect(await dump()).toEqual(once);
});

test('what was rolled up as it came equals what is rebuilt from the generations', async () => {
  await settleAt([0, 3, 7, 30, 31]);
  await run();
  // A later generation of an hour that was rolled up already, one of a new hour, and failures.
  await settleAt([0, 3, 55]);
  await run();
  await settleAt([0.1, 80], { end: 'upstream_error' });
  await run();
  const incremental = await dump();
  await sql.query('TRUNCATE rollup_hourly, rollup_daily');
  await database.db.rankings.rebuildRollups({ from: new Date(now - 100 * HOUR_MS), to: new Date(now + HOUR_MS) });
  expect(await dump()).toEqual(incremental);
});

test('a rebuild repairs rows that are wrong, missing or invented', async () => {
  await settleAt([0, 1, 2, 30]);
  await run();
  const right = await dump();
  await sql.query('UPDATE rollup_hourly SET input_tokens = input_tokens + 1');
  await sql.query("DELETE FROM rollup_daily WHERE model_slug = 'sandbox/atlas-1'");
  await sql.query(
    `INSERT INTO rollup_hourly SELECT bucket_at, 'ghost/model', provider_slug, app_id, is_demo, requests,
            input_tokens, output_tokens, reasoning_tokens, charge_nanodollars, errors FROM rollup_hourly LIMIT 1`,
  );
  await database.db.rankings.rebuildRollups({ from: new Date(now - 48 * HOUR_MS), to: new Date(now + HOUR_MS) });
  expect(await dump()).toEqual(right);
});

test('a quiet market is not rolled up again and again', async () => {
  await settleAt([0, 40]);
  await run();
  await sql.query("UPDATE generation SET recorded_at = recorded_at - interval '10 minutes'");
  expect(await run()).toBe(0);
});
