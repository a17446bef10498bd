import { type CheckResult, ledgerCheck } from '@bourse/db';
import { nanodollars } from '@bourse/money';
import { createPaymentAudit, createPayments } from '@bourse/payments';
import { createMetrics, type Logger } from '@bourse/telemetry';
import {
  createOrganization,
  createTestDatabase,
  generationRecord,
  openSqlClient,
  type SandboxProcess,
  type SqlClient,
  startSandbox,
  type TestDatabase,
  type TestOrganization,
} from '@bourse/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { reconcile } from '../src/jobs/reconcile.ts';
import { checkPayments } from '../src/reconciliation/check-payments.ts';
import { createWorkerMetrics } from '../src/worker-metrics.ts';

const never = new AbortController().signal;
const HOUR_MS = 3_600_000;
let database: TestDatabase;
let sql: SqlClient;
let owner: TestOrganization;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = await openSqlClient(database.url);
});
beforeEach(async () => {
  await sql.query('DELETE FROM reconciliation_run');
  owner = await createOrganization(database.db);
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

/** A worker's job, with what it logs and shows. */
function worker(options: { everyMs?: number; check?: () => Promise<readonly CheckResult[]> } = {}) {
  const metrics = createMetrics('worker');
  const errors: string[] = [];
  const log: Logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: (event, error, fields) =>
      errors.push(`${event} ${fields?.['rule']} ${fields?.['promise']}: ${String(error)}`),
    isEnabled: () => true,
  };
  const job = reconcile({
    form: 'light',
    everyMs: options.everyMs ?? 0,
    check: options.check ?? (() => ledgerCheck({ url: database.url })),
    store: database.db.reconciliations,
    metrics: createWorkerMetrics(metrics),
    log,
  });
  const shown = async (rule: string) =>
    new RegExp(`^bourse_reconciliation_differences\\{.*rule="${rule}".*\\} (\\d+)$`, 'm').exec(
      await metrics.render(),
    )?.[1];
  return { job, shown, errors };
}

const shift = (by: number) =>
  sql.query('UPDATE ledger_account SET posted_nanodollars = posted_nanodollars + $1 WHERE organization_id = $2', [
    by,
    owner.organizationId,
  ]);

test('books that add up say nothing; a balance that was tampered with is an error and a metric until it is right again', async () => {
  const record = generationRecord(owner);
  await database.db.ledger.settle({
    charge: nanodollars(5n),
    cost: nanodollars(4n),
    providerSlug: 'sandbox-north',
    record,
  });
  const { job, shown, errors } = worker();
  expect(await job.run(never)).toBe(0);
  expect(errors).toEqual([]);
  expect([await shown('R1'), await shown('R7')]).toEqual(['0', undefined]);
  await shift(1);
  expect(await job.run(never)).toBe(1);
  expect(errors.join('\n')).toContain('reconcile.difference R1 posted balances equal their entries');
  expect(await shown('R1')).toBe('1');
  await shift(-1);
  expect(await job.run(never)).toBe(0);
  expect(await shown('R1')).toBe('0');
});

test('every run leaves a row for each promise, and old runs are removed', async () => {
  await sql.query("INSERT INTO reconciliation_run (form, started_at) VALUES ('light', now() - interval '8 days')");
  await shift(1);
  await worker().job.run(never);
  await shift(-1);
  const { rows: runs } = await sql.query(
    'SELECT form, differences, finished_at IS NOT NULL AS is_over FROM reconciliation_run',
  );
  expect(runs).toEqual([{ form: 'light', differences: 1, is_over: true }]);
  const { rows } = await sql.query('SELECT rule, differences, examples FROM reconciliation_finding ORDER BY line');
  expect(new Set(rows.map(({ rule }) => rule))).toEqual(new Set(['R1', 'R2', 'R3', 'R4', 'R5', 'R9', 'R10']));
  expect(rows.filter(({ differences }) => differences > 0)).toEqual([
    { rule: 'R1', differences: 1, examples: [expect.stringContaining(owner.organizationId)] },
  ]);
});

test('workers share one rhythm and what was found; a run that failed is made up for by the next look', async () => {
  const one = worker({ everyMs: HOUR_MS });
  const other = worker({ everyMs: HOUR_MS });
  const failing = worker({ everyMs: HOUR_MS, check: () => Promise.reject(new Error('away')) });
  await expect(failing.job.run(never)).rejects.toThrow('away');
  await shift(1);
  expect(await one.job.run(never)).toBe(1);
  expect(await other.job.run(never)).toBe(0);
  expect(other.errors).toEqual([]);
  expect(await other.shown('R1')).toBe('1');
  await shift(-1);
  expect(await one.job.run(never)).toBe(0);
  expect(await one.shown('R1')).toBe('1');
});

describe('R6 against a Stripe', () => {
  let sandbox: SandboxProcess;
  const secretKey = 'sk_test_worker_0123456789';

  beforeAll(async () => {
    sandbox = await startSandbox();
  });
  beforeEach(async () => {
    await fetch(`${sandbox.url}/_sandbox/stripe/state`, { method: 'DELETE' });
    await sql.query('DELETE FROM topup');
  });
  afterAll(() => sandbox.stop());

  const r6 = (laterMs = HOUR_MS, apiBase = `${sandbox.url}/stripe`) =>
    checkPayments(createPaymentAudit({ secretKey, apiBase, fetch }), {
      store: database.db.reconciliations,
      now: () => Date.now() + laterMs,
    });

  /** Buys credits at the checkout page. The webhook is the test's to deliver. */
  async function buy(): Promise<{
    readonly topupId: string;
    readonly checkoutSessionId: string;
    readonly intentId: string;
  }> {
    const topup = await database.db.payments.createTopup({
      organizationId: owner.organizationId,
      userId: owner.userId,
      amountCents: 2_500,
      feeCents: 138,
      currency: 'usd',
    });
    const apiBase = `${sandbox.url}/stripe`;
    const payments = createPayments({
      secretKey,
      webhookSecret: 'whsec_0123456789abcdef',
      apiBase,
      fetch,
      now: Date.now,
    });
    const checkout = await payments.createCheckout({
      topup,
      customerEmail: owner.email,
      successUrl: 'http://localhost:3000/',
      cancelUrl: 'http://localhost:3000/',
    });
    const card = { email: owner.email, name: '', number: '4242424242424242', expiry: '12 / 40', cvc: '123' };
    await fetch(checkout.url, { method: 'POST', body: new URLSearchParams(card), redirect: 'manual' });
    const { data } = await stripe<{ data: readonly { id: string }[] }>('GET', '/payment_intents?limit=1');
    return { topupId: topup.id, checkoutSessionId: checkout.id, intentId: data[0]?.id ?? '' };
  }

  async function stripe<Answer>(method: string, path: string, body?: URLSearchParams): Promise<Answer> {
    const headers = { authorization: `Bearer ${secretKey}` };
    const answer = await fetch(`${sandbox.url}/stripe/v1${path}`, { method, headers, ...(body ? { body } : {}) });
    expect(answer.status).toBe(200);
    return (await answer.json()) as Answer;
  }

  function grant({ topupId, checkoutSessionId, intentId }: Awaited<ReturnType<typeof buy>>) {
    return database.db.payments.recordStripeEventAndGrant(
      {
        eventId: `evt_${topupId}`,
        type: 'checkout.session.completed',
        isLivemode: false,
        objectId: checkoutSessionId,
        payloadSha256: '',
        outcome: 'paid',
        topupId,
        checkoutSessionId,
        paymentIntentId: intentId,
        amountTotalCents: 2_638,
        currency: 'usd',
      },
      { isLivemode: false },
    );
  }

  test('is silent about purchases that were paid and granted', async () => {
    for (let count = 0; count < 3; count += 1) await grant(await buy());
    expect(await r6()).toMatchObject({ rule: 'R6', isConfigured: true, differences: 0 });
  });

  test('finds a payment whose webhook never came, once it is ten minutes old', async () => {
    const { topupId } = await buy();
    expect(await r6(0)).toMatchObject({ differences: 0 });
    expect(await r6()).toMatchObject({ differences: 1, examples: [expect.stringContaining(topupId)] });
  });

  test('finds a grant that nobody paid for', async () => {
    const bought = await buy();
    await grant(bought);
    await fetch(`${sandbox.url}/_sandbox/stripe/state`, { method: 'DELETE' });
    expect(await r6()).toMatchObject({ differences: 1, examples: [expect.stringContaining('which nobody paid')] });
  });

  test('finds money that was given back at Stripe and not in the books', async () => {
    const bought = await buy();
    await grant(bought);
    const body = new URLSearchParams({ payment_intent: bought.intentId, amount: '1000' });
    await stripe('POST', '/refunds', body);
    expect(await r6()).toMatchObject({ differences: 1, examples: [expect.stringContaining('16380000000')] });
  });

  test('says so when there is no Stripe to ask, and counts one that does not answer', async () => {
    const deps = { store: database.db.reconciliations, now: Date.now };
    expect(await checkPayments(null, deps)).toMatchObject({ isConfigured: false, differences: 0 });
    expect(await r6(0, 'http://127.0.0.1:1')).toMatchObject({
      isConfigured: true,
      differences: 1,
      examples: [expect.stringContaining('could not be read')],
    });
  });
});
