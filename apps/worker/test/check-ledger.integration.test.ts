import { ledgerCheck } from '@bourse/db';
import { nanodollars } from '@bourse/money';
import { createMetrics, type Logger } from '@bourse/telemetry';
import { createOrganization, createTestDatabase, generationRecord, type TestDatabase } from '@bourse/testing';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkLedger } from '../src/jobs/check-ledger.ts';
import { createWorkerMetrics } from '../src/worker-metrics.ts';

const never = new AbortController().signal;
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

function prepare() {
  const metrics = createMetrics('worker');
  const errors: string[] = [];
  const log: Logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: (event, error, fields) => errors.push(`${event} ${fields?.['promise']}: ${String(error)}`),
    isEnabled: () => true,
  };
  const job = checkLedger({
    check: () => ledgerCheck({ url: database.url }),
    metrics: createWorkerMetrics(metrics),
    log,
    everyMs: 3_600_000,
  });
  return { job, metrics, errors };
}

test('books that add up say nothing; a balance that was tampered with is an error and a metric until it is right again', async () => {
  const owner = await createOrganization(database.db);
  const record = generationRecord(owner);
  await database.db.ledger.settle({
    charge: nanodollars(5n),
    cost: nanodollars(4n),
    providerSlug: 'sandbox-north',
    record,
  });
  const { job, metrics, errors } = prepare();
  expect(await job.run(never)).toBe(0);
  expect(errors).toEqual([]);
  expect(await metrics.render()).toMatch(/^bourse_ledger_differences\{.*\} 0$/m);

  const sql = new Client({ connectionString: database.url });
  await sql.connect();
  const shift = (by: number) =>
    sql.query('UPDATE ledger_account SET posted_nanodollars = posted_nanodollars + $1 WHERE organization_id = $2', [
      by,
      owner.organizationId,
    ]);
  await shift(1);
  expect(await job.run(never)).toBe(1);
  expect(errors.join('\n')).toContain('posted balances equal their entries');
  expect(await metrics.render()).toMatch(/^bourse_ledger_differences\{.*\} 1$/m);

  await shift(-1);
  expect(await job.run(never)).toBe(0);
  expect(await metrics.render()).toMatch(/^bourse_ledger_differences\{.*\} 0$/m);
  await sql.end();
});
