import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { migrate } from '@bourse/db';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';

const run = promisify(execFile);
const repository = fileURLToPath(new URL('../../../prisma/migrations', import.meta.url));
const cli = fileURLToPath(new URL('../src/cli/migrate.ts', import.meta.url));

let url: string;
let directory: string;
let count = 0;

async function onServer(sql: string): Promise<void> {
  const client = new Client({ connectionString: inject('databaseServerUrl') });
  await client.connect();
  await client.query(sql);
  await client.end();
}

async function query(sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<Record<string, unknown>>(sql);
  await client.end();
  return rows;
}

async function addMigration(name: string, sql: string): Promise<void> {
  await mkdir(join(directory, name), { recursive: true });
  await writeFile(join(directory, name, 'migration.sql'), sql);
}

beforeEach(async () => {
  count += 1;
  const name = `migrate_${process.pid}_${count}`;
  await onServer(`CREATE DATABASE ${name}`);
  const target = new URL(inject('databaseServerUrl'));
  target.pathname = `/${name}`;
  url = target.href;
  directory = await mkdtemp(join(tmpdir(), 'bourse-migrations-'));
  await cp(repository, directory, { recursive: true });
});

afterEach(async () => {
  await onServer(`DROP DATABASE ${new URL(url).pathname.slice(1)} WITH (FORCE)`);
  await rm(directory, { recursive: true, force: true });
});

test('of four processes that start at once one migrates, and all find the database ready', async () => {
  const env = { ...process.env, DATABASE_URL: url };
  await Promise.all([1, 2, 3, 4].map(() => run(process.execPath, [cli], { env })));
  const rows = await query('SELECT migration_name, count(*)::integer AS times FROM _prisma_migrations GROUP BY 1');
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.every(({ times }) => times === 1)).toBe(true);
  expect(await migrate({ url })).toEqual([]);
});

test('applies only what is missing, and leaves a database alone that is ahead of the code', async () => {
  const all = await migrate({ url, directory });
  await addMigration('20991231000000_more', 'CREATE TABLE more (id integer); INSERT INTO more VALUES (1);');
  expect(await migrate({ url, directory })).toEqual(['20991231000000_more']);
  expect(await migrate({ url })).toEqual([]);
  expect(all.length).toBeGreaterThan(0);
});

test('refuses a database to which another version of a migration was applied', async () => {
  await addMigration('20991231000000_more', 'SELECT 1');
  await migrate({ url, directory });
  await addMigration('20991231000000_more', 'SELECT 2');
  await expect(migrate({ url, directory })).rejects.toThrow(
    '20991231000000_more was changed after it had been applied',
  );
});

test('undoes a migration that fails, names it with the reason, and applies it once it is right', async () => {
  await addMigration('20991231000000_more', 'CREATE TABLE more (id integer); SELECT 1 / 0;');
  await expect(migrate({ url, directory })).rejects.toThrow(/20991231000000_more failed: division by zero/);
  expect(await query("SELECT to_regclass('more') AS made")).toEqual([{ made: null }]);
  await addMigration('20991231000000_more', 'CREATE TABLE more (id integer);');
  expect(await migrate({ url, directory })).toEqual(['20991231000000_more']);
});

test('refuses to go on over a migration that prisma left half-done', async () => {
  await migrate({ url, directory });
  await query(
    "INSERT INTO _prisma_migrations (id, checksum, migration_name, logs) VALUES ('x', 'x', 'broken_one', 'it broke')",
  );
  await expect(migrate({ url, directory })).rejects.toThrow(
    'broken_one failed earlier and must be resolved first. it broke',
  );
});

test('the migrations make exactly the tables of the schema', async () => {
  const script = fileURLToPath(new URL('../../../scripts/write-migration.ts', import.meta.url));
  const { stdout } = await run(process.execPath, ['--disable-warning=ExperimentalWarning', script, '--check']);
  expect(stdout).toContain('The migrations and the schema agree.');
});

test('what was granted before credits had two purses, and is not used yet, becomes promotional; no balance changes', async () => {
  const parting = '20261122000700_promotional_credit';
  await rm(join(directory, parting), { recursive: true });
  await migrate({ url, directory });
  const organizations = [
    { id: 'used', granted: 100, bought: 500, used: 130 },
    { id: 'partly', granted: 100, bought: 500, used: 30 },
    { id: 'bought', granted: 0, bought: 500, used: 30 },
    { id: 'empty', granted: 0, bought: 0, used: 0 },
  ];
  for (const { id, granted, bought, used } of organizations) {
    await query(`INSERT INTO organization (id, name) VALUES ('${id}', '${id}');
      INSERT INTO ledger_account (id, kind, organization_id) VALUES ('org:${id}:credits', 'credits', '${id}')`);
    for (const [kind, amount] of Object.entries({ grant: granted, topup: bought, usage: -used }))
      if (amount !== 0)
        await query(
          `SELECT bourse_post('${id}:${kind}', '', '${kind}', '', '', '{}', '{org:${id}:credits,house:fees}', '{${amount},${-amount}}')`,
        );
  }
  await cp(join(repository, parting), join(directory, parting), { recursive: true });
  await migrate({ url, directory });
  const rows = await query(
    `SELECT a.organization_id AS id, a.posted_nanodollars::integer AS posted, a.promo_nanodollars::integer AS promo,
            (SELECT coalesce(sum(e.amount_nanodollars), 0)::integer FROM ledger_entry e WHERE e.account_id = 'org:' || a.organization_id || ':promo') AS entries
       FROM ledger_account a WHERE a.organization_id IS NOT NULL ORDER BY 1`,
  );
  expect(rows).toEqual([
    { id: 'bought', posted: 470, promo: 0, entries: 0 },
    { id: 'empty', posted: 0, promo: 0, entries: 0 },
    { id: 'partly', posted: 570, promo: 70, entries: 70 },
    { id: 'used', posted: 470, promo: 0, entries: 0 },
  ]);
});
