import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ledgerCheck } from '@bourse/db';
import { generateApiKey } from '@bourse/ids';
import { createTestDatabase, type TestDatabase } from '@bourse/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';

const seed = fileURLToPath(new URL('../../../prisma/seed/main.ts', import.meta.url));

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
});

afterEach(async () => {
  await database.drop();
});

interface Access {
  readonly email: string;
  readonly apiKey: string;
  readonly managementKey: string;
  readonly organizationId: string;
}

async function run(variables: Record<string, string> = {}): Promise<{ readonly output: string; access(): Access }> {
  const env = { ...process.env, NODE_ENV: 'development', DATABASE_URL: database.url, ...variables };
  const { stdout } = await promisify(execFile)(process.execPath, [seed], { env });
  const access = (): Access => JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  return { output: stdout, access };
}

test('gives a demo organization ten dollars and both kinds of key, once, however often it runs', async () => {
  const first = (await run()).access();
  const again = (
    await run({ BOURSE_DEMO_API_KEY: first.apiKey, BOURSE_DEMO_MANAGEMENT_KEY: first.managementKey })
  ).access();
  expect(again).toEqual(first);
  const keys = await database.db.keys.list(first.organizationId);
  expect(keys.map(({ kind }) => kind).sort()).toEqual(['inference', 'management']);
  expect(await database.db.ledger.balance(first.organizationId)).toMatchObject({ posted: 10_000_000_000n, held: 0n });
  expect(await database.db.identity.getUserByEmail(first.email)).toMatchObject({ email: 'demo@bourse.local' });
  expect((await ledgerCheck({ url: database.url })).filter(({ differences }) => differences > 0)).toEqual([]);
});

test('takes the key that is written down elsewhere, and not one that is no key', async () => {
  const apiKey = generateApiKey('inference');
  expect((await run({ BOURSE_DEMO_API_KEY: apiKey })).access().apiKey).toBe(apiKey);
  const other = (await run({ BOURSE_DEMO_API_KEY: 'sk-brs-v1-nonsense' })).access().apiKey;
  expect(other).toMatch(/^sk-brs-v1-\w{49}$/);
});

test('makes no demo data in production', async () => {
  const { output } = await run({ NODE_ENV: 'production' });
  expect(output).not.toContain('sk-brs');
  expect(await database.db.identity.getUserByEmail('demo@bourse.local')).toBeNull();
  expect((await database.db.catalog.loadSnapshot()).models.size).toBeGreaterThan(60);
});
