import { ledgerCheck } from '@bourse/db';
import { generationId } from '@bourse/ids';
import { nanodollars, nanodollarsFromUsd } from '@bourse/money';
import type { Logger } from '@bourse/telemetry';
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
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { pruneOutbox } from '../src/jobs/prune-outbox.ts';
import { sendOutbox } from '../src/jobs/send-outbox.ts';
import { watchBalances } from '../src/jobs/watch-balances.ts';
import { deliver } from '../src/mail/deliver.ts';
import { createMailer } from '../src/mail/mailer.ts';
import { eventually } from './holds.ts';

const never = new AbortController().signal;
let database: TestDatabase;
let sandbox: SandboxProcess;
let sql: SqlClient;

beforeAll(async () => {
  [database, sandbox] = await Promise.all([createTestDatabase(), startSandbox()]);
  sql = await openSqlClient(database.url);
});
beforeEach(async () => {
  await sql.query('DELETE FROM outbox; DELETE FROM low_balance');
});
afterAll(async () => {
  await sql.end();
  await sandbox.stop();
  await database.drop();
});

const logged: string[] = [];
const log: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: (event) => logged.push(event),
  error: (event) => logged.push(event),
  isEnabled: () => true,
};

/** The job of a worker that hands its mail to this server. */
function sender(smtpUrl: string) {
  const mailer = createMailer({ smtpUrl, from: 'Bourse <no-reply@bourse.local>' });
  const parts = {
    db: database.db,
    mailer,
    dashboardUrl: 'https://bourse.test',
    operatorEmails: ['operator@example.com'],
  };
  return sendOutbox({ outbox: database.db.outbox, deliver: (message) => deliver(message, parts), log, everyMs: 1_000 });
}

const watch = () =>
  watchBalances({ outbox: database.db.outbox, thresholdDefault: nanodollarsFromUsd('2'), everyMs: 1_000 }).run(never);

async function spend(owner: TestOrganization, usd: string): Promise<void> {
  await database.db.ledger.settle({
    charge: nanodollarsFromUsd(usd),
    cost: nanodollars(0n),
    providerSlug: 'sandbox-north',
    record: generationRecord(owner, { id: generationId(Date.now()) }),
  });
}

const give = (owner: TestOrganization, usd: string, key: string) =>
  database.db.ledger.grant({
    idempotencyKey: `grant:${owner.organizationId}:${key}`,
    organizationId: owner.organizationId,
    amount: nanodollarsFromUsd(usd),
    reference: 'test',
    actor: 'test',
  });

interface Mail {
  readonly subject: string;
  readonly text: string;
}

async function mailsTo(email: string): Promise<readonly Mail[]> {
  const answer = await fetch(`${sandbox.url}/mailbox.json?to=${encodeURIComponent(email)}`);
  return ((await answer.json()) as { mails: readonly Mail[] }).mails;
}

async function buy(owner: TestOrganization): Promise<string> {
  const topup = await database.db.payments.createTopup({
    organizationId: owner.organizationId,
    userId: owner.userId,
    amountCents: 2_500,
    feeCents: 138,
    currency: 'usd',
  });
  for (const eventId of [`evt_${topup.id}_1`, `evt_${topup.id}_2`])
    await database.db.payments.recordStripeEventAndGrant(
      {
        eventId,
        type: 'checkout.session.completed',
        isLivemode: false,
        objectId: `cs_${topup.id}`,
        payloadSha256: '',
        outcome: 'paid',
        topupId: topup.id,
        checkoutSessionId: `cs_${topup.id}`,
        paymentIntentId: `pi_${topup.id}`,
        amountTotalCents: 2_638,
        currency: 'usd',
      },
      { isLivemode: false },
    );
  return topup.id;
}

test('who buys credits gets one receipt, whatever the number of webhooks and workers', async () => {
  const owner = await createOrganization(database.db);
  const topupId = await buy(owner);
  const sent = await Promise.all([sender(sandbox.smtpUrl).run(never), sender(sandbox.smtpUrl).run(never)]);
  expect(sent[0] + sent[1]).toBe(1);
  const mails = await eventually(
    () => mailsTo(owner.email),
    ({ length }) => length > 0,
  );
  expect(mails).toHaveLength(1);
  expect(mails[0]?.subject).toBe('Receipt: $25.00 of Bourse credits');
  expect(mails[0]?.text).toMatch(/Fee +\$1\.38\n.*Paid +\$26\.38/s);
  expect(mails[0]?.text).toContain(topupId);
});

test('credits that fall below the threshold are told of once per fall, and never when they were never above it', async () => {
  const [rich, poor] = [
    await createOrganization(database.db, { credits: nanodollarsFromUsd('3') }),
    await createOrganization(database.db, { credits: nanodollarsFromUsd('1') }),
  ];
  expect(await watch()).toBe(0);
  await spend(rich, '1.5');
  expect([await watch(), await watch()]).toEqual([1, 0]);
  await spend(rich, '0.2');
  expect(await watch()).toBe(0);
  await give(rich, '5', 'more');
  expect(await watch()).toBe(0);
  await spend(rich, '5');
  expect((await Promise.all([watch(), watch(), watch()])).reduce((sum, count) => sum + count)).toBe(1);
  await sender(sandbox.smtpUrl).run(never);
  const mails = await eventually(
    () => mailsTo(rich.email),
    ({ length }) => length === 2,
  );
  expect(mails.map(({ subject }) => subject)).toEqual(Array(2).fill('Your Bourse credits are below $2.00'));
  expect(mails.map(({ text }) => text).join()).toMatch(/\$1\.50 of credits left[\s\S]*|\$1\.30/);
  expect(await mailsTo(poor.email)).toEqual([]);
});

test('an organization with a threshold of its own is told at that one, and at 0 never', async () => {
  const [early, silent] = [
    await createOrganization(database.db, { credits: nanodollarsFromUsd('100') }),
    await createOrganization(database.db, { credits: nanodollarsFromUsd('100') }),
  ];
  await sql.query(
    'INSERT INTO low_balance (organization_id, threshold_nanodollars) VALUES ($1, 50000000000), ($2, 0)',
    [early.organizationId, silent.organizationId],
  );
  await watch();
  await spend(early, '51');
  await spend(silent, '99.9');
  expect(await watch()).toBe(1);
});

test('a mail server that is away only delays: the message is tried again later, and R4 says that it waits', async () => {
  const owner = await createOrganization(database.db);
  await buy(owner);
  logged.length = 0;
  expect(await sender('smtp://127.0.0.1:1').run(never)).toBe(0);
  expect(logged).toEqual(['outbox.failed']);
  expect(await sender(sandbox.smtpUrl).run(never)).toBe(0);
  const { rows } = await sql.query('SELECT attempts, last_error, due_at > now() AS is_later FROM outbox');
  expect(rows).toEqual([{ attempts: 1, last_error: expect.stringContaining('ECONNREFUSED'), is_later: true }]);
  await sql.query("UPDATE outbox SET due_at = now(), created_at = now() - interval '2 minutes'");
  const waiting = async () => (await ledgerCheck({ url: database.url })).find(({ rule }) => rule === 'R4')?.differences;
  expect(await waiting()).toBe(1);
  expect(await sender(sandbox.smtpUrl).run(never)).toBe(1);
  expect(await waiting()).toBe(0);
});

test('a message that never succeeds is given up, stays, and breaks R4', async () => {
  const owner = await createOrganization(database.db);
  await buy(owner);
  await sql.query("UPDATE outbox SET attempts = 11, created_at = now() - interval '3 hours'");
  logged.length = 0;
  await sender('smtp://127.0.0.1:1').run(never);
  expect(logged).toEqual(['outbox.given_up']);
  await sql.query('UPDATE outbox SET due_at = now()');
  expect(await sender(sandbox.smtpUrl).run(never)).toBe(0);
  const check = (await ledgerCheck({ url: database.url })).find(({ rule }) => rule === 'R4');
  expect(check).toMatchObject({ differences: 1, examples: [expect.stringContaining('tried 12 times')] });
});

test('a message whose worker died comes back when its claim is over; what was done a month ago is removed', async () => {
  const owner = await createOrganization(database.db);
  await buy(owner);
  const claimed = await database.db.outbox.claim({ limit: 10, claimMs: 60_000, attemptsMax: 12 });
  expect(claimed).toMatchObject([{ topic: 'topup.granted', attempt: 1 }]);
  expect(await sender(sandbox.smtpUrl).run(never)).toBe(0);
  await sql.query("UPDATE outbox SET due_at = now() - interval '1 second'");
  expect(await sender(sandbox.smtpUrl).run(never)).toBe(1);
  const prune = () => pruneOutbox({ outbox: database.db.outbox, everyMs: 1_000 }).run(never);
  expect(await prune()).toBe(0);
  await sql.query("UPDATE outbox SET done_at = now() - interval '31 days'");
  expect(await prune()).toBe(1);
});
