import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ledgerCheck, writeCharge } from '@bourse/db';
import { createTestDatabase, generationRecord, type TestDatabase } from '@bourse/testing';
import type { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { holdOf, nano, newGenerationId, receiptOf, settleOf, sqlClient, TEST_SHEET, tenant } from './tenants.ts';

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
  const record = generationRecord(owner, { receipt: receiptOf(30) });
  const paid = { id: 'lse_1', day: new Date(lease.nowMs).toISOString().slice(0, 10) };
  await database.db.leases.settle([
    writeCharge({ record, charge: nano(30), cost: nano(20), providerSlug: 'sandbox-north', lease: paid }),
  ]);
}

/** Books in which every kind of row occurs. */
beforeAll(async () => {
  database = await createTestDatabase();
  sql = await sqlClient(database.url);
  await sql.query(
    `INSERT INTO price_sheet (id, endpoint_id, effective_from, effective_to, source_url, checked_on, lines)
     SELECT $1, endpoint_id, now() - interval '1 day', now() + interval '1 hour', '', now(), '[{"meter": "output", "price": "1000", "aboveInputTokens": 0}]'
       FROM price_sheet WHERE endpoint_id = 'sandbox/atlas-1@sandbox-north'`,
    [TEST_SHEET],
  );
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
  return (await ledgerCheck({ url: database.url, form: 'full' }))
    .filter(({ differences }) => differences > 0)
    .map(({ rule, name }) => `${rule} ${name}`);
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
const invoice = (model: string, cost: bigint) =>
  `INSERT INTO provider_invoice (provider_slug, day, model_slug, cost_nanodollars, source)
   SELECT provider_slug, (created_at AT TIME ZONE 'UTC')::date, '${model}', ${cost}, 'test' FROM generation WHERE lease_id IS NOT NULL`;
const oneUsage = "(SELECT min(id) FROM ledger_transaction WHERE kind = 'usage')";

test.for([
  {
    what: 'a changed posted balance',
    breaking: `UPDATE ledger_account SET posted_nanodollars = posted_nanodollars + 1 WHERE ${anOrg}`,
    repairing: `UPDATE ledger_account SET posted_nanodollars = posted_nanodollars - 1 WHERE ${anOrg}`,
    found: 'R1 posted balances equal their entries',
  },
  {
    what: 'money on a house account itself',
    breaking: "UPDATE ledger_account SET posted_nanodollars = 1 WHERE id = 'house:fees'",
    repairing: "UPDATE ledger_account SET posted_nanodollars = 0 WHERE id = 'house:fees'",
    found: 'R1 posted balances equal their entries',
  },
  {
    what: 'a changed promotional balance',
    breaking: `UPDATE ledger_account SET promo_nanodollars = promo_nanodollars + 1 WHERE ${anOrg}`,
    repairing: `UPDATE ledger_account SET promo_nanodollars = promo_nanodollars - 1 WHERE ${anOrg}`,
    found: 'R1 promotional balances equal their entries',
  },
  {
    what: 'paid credit that was taken for promotional credit',
    breaking: `UPDATE ledger_account SET promo_nanodollars = promo_nanodollars + 2000000000000 WHERE ${anOrg}`,
    repairing: `UPDATE ledger_account SET promo_nanodollars = promo_nanodollars - 2000000000000 WHERE ${anOrg}`,
    found: 'R10 no balance is below its floor but by refunds and disputes',
  },
  {
    what: 'a loss of a failed attempt that is not in the ledger',
    breaking: `UPDATE generation SET flags = '{attempts_insured}', attempts = '[{"costNanodollars":"7"}]' WHERE lease_id IS NOT NULL`,
    repairing: `UPDATE generation SET flags = '{}', attempts = '[]' WHERE lease_id IS NOT NULL`,
    found: 'R3 what failed attempts cost is booked as a loss, and back',
  },
  {
    what: 'a changed held balance',
    breaking: `UPDATE ledger_account SET held_nanodollars = held_nanodollars + 1 WHERE ${anOrg}`,
    repairing: `UPDATE ledger_account SET held_nanodollars = held_nanodollars - 1 WHERE ${anOrg}`,
    found: 'R1 held balances equal their open holds and leases',
  },
  {
    what: 'a balance below its floor',
    breaking: `UPDATE ledger_account SET floor_nanodollars = 99999999999 WHERE ${anOrg}`,
    repairing: `UPDATE ledger_account SET floor_nanodollars = 0 WHERE ${anOrg}`,
    found: 'R10 no balance is below its floor but by refunds and disputes',
  },
  {
    what: 'a changed amount of an entry',
    breaking: `UPDATE ledger_entry SET amount_nanodollars = amount_nanodollars + 1 WHERE transaction_id = ${oneUsage} AND line = 2`,
    repairing: `UPDATE ledger_entry SET amount_nanodollars = amount_nanodollars - 1 WHERE transaction_id = ${oneUsage} AND line = 2`,
    found: 'R2 every transaction sums to zero',
  },
  {
    what: 'an entry of no transaction',
    breaking: "INSERT INTO ledger_entry VALUES (999999, 1, 'house:fees', 5), (999999, 2, 'house:refunds', -5)",
    repairing: 'DELETE FROM ledger_entry WHERE transaction_id = 999999',
    found: 'R2 every transaction has entries, every entry a transaction and an account',
  },
  {
    what: 'a transaction without entries',
    breaking:
      "INSERT INTO ledger_transaction (idempotency_key, request_hash, kind, reference, actor) VALUES ('x', '', 'grant', '', '')",
    repairing: "DELETE FROM ledger_transaction WHERE idempotency_key = 'x'",
    found: 'R2 every transaction has entries, every entry a transaction and an account',
  },
  {
    what: 'a key window that used more than was settled',
    breaking: 'UPDATE key_window SET used_nanodollars = used_nanodollars + 1',
    repairing: 'UPDATE key_window SET used_nanodollars = used_nanodollars - 1',
    found: 'R1 key windows equal their holds, leases and what leases paid',
  },
  {
    what: 'a key window that holds more than is open',
    breaking: 'UPDATE key_window SET held_nanodollars = held_nanodollars + 1',
    repairing: 'UPDATE key_window SET held_nanodollars = held_nanodollars - 1',
    found: 'R1 key windows equal their holds, leases and what leases paid',
  },
  {
    what: 'a hold in a state that does not exist',
    breaking: "UPDATE hold SET state = 'lost' WHERE state = 'voided'",
    repairing: "UPDATE hold SET state = 'voided' WHERE state = 'lost'",
    found: 'R3 holds are in a known state, and resolved when they say so',
  },
  {
    what: 'a generation whose charge is not what its hold settled',
    breaking: 'UPDATE generation SET charge_nanodollars = charge_nanodollars + 1',
    repairing: 'UPDATE generation SET charge_nanodollars = charge_nanodollars - 1',
    found: 'R3 every settled hold has one generation of the same charge, and back',
  },
  {
    what: 'a generation whose cost is not in the ledger',
    breaking: 'UPDATE generation SET cost_nanodollars = cost_nanodollars + 1',
    repairing: 'UPDATE generation SET cost_nanodollars = cost_nanodollars - 1',
    found: 'R3 every charge and cost is one usage transaction, and back',
  },
  {
    what: 'a usage transaction of no generation',
    breaking: `UPDATE ledger_transaction SET idempotency_key = idempotency_key || '-x' WHERE id = ${oneUsage}`,
    repairing: `UPDATE ledger_transaction SET idempotency_key = rtrim(idempotency_key, '-x') WHERE id = ${oneUsage}`,
    found: 'R3 every charge and cost is one usage transaction, and back',
  },
  {
    what: 'a purchase that says granted without a transaction',
    breaking: `INSERT INTO topup (id, organization_id, amount_nanodollars, amount_cents, fee_cents, currency, state)
               SELECT 'top_x', id, 10000000, 1, 0, 'usd', 'granted' FROM organization LIMIT 1`,
    repairing: "DELETE FROM topup WHERE id = 'top_x'",
    found: 'R3 every granted purchase is one ledger transaction of its amount, and back',
  },
  {
    what: 'a lease that paid more than its generations say',
    breaking: 'UPDATE lease SET used_nanodollars = used_nanodollars + 1',
    repairing: 'UPDATE lease SET used_nanodollars = used_nanodollars - 1',
    found: 'R1 leases are in a known state and paid what their generations say',
  },
  {
    what: 'a lease in a state that does not exist',
    breaking: "UPDATE lease SET state = 'lost'",
    repairing: "UPDATE lease SET state = 'open'",
    found: 'R1 leases are in a known state and paid what their generations say',
  },
  {
    what: 'a lease whose gateway is gone',
    breaking: "UPDATE lease SET expires_at = expires_at - interval '1 hour'",
    repairing: "UPDATE lease SET expires_at = expires_at + interval '1 hour'",
    found: 'R9 no open hold or lease is overdue by more than a minute',
  },
  {
    what: 'an open hold that nobody gave back',
    breaking: "UPDATE hold SET expires_at = expires_at - interval '1 hour' WHERE state = 'held'",
    repairing: "UPDATE hold SET expires_at = expires_at + interval '1 hour' WHERE state = 'held'",
    found: 'R9 no open hold or lease is overdue by more than a minute',
  },
  {
    what: 'a charge that is not what its receipt comes to',
    breaking: `UPDATE generation SET receipt = jsonb_set(receipt, '{lines,0,quantity}', '31') WHERE lease_id IS NOT NULL`,
    repairing: `UPDATE generation SET receipt = jsonb_set(receipt, '{lines,0,quantity}', '30') WHERE lease_id IS NOT NULL`,
    found: 'R8 every charge is what its receipt comes to',
  },
  {
    what: 'a charge with another markup than its receipt says',
    breaking: `UPDATE generation SET receipt = jsonb_set(receipt, '{markupBps}', '500') WHERE lease_id IS NOT NULL`,
    repairing: `UPDATE generation SET receipt = jsonb_set(receipt, '{markupBps}', '0') WHERE lease_id IS NOT NULL`,
    found: 'R8 every charge is what its receipt comes to',
  },
  {
    what: 'a charge without a receipt',
    breaking: 'UPDATE generation SET receipt = NULL, end_user = receipt::text WHERE lease_id IS NOT NULL',
    repairing: 'UPDATE generation SET receipt = end_user::jsonb, end_user = NULL WHERE lease_id IS NOT NULL',
    found: 'R8 every charge is what its receipt comes to',
  },
  {
    what: 'a capped charge that is more than its receipt comes to',
    breaking: `UPDATE generation SET flags = '{capped}', receipt = jsonb_set(receipt, '{lines,0,quantity}', '29') WHERE lease_id IS NOT NULL`,
    repairing: `UPDATE generation SET flags = '{}', receipt = jsonb_set(receipt, '{lines,0,quantity}', '30') WHERE lease_id IS NOT NULL`,
    found: 'R8 every charge is what its receipt comes to',
  },
  {
    what: 'a price that the sheet of the receipt does not have',
    breaking: `UPDATE generation SET receipt = jsonb_set(receipt, '{lines,0,price}', '"1001"') WHERE lease_id IS NOT NULL`,
    repairing: `UPDATE generation SET receipt = jsonb_set(receipt, '{lines,0,price}', '"1000"') WHERE lease_id IS NOT NULL`,
    found: 'R8 every receipt has the prices of a sheet that was in force',
  },
  {
    what: 'a receipt with the prices of a sheet that was over',
    breaking: `UPDATE price_sheet SET effective_to = now() - interval '1 hour' WHERE id = '${TEST_SHEET}'`,
    repairing: `UPDATE price_sheet SET effective_to = now() + interval '1 hour' WHERE id = '${TEST_SHEET}'`,
    found: 'R8 every receipt has the prices of a sheet that was in force',
  },
  {
    what: 'a message that nobody carried out',
    breaking:
      "INSERT INTO outbox (topic, key, body, created_at) VALUES ('x', 'x', '{}', now() - interval '61 seconds')",
    repairing: "DELETE FROM outbox WHERE key = 'x'",
    found: 'R4 no message has waited in the outbox for more than a minute, none was given up',
  },
  {
    what: 'a gateway whose charges do not reach the books',
    breaking: "INSERT INTO gateway (id, host, spool_pending, spool_oldest_ms) VALUES ('gw_x', 'here', 1, 61000)",
    repairing: "DELETE FROM gateway WHERE id = 'gw_x'",
    found: 'R5 no gateway has a charge that is older than a minute, and no dead one has any',
  },
  {
    what: 'a dead gateway with charges that nobody adopted',
    breaking:
      "INSERT INTO gateway (id, host, spool_pending, seen_at) VALUES ('gw_x', 'here', 1, now() - interval '3 minutes')",
    repairing: "DELETE FROM gateway WHERE id = 'gw_x'",
    found: 'R5 no gateway has a charge that is older than a minute, and no dead one has any',
  },
  {
    what: 'an invoice that differs by more than half a percent',
    breaking: `${invoice('*', 20_120_000_000n)}; UPDATE generation SET cost_nanodollars = 20000000000 WHERE lease_id IS NOT NULL`,
    repairing: `DELETE FROM provider_invoice; UPDATE generation SET cost_nanodollars = 20 WHERE lease_id IS NOT NULL`,
    found: 'R7 provider costs equal their invoices to 0.5 %, and hardly any of them is an estimate',
  },
  {
    what: 'a model that we used and that is not on its invoice',
    breaking: `${invoice('another/model', 1n)}; UPDATE generation SET cost_nanodollars = 20000000000 WHERE lease_id IS NOT NULL`,
    repairing: `DELETE FROM provider_invoice; UPDATE generation SET cost_nanodollars = 20 WHERE lease_id IS NOT NULL`,
    found: 'R7 provider costs equal their invoices to 0.5 %, and hardly any of them is an estimate',
  },
  {
    what: 'an invoiced day that we estimated',
    breaking: `${invoice('*', 20n)}; UPDATE generation SET flags = '{cost_estimated}' WHERE lease_id IS NOT NULL`,
    repairing: `DELETE FROM provider_invoice; UPDATE generation SET flags = '{}' WHERE lease_id IS NOT NULL`,
    found: 'R7 provider costs equal their invoices to 0.5 %, and hardly any of them is an estimate',
  },
])('finds $what', async ({ breaking, repairing, found }) => {
  expect(await whenBroken(breaking, repairing)).toContain(found);
  expect(await wrongChecks()).toEqual([]);
});

test('an invoice that agrees within half a percent or a cent is right, and without any invoice the answer is that there is none', async () => {
  const invoices = async () =>
    (await ledgerCheck({ url: database.url, form: 'full' })).find(({ rule }) => rule === 'R7') ?? expect.unreachable();
  expect(await invoices()).toMatchObject({ isConfigured: false, differences: 0 });
  const setCost = (cost: bigint) =>
    sql.query(`SET session_replication_role = replica; UPDATE generation SET cost_nanodollars = ${cost} WHERE lease_id IS NOT NULL;
      SET session_replication_role = DEFAULT`);
  await setCost(20_000_000_000n);
  await sql.query(invoice('*', 20_090_000_000n));
  expect(await invoices()).toMatchObject({ isConfigured: true, differences: 0 });
  await setCost(20n);
  await sql.query('UPDATE provider_invoice SET cost_nanodollars = 9000000');
  expect(await invoices()).toMatchObject({ isConfigured: true, differences: 0 });
  await sql.query('DELETE FROM provider_invoice');
});

test('the light form looks at the books alone', async () => {
  const rules = new Set((await ledgerCheck({ url: database.url })).map(({ rule }) => rule));
  expect([...rules].sort()).toEqual(['R1', 'R10', 'R2', 'R3', 'R4', 'R5', 'R9']);
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
    stdout: expect.stringMatching(/WRONG R1 {2}held balances.*\n.*org:org_\w+:credits has/),
  });
});
