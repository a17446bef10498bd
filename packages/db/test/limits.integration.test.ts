import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { rateRule } from '@bourse/access';
import { invariant } from '@bourse/errors';
import {
  createOrganization,
  createTestDatabase,
  openSqlClient,
  type SqlClient,
  type TestDatabase,
} from '@bourse/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

const cli = fileURLToPath(new URL('../src/cli/market-limits.ts', import.meta.url));

let database: TestDatabase;
let sql: SqlClient;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = await openSqlClient(database.url);
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

/** Three at once, and one in an hour. */
const rule = rateRule(1, { periodUs: 3_600_000_000, burst: 3 });
invariant(rule, 'a limit of 0');

test('a rate is taken by everybody together, however many ask at once, and says how long to wait', async () => {
  const waits = await Promise.all(Array.from({ length: 20 }, () => database.db.limits.take('test:together', rule)));
  expect(waits.filter((wait) => wait === 0)).toHaveLength(3);
  const refused = waits.filter((wait) => wait > 0);
  expect(refused).toHaveLength(17);
  for (const wait of refused) expect(wait).toBeGreaterThan(3_590_000_000);
  expect(Math.max(...waits)).toBeLessThanOrEqual(3_600_000_000);
});

test('a clock that went back ten hours locks nobody out for longer than a burst takes', async () => {
  await database.db.limits.take('test:clock', rule);
  await sql.query("UPDATE action_rate SET tat = now() + interval '10 hours' WHERE name = 'test:clock'");
  expect(await database.db.limits.take('test:clock', rule)).toBeLessThanOrEqual(3_600_000_000);
  const { rows } = await sql.query<{ ahead: boolean }>(
    "SELECT tat < now() + interval '3 hours 1 second' AS ahead FROM action_rate WHERE name = 'test:clock'",
  );
  expect(rows).toEqual([{ ahead: true }]);
});

test('what makes no difference any more is forgotten, and nothing else', async () => {
  await database.db.limits.take('test:old', rule);
  await database.db.limits.take('test:new', rule);
  await sql.query("UPDATE action_rate SET tat = now() - interval '2 hours' WHERE name = 'test:old'");
  expect(await database.db.limits.prune(100)).toBe(1);
  const { rows } = await sql.query("SELECT name FROM action_rate WHERE name IN ('test:old', 'test:new')");
  expect(rows).toEqual([{ name: 'test:new' }]);
});

test('a key carries the limits of its organization, what was bought, and what was had for free today', async () => {
  const { db } = database;
  const owner = await createOrganization(db);
  const record = await db.keys.find({ id: owner.apiKeyId, organizationId: owner.organizationId });
  const find = () => db.keys.findByHash(record?.hash ?? '');
  const none = {
    requestsPerMinute: null,
    tokensPerMinute: null,
    streams: null,
    freeRequestsPerMinute: null,
    freeRequestsPerDay: null,
  };
  expect(await find()).toMatchObject({
    requestsPerMinute: null,
    organizationLimits: none,
    organizationPurchased: 0n,
    freeRequests: { day: Math.floor(Date.now() / 86_400_000), count: 0 },
  });
  const change = { organizationId: owner.organizationId, actor: 'test', reason: 'test' };
  await db.limits.changeOrganization({ ...change, limits: { requestsPerMinute: 10, streams: 0 } });
  await db.limits.changeOrganization({ ...change, limits: { requestsPerMinute: null, tokensPerMinute: 5 } });
  await db.keys.update({ id: owner.apiKeyId, organizationId: owner.organizationId }, { requestsPerMinute: 7 });
  await sql.query(
    `INSERT INTO topup (id, organization_id, amount_nanodollars, amount_cents, fee_cents, currency, state)
       VALUES ('t1', $1, 10000000000, 1000, 80, 'usd', 'created'), ('t2', $1, 5000000000, 500, 80, 'usd', 'created')`,
    [owner.organizationId],
  );
  for (const state of ['paid', 'granted']) await sql.query("UPDATE topup SET state = $1 WHERE id = 't1'", [state]);
  expect(await find()).toMatchObject({
    requestsPerMinute: 7,
    organizationLimits: { ...none, tokensPerMinute: 5, streams: 0 },
    organizationPurchased: 10_000_000_000n,
  });
  await expect(db.limits.changeOrganization({ ...change, limits: { streams: -1 } })).rejects.toThrow();
});

test('an operator shows and changes the limits of an organization by a command', async () => {
  const owner = await createOrganization(database.db);
  const run = (...words: string[]) =>
    promisify(execFile)(process.execPath, [cli, ...words], {
      env: { ...process.env, DATABASE_URL: database.url },
    }).then(
      ({ stdout }) => stdout,
      ({ code }: { code: number }) => code,
    );
  expect(await run(owner.organizationId)).toContain('rpm       default');
  expect(await run(owner.organizationId, 'rpm=100', 'streams=none')).toBe(2);
  expect(await run(owner.organizationId, 'rpm=-1', '--reason', 'x')).toBe(2);
  expect(await run('org_none', 'rpm=100', '--reason', 'x')).toBe(1);
  const changed = await run(owner.organizationId, 'rpm=100', 'streams=none', '--reason', 'large customer');
  expect(changed).toContain('rpm       100\ntpm       default\nstreams   none');
  expect(await run(owner.organizationId, 'rpm=default', '--reason', 'gone')).toContain('rpm       default');
});
