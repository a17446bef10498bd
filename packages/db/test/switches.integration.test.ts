import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createOrganization, createTestDatabase, type TestDatabase } from '@bourse/testing';
import type { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sqlClient } from './tenants.ts';

const cli = fileURLToPath(new URL('../src/cli/market-switch.ts', import.meta.url));

let database: TestDatabase;
let sql: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = await sqlClient(database.url);
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

const change = { isOn: true, reason: 'a test', actor: 'somebody' } as const;

async function logOf(name: string): Promise<readonly unknown[]> {
  const { rows } = await sql.query('SELECT is_on, reason, actor FROM market_switch_log WHERE name = $1 ORDER BY id', [
    name,
  ]);
  return rows;
}

/** Runs the command as a person does; answers its exit code and what it printed. */
async function command(...words: string[]): Promise<{ readonly code: number; readonly output: string }> {
  const env = { ...process.env, DATABASE_URL: database.url };
  return promisify(execFile)(process.execPath, [cli, ...words], { env }).then(
    ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
    (failure: { code: number; stdout: string; stderr: string }) => ({
      code: failure.code,
      output: failure.stdout + failure.stderr,
    }),
  );
}

test('what is on is listed, and every turn is in the log', async () => {
  const { switches } = database.db;
  await switches.turn({ name: 'force_direct', argument: '', ...change });
  expect(await switches.listOn()).toEqual([{ name: 'force_direct', argument: '' }]);
  await switches.turn({ name: 'force_direct', argument: '', isOn: false, reason: 'over', actor: 'somebody else' });
  expect(await switches.listOn()).toEqual([]);
  expect(await switches.list()).toMatchObject([{ name: 'force_direct', isOn: false, reason: 'over' }]);
  expect(await logOf('force_direct')).toEqual([
    { is_on: true, reason: 'a test', actor: 'somebody' },
    { is_on: false, reason: 'over', actor: 'somebody else' },
  ]);
});

test('a switch that is turned by hand in SQL is told and written down as well, and the log cannot be changed', async () => {
  const told = Promise.withResolvers<string>();
  sql.once('notification', ({ payload }) => told.resolve(payload ?? ''));
  await sql.query('LISTEN bourse_invalidate');
  await sql.query(
    "INSERT INTO market_switch (name, is_on, reason, actor) VALUES ('stop_reserves', true, 'by hand', 'psql')",
  );
  expect(await told.promise).toBe('switch:stop_reserves');
  expect(await logOf('stop_reserves')).toEqual([{ is_on: true, reason: 'by hand', actor: 'psql' }]);
  await expect(sql.query('DELETE FROM market_switch')).rejects.toThrow(/append-only/);
  await expect(sql.query('UPDATE market_switch_log SET reason = $1', [''])).rejects.toThrow(/append-only/);
  await sql.query("UPDATE market_switch SET is_on = false WHERE name = 'stop_reserves'");
});

test('freezing and letting go an organization is of its ledger account, where a reserve looks', async () => {
  const { organizationId } = await createOrganization(database.db);
  const isFrozen = async () => (await database.db.ledger.balance(organizationId)).isFrozen;
  const freeze = { name: 'freeze_organization', argument: organizationId } as const;
  await database.db.switches.turn({ ...freeze, ...change });
  expect(await isFrozen()).toBe(true);
  await database.db.switches.turn({ ...freeze, ...change, isOn: false });
  expect(await isFrozen()).toBe(false);
});

test.each([
  { name: 'freeze_organization', argument: 'org_nobody' },
  { name: 'stop_provider', argument: 'nobody' },
  { name: 'stop_endpoint', argument: 'no/model@nobody' },
  { name: 'stop_reserves', argument: 'everything' },
] as const)('$name:$argument is about nothing, so it is refused', async (position) => {
  expect(await database.db.switches.turn({ ...position, ...change })).toBe('unknown_argument');
  expect(await database.db.switches.listOn()).not.toContainEqual(position);
});

test('what a switch is about may be gone, and it can still be turned off', async () => {
  await sql.query(
    "INSERT INTO market_switch (name, argument, is_on, reason, actor) VALUES ('stop_endpoint', 'gone/model@gone', true, 'x', 'x')",
  );
  const gone = { name: 'stop_endpoint', argument: 'gone/model@gone' } as const;
  expect(await database.db.switches.turn({ ...gone, ...change, isOn: false })).toBe('turned');
});

test('the command turns, lists, and refuses what it cannot understand', async () => {
  expect(await command('stop_reserves', 'on')).toMatchObject({ code: 2, output: expect.stringContaining('Usage') });
  expect(await command('stop_everything', 'on', '--reason', 'x')).toMatchObject({ code: 2 });
  expect(await command('stop_provider:nobody', 'on', '--reason', 'x')).toMatchObject({ code: 1 });
  const turned = await command('stop_endpoint:sandbox/atlas-1@sandbox-north', 'on', '--reason', 'bad answers');
  expect(turned).toMatchObject({ code: 0, output: expect.stringContaining('is on') });
  const { output } = await command();
  expect(output).toMatch(/ON {3}stop_endpoint:sandbox\/atlas-1@sandbox-north\n.*cli:\w+: bad answers/);
  expect(output).toContain('off  stop_provider (never turned)');
});
