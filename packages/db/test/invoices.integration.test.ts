import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ledgerCheck } from '@bourse/db';
import { createTestDatabase, generationRecord, type TestDatabase } from '@bourse/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nano, receiptOf, tenant } from './tenants.ts';

const cli = fileURLToPath(new URL('../src/cli/market-invoice.ts', import.meta.url));
const DOLLAR = 1_000_000_000;

let database: TestDatabase;
let directory: string;

beforeAll(async () => {
  database = await createTestDatabase();
  directory = await mkdtemp(join(tmpdir(), 'bourse-invoice-'));
  const owner = await tenant(database.db, 100 * DOLLAR);
  await database.db.ledger.settle({
    charge: nano(2 * DOLLAR),
    cost: nano(2 * DOLLAR),
    providerSlug: 'sandbox-north',
    record: generationRecord(owner, {
      receipt: receiptOf(2 * DOLLAR),
      createdAt: new Date('2026-11-20T23:59:59.999Z'),
    }),
  });
});
afterAll(async () => {
  await rm(directory, { recursive: true });
  await database.drop();
});

/** Imports a file as an operator does; answers the exit code and what was printed. */
async function importCsv(...lines: string[]): Promise<{ readonly code: number; readonly output: string }> {
  const path = join(directory, 'invoice.csv');
  await writeFile(path, ['day,provider,model,cost_usd', ...lines].join('\n'));
  const env = { ...process.env, DATABASE_URL: database.url };
  return promisify(execFile)(process.execPath, [cli, path], { env }).then(
    ({ stdout }) => ({ code: 0, output: stdout }),
    (failure: { code: number; stderr: string }) => ({ code: failure.code, output: failure.stderr }),
  );
}

async function r7(): Promise<readonly string[]> {
  const results = await ledgerCheck({ url: database.url, form: 'full' });
  return results.find(({ rule }) => rule === 'R7')?.examples ?? [];
}

test('an imported invoice is compared by UTC day and model; a corrected one replaces it', async () => {
  expect(await importCsv('2026-11-20,sandbox-north,sandbox/atlas-1,1.90')).toMatchObject({ code: 0 });
  expect(await r7()).toEqual([
    'sandbox-north on 2026-11-20, sandbox/atlas-1: we count 2000000000, the invoice says 1900000000',
  ]);
  await importCsv('2026-11-20,sandbox-north,sandbox/atlas-1,2.005');
  expect(await r7()).toEqual([]);
  await importCsv('2026-11-21,sandbox-north,*,0.50');
  expect(await r7()).toEqual(['sandbox-north on 2026-11-21, *: we count 0, the invoice says 500000000']);
});

test('an invoice with a wrong line or an unknown provider is not imported at all', async () => {
  expect(await importCsv('2026-11-20,nobody,*,1', '2026-11-22,sandbox-north,*,7')).toMatchObject({
    code: 1,
    output: expect.stringContaining('There is no provider nobody'),
  });
  expect(await importCsv('2026-11-22,sandbox-north,*,7', 'yesterday,sandbox-north,*,1')).toMatchObject({ code: 2 });
  expect((await r7()).join()).not.toContain('2026-11-22');
});
