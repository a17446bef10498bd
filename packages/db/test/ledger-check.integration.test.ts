import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ledgerCheck, writeCharge } from '@bourse/db';
import { createTestDatabase, generationRecord, type TestDatabase } from '@bourse/testing';
import type { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { holdOf, nano, newGenerationId, settleOf, sqlClient, tenant } from './tenants.ts';

const cli = fileURLToPath(new URL('../src/cli/ledger-check.ts', import.meta.url));

let database: TestDatabase;
let sql: Client;

/** A tenant whose gateway spends from a lease. */
async function leaseAndSpend(): Promise<void> {
  const owner = await tenant(database.db, 1_000);
  const lease = await database.db.leases.extend({
    leaseId: 'lse_1',
    organizationId: owner.organizationId,
    apiKeyId: owner.apiKeyId,
    isLimited: false,
    gatewayId: 'gw_1',
    needed: nano(0),
    slabMax: nano(100),
    slabMin: nano(1),
    ttlMs: 60_000,
  });
  if (lease.kind !== 'granted') throw new Error('no lease');
  const record = generationRecord(owner);
  const paid = { id: 'lse_1', day: new Date(lease.nowMs).toISOString().slice(0, 10) };
  await database.db.leases.settle([
    writeCharge({ record, charge: nano(30), cost: nano(20), providerSlug: 'sandbox-north', lease: paid }),
  ]);
}

/** Books in which every kind of row occurs. */
beforeAll(async () => {
  database = await createTestDatabase();
  sql = await sqlClient(database.url);
  const owner = await tenant(database.db, 1_000);
  const { ledger, payments } = database.db;
  const ends = [holdOf(owner, 100), holdOf(owner, 100), holdOf(owner, 100), holdOf(owner, 100)];
  for (const hold of ends) await ledger.reserve(hold);
  const [settled, released] = ends;
  if (!settled || !released) throw new Error('no holds');
  await ledger.settle(settleOf(owner, { id: settled.generationId, charge: 60, cost: 50 }));
  await ledger.settle(settleOf(owner, { id: newGenerationId(), charge: 10_000, cost: 50 }));
  await ledger.release(released);
  const topup = await payments.createTopup({
    organizationId: owner.organizationId,
    userId: null,
    amountCents: 500,
    feeCents: 80,
    currency: 'usd',
  });
  const event = {
    eventId: 'evt_1',
    type: 'checkout.session.completed',
    isLivemode: false,
    objectId: 'cs_1',
    payloadSha256: '',
  };
  await payments.recordStripeEventAndGrant(
    {
      ...event,
      outcome: 'paid',
      topupId: topup.id,
      checkoutSessionId: 'cs_1',
      paymentIntentId: 'pi_1',
      amountTotalCents: 580,
      currency: 'usd',
    },
    { isLivemode: false },
  );
  await leaseAndSpend();
});

afterAll(async () => {
  await sql.end();
  await database.drop();
});

async function wrongChecks(): Promise<readonly string[]> {
  return (await ledgerCheck({ url: database.url }))
    .filter(({ differences }) => differences > 0)
    .map(({ name }) => name);
}

/** Breaks the books in a way that triggers would stop, looks, and repairs them. */
async function whenBroken(breaking: string, repairing: string): Promise<readonly string[]> {
  await sql.query(`SET session_replication_role = replica; ${breaking}`);
  try {
    return await wrongChecks();
  } finally {
    await sql.query(`${repairing}; SET session_replication_role = DEFAULT`);
  }
}

test('finds nothing wrong with books that are right', async () => {
  expect(await wrongChecks()).toEqual([]);
});

const anOrg = 'organization_id IS NOT NULL AND id IN (SELECT account_id FROM ledger_entry)';
const oneUsage = "(SELECT min(id) FROM ledger_transaction WHERE kind = 'usage')";

test.for([
  {
    what: 'a changed posted balance',
    breaking: `UPDATE ledger_account SET posted_nanodollars = posted_nanodollars + 1 WHERE ${anOrg}`,
    repairing: `UPDATE ledger_account SET posted_nanodollars = posted_nanodollars - 1 WHERE ${anOrg}`,
    found: 'posted balances equal their entries',
  },
  {
    what: 'money on a house account itself',
    breaking: "UPDATE ledger_account SET posted_nanodollars = 1 WHERE id = 'house:fees'",
    repairing: "UPDATE ledger_account SET posted_nanodollars = 0 WHERE id = 'house:fees'",
    found: 'posted balances equal their entries',
  },
  {
    what: 'a changed held balance',
    breaking: `UPDATE ledger_account SET held_nanodollars = held_nanodollars + 1 WHERE ${anOrg}`,
    repairing: `UPDATE ledger_account SET held_nanodollars = held_nanodollars - 1 WHERE ${anOrg}`,
    found: 'held balances equal their open holds and leases',
  },
  {
    what: 'a balance below its floor',
    breaking: `UPDATE ledger_account SET floor_nanodollars = 99999999999 WHERE ${anOrg}`,
    repairing: `UPDATE ledger_account SET floor_nanodollars = 0 WHERE ${anOrg}`,
    found: 'no balance is below its floor but by refunds and disputes',
  },
  {
    what: 'a changed amount of an entry',
    breaking: `UPDATE ledger_entry SET amount_nanodollars = amount_nanodollars + 1 WHERE transaction_id = ${oneUsage} AND line = 2`,
    repairing: `UPDATE ledger_entry SET amount_nanodollars = amount_nanodollars - 1 WHERE transaction_id = ${oneUsage} AND line = 2`,
    found: 'every transaction sums to zero',
  },
  {
    what: 'an entry of no transaction',
    breaking: "INSERT INTO ledger_entry VALUES (999999, 1, 'house:fees', 5), (999999, 2, 'house:refunds', -5)",
    repairing: 'DELETE FROM ledger_entry WHERE transaction_id = 999999',
    found: 'every transaction has entries, every entry a transaction and an account',
  },
  {
    what: 'a transaction without entries',
    breaking:
      "INSERT INTO ledger_transaction (idempotency_key, request_hash, kind, reference, actor) VALUES ('x', '', 'grant', '', '')",
    repairing: "DELETE FROM ledger_transaction WHERE idempotency_key = 'x'",
    found: 'every transaction has entries, every entry a transaction and an account',
  },
  {
    what: 'a key window that used more than was settled',
    breaking: 'UPDATE key_window SET used_nanodollars = used_nanodollars + 1',
    repairing: 'UPDATE key_window SET used_nanodollars = used_nanodollars - 1',
    found: 'key windows equal their holds, leases and what leases paid',
  },
  {
    what: 'a key window that holds more than is open',
    breaking: 'UPDATE key_window SET held_nanodollars = held_nanodollars + 1',
    repairing: 'UPDATE key_window SET held_nanodollars = held_nanodollars - 1',
    found: 'key windows equal their holds, leases and what leases paid',
  },
  {
    what: 'a hold in a state that does not exist',
    breaking: "UPDATE hold SET state = 'lost' WHERE state = 'voided'",
    repairing: "UPDATE hold SET state = 'voided' WHERE state = 'lost'",
    found: 'holds are in a known state, and resolved when they say so',
  },
  {
    what: 'a generation whose charge is not what its hold settled',
    breaking: 'UPDATE generation SET charge_nanodollars = charge_nanodollars + 1',
    repairing: 'UPDATE generation SET charge_nanodollars = charge_nanodollars - 1',
    found: 'every settled hold has one generation of the same charge, and back',
  },
  {
    what: 'a generation whose cost is not in the ledger',
    breaking: 'UPDATE generation SET cost_nanodollars = cost_nanodollars + 1',
    repairing: 'UPDATE generation SET cost_nanodollars = cost_nanodollars - 1',
    found: 'every charge and cost is one usage transaction, and back',
  },
  {
    what: 'a usage transaction of no generation',
    breaking: `UPDATE ledger_transaction SET idempotency_key = idempotency_key || '-x' WHERE id = ${oneUsage}`,
    repairing: `UPDATE ledger_transaction SET idempotency_key = rtrim(idempotency_key, '-x') WHERE id = ${oneUsage}`,
    found: 'every charge and cost is one usage transaction, and back',
  },
  {
    what: 'a purchase that says granted without a transaction',
    breaking: `INSERT INTO topup (id, organization_id, amount_nanodollars, amount_cents, fee_cents, currency, state)
               SELECT 'top_x', id, 10000000, 1, 0, 'usd', 'granted' FROM organization LIMIT 1`,
    repairing: "DELETE FROM topup WHERE id = 'top_x'",
    found: 'every granted purchase is one ledger transaction of its amount, and back',
  },
  {
    what: 'a lease that paid more than its generations say',
    breaking: 'UPDATE lease SET used_nanodollars = used_nanodollars + 1',
    repairing: 'UPDATE lease SET used_nanodollars = used_nanodollars - 1',
    found: 'leases are in a known state and paid what their generations say',
  },
  {
    what: 'a lease in a state that does not exist',
    breaking: "UPDATE lease SET state = 'lost'",
    repairing: "UPDATE lease SET state = 'open'",
    found: 'leases are in a known state and paid what their generations say',
  },
  {
    what: 'a lease whose gateway is gone',
    breaking: "UPDATE lease SET expires_at = expires_at - interval '1 hour'",
    repairing: "UPDATE lease SET expires_at = expires_at + interval '1 hour'",
    found: 'no open hold or lease is overdue by more than a minute',
  },
  {
    what: 'an open hold that nobody gave back',
    breaking: "UPDATE hold SET expires_at = expires_at - interval '1 hour' WHERE state = 'held'",
    repairing: "UPDATE hold SET expires_at = expires_at + interval '1 hour' WHERE state = 'held'",
    found: 'no open hold or lease is overdue by more than a minute',
  },
])('finds $what', async ({ breaking, repairing, found }) => {
  expect(await whenBroken(breaking, repairing)).toContain(found);
  expect(await wrongChecks()).toEqual([]);
});

test('the command exits 0 on right books and 1 on wrong ones, and names the account', async () => {
  const env = { ...process.env, DATABASE_URL: database.url };
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [cli], { env });
  expect(stdout).toContain('The books are right');
  await sql.query(`UPDATE ledger_account SET held_nanodollars = held_nanodollars + 1 WHERE ${anOrg}`);
  const failure: unknown = await run(process.execPath, [cli], { env }).catch((error: unknown) => error);
  expect(failure).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/WRONG held balances.*\n.*org:org_\w+:credits has/),
  });
});
