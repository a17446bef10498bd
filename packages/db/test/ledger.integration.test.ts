import { ledgerCheck, openDatabase } from '@bourse/db';
import { createTestDatabase, generationRecord, type TestDatabase } from '@bourse/testing';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { holdOf, nano, newGenerationId, settleOf, sqlClient, tenant } from './tenants.ts';

let database: TestDatabase;
let sql: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = await sqlClient(database.url);
});

afterAll(async () => {
  const wrong = (await ledgerCheck({ url: database.url })).filter(({ differences }) => differences > 0);
  await sql.end();
  await database.drop();
  expect(wrong).toEqual([]);
});

const ledger = () => database.db.ledger;

async function expire(id: string): Promise<void> {
  await sql.query("UPDATE hold SET expires_at = clock_timestamp() - interval '1 second' WHERE id = $1", [id]);
  await ledger().expireHolds(100);
}

async function entriesOf(id: string): Promise<Record<string, string>> {
  const { rows } = await sql.query<{ account_id: string; amount: string }>(
    `SELECT e.account_id, e.amount_nanodollars AS amount FROM ledger_entry e JOIN ledger_transaction t ON t.id = e.transaction_id
      WHERE t.idempotency_key = $1`,
    [`gen:${id}`],
  );
  return Object.fromEntries(rows.map(({ account_id: account, amount }) => [account, amount]));
}

describe('reserve', () => {
  test('sets money aside and leaves the posted balance alone', async () => {
    const owner = await tenant(database.db, 100);
    expect(await ledger().reserve(holdOf(owner, 30))).toEqual({ kind: 'held' });
    expect(await ledger().balance(owner.organizationId)).toEqual({
      posted: 100n,
      promo: 100n,
      held: 30n,
      available: 70n,
      isFrozen: false,
    });
  });

  test('refuses what the available credits do not cover, says what is available, and writes nothing', async () => {
    const owner = await tenant(database.db, 100);
    await ledger().reserve(holdOf(owner, 60));
    expect(await ledger().reserve(holdOf(owner, 41))).toEqual({ kind: 'insufficient_credits', available: 40n });
    expect(await ledger().balance(owner.organizationId)).toMatchObject({ held: 60n });
    expect(await ledger().reserve(holdOf(owner, 40))).toEqual({ kind: 'held' });
  });

  test('answers duplicate to a second hold of the same generation and holds once', async () => {
    const owner = await tenant(database.db, 100);
    const hold = holdOf(owner, 30);
    await ledger().reserve(hold);
    expect(await ledger().reserve(hold)).toEqual({ kind: 'duplicate' });
    expect(await ledger().balance(owner.organizationId)).toMatchObject({ held: 30n });
  });

  test('refuses a frozen organization, and takes it again after thawing', async () => {
    const owner = await tenant(database.db, 100);
    await ledger().setFrozen({ organizationId: owner.organizationId, isFrozen: true });
    expect(await ledger().reserve(holdOf(owner, 1))).toEqual({ kind: 'frozen' });
    await ledger().setFrozen({ organizationId: owner.organizationId, isFrozen: false });
    expect(await ledger().reserve(holdOf(owner, 1))).toEqual({ kind: 'held' });
  });

  test('refuses a key that was disabled, revoked, has expired, or belongs to somebody else', async () => {
    const owner = await tenant(database.db, 100);
    const other = await tenant(database.db, 100);
    const expired = await tenant(database.db, 100, { expiresAt: new Date(Date.now() - 1_000) });
    const ref = { id: owner.apiKeyId, organizationId: owner.organizationId };
    await database.db.keys.update(ref, { isDisabled: true });
    expect(await ledger().reserve(holdOf(owner, 1))).toEqual({ kind: 'key_inactive' });
    await database.db.keys.update(ref, { isDisabled: false });
    expect(await ledger().reserve(holdOf(owner, 1))).toEqual({ kind: 'held' });
    await database.db.keys.revoke(ref);
    expect(await ledger().reserve(holdOf(owner, 1))).toEqual({ kind: 'key_inactive' });
    expect(await ledger().reserve(holdOf(expired, 1))).toEqual({ kind: 'key_inactive' });
    const stranger = { organizationId: owner.organizationId, apiKeyId: other.apiKeyId };
    expect(await ledger().reserve(holdOf(stranger, 1))).toEqual({ kind: 'key_inactive' });
  });

  test('has no credits to offer to an organization that does not exist', async () => {
    const nobody = { organizationId: 'org_nobody', apiKeyId: 'key_nobody' };
    expect(await ledger().reserve(holdOf(nobody, 1))).toEqual({ kind: 'insufficient_credits', available: 0n });
  });

  test('rejects a negative hold and a hold without an end as our own mistake', async () => {
    const owner = await tenant(database.db, 100);
    await expect(ledger().reserve(holdOf(owner, -1))).rejects.toMatchObject({ code: 'internal' });
    await expect(ledger().reserve({ ...holdOf(owner, 1), ttlMs: 0 })).rejects.toMatchObject({ code: 'internal' });
    expect(await ledger().balance(owner.organizationId)).toMatchObject({ held: 0n });
  });

  test('keeps a bad item of a batch from hurting its neighbours', async () => {
    const owner = await tenant(database.db, 100);
    const results = await Promise.allSettled([
      ledger().reserve(holdOf(owner, 10)),
      ledger().reserve({ ...holdOf(owner, 10), ttlMs: 0 }),
      ledger().reserve(holdOf(owner, 1_000)),
      ledger().reserve(holdOf(owner, 10)),
    ]);
    expect(results.map((result) => (result.status === 'fulfilled' ? result.value.kind : 'rejected'))).toEqual([
      'held',
      'rejected',
      'insufficient_credits',
      'held',
    ]);
    expect(await ledger().balance(owner.organizationId)).toMatchObject({ held: 20n });
  });
});

describe('settle', () => {
  test('turns a hold into a charge, returns the rest, and books cost and margin', async () => {
    const owner = await tenant(database.db, 100);
    const hold = holdOf(owner, 50);
    await ledger().reserve(hold);
    const result = await ledger().settle(settleOf(owner, { id: hold.generationId, charge: 30, cost: 20 }));
    expect(result).toEqual({ kind: 'settled', charged: 30n });
    expect(await ledger().balance(owner.organizationId)).toMatchObject({ posted: 70n, held: 0n, available: 70n });
    expect(await entriesOf(hold.generationId)).toEqual({
      [`org:${owner.organizationId}:promo`]: '-30',
      'provider:sandbox-north:payable': '20',
      'house:revenue': '10',
    });
    const stored = await database.db.generations.find({ id: hold.generationId, organizationId: owner.organizationId });
    expect(stored).toMatchObject({ charge: 30n, cost: 20n, flags: [] });
  });

  test('charges once, whatever a repetition says', async () => {
    const owner = await tenant(database.db, 100);
    const hold = holdOf(owner, 50);
    await ledger().reserve(hold);
    await ledger().settle(settleOf(owner, { id: hold.generationId, charge: 30 }));
    expect(await ledger().settle(settleOf(owner, { id: hold.generationId, charge: 45 }))).toEqual({
      kind: 'duplicate',
      charged: 30n,
    });
    expect(await ledger().balance(owner.organizationId)).toMatchObject({ posted: 70n });
  });

  test('charges once when the same settlement comes twice at the same moment', async () => {
    const owner = await tenant(database.db, 100);
    const hold = holdOf(owner, 50);
    await ledger().reserve(hold);
    const settlement = settleOf(owner, { id: hold.generationId, charge: 30 });
    const results = await Promise.all([settlement, settlement, settlement].map((request) => ledger().settle(request)));
    expect(results.map(({ kind }) => kind).sort()).toEqual(['duplicate', 'duplicate', 'settled']);
    expect(results.map(({ charged }) => charged)).toEqual([30n, 30n, 30n]);
    expect(await ledger().balance(owner.organizationId)).toMatchObject({ posted: 70n });
  });

  test('charges late when the hold was given back or expired before, and says so', async () => {
    const owner = await tenant(database.db, 100);
    const [expired, released] = [holdOf(owner, 20), holdOf(owner, 20)];
    await ledger().reserve(expired);
    await ledger().reserve(released);
    await expire(expired.generationId);
    await ledger().release({ generationId: released.generationId, organizationId: owner.organizationId });
    for (const { generationId: id } of [expired, released]) {
      expect(await ledger().settle(settleOf(owner, { id, charge: 7 }))).toEqual({ kind: 'late', charged: 7n });
      const stored = await database.db.generations.find({ id, organizationId: owner.organizationId });
      expect(stored).toMatchObject({ charge: 7n, flags: ['late'] });
    }
    expect(await ledger().balance(owner.organizationId)).toMatchObject({ posted: 86n, held: 0n });
  });

  test('never takes a balance below zero: what the credits do not cover is our loss', async () => {
    const owner = await tenant(database.db, 100);
    const [mine, other] = [holdOf(owner, 40), holdOf(owner, 50)];
    await ledger().reserve(mine);
    await ledger().reserve(other);
    const result = await ledger().settle(settleOf(owner, { id: mine.generationId, charge: 70, cost: 60 }));
    expect(result).toEqual({ kind: 'settled', charged: 50n }); // its hold of 40 and the free 10; the other hold is safe
    expect(await ledger().balance(owner.organizationId)).toMatchObject({ posted: 50n, held: 50n, available: 0n });
    expect(await entriesOf(mine.generationId)).toEqual({
      [`org:${owner.organizationId}:promo`]: '-50',
      'provider:sandbox-north:payable': '60',
      'house:revenue': '10',
      'house:overrun_loss': '-20',
    });
    const stored = await database.db.generations.find({ id: mine.generationId, organizationId: owner.organizationId });
    expect(stored).toMatchObject({ charge: 50n, cost: 60n, flags: ['clamped'] });
  });

  test('charges a generation whose hold is not known, once', async () => {
    const owner = await tenant(database.db, 100);
    const id = newGenerationId();
    expect(await ledger().settle(settleOf(owner, { id, charge: 9 }))).toEqual({ kind: 'no_hold', charged: 9n });
    expect(await ledger().settle(settleOf(owner, { id, charge: 9 }))).toEqual({ kind: 'duplicate', charged: 9n });
    expect(await ledger().reserve(holdOf(owner, 1, id))).toEqual({ kind: 'duplicate' });
    expect(await ledger().balance(owner.organizationId)).toMatchObject({ posted: 91n });
  });

  test('records a free generation without a transaction', async () => {
    const owner = await tenant(database.db, 100);
    const hold = holdOf(owner, 0);
    await ledger().reserve(hold);
    expect(await ledger().settle(settleOf(owner, { id: hold.generationId, charge: 0 }))).toEqual({
      kind: 'settled',
      charged: 0n,
    });
    expect(await entriesOf(hold.generationId)).toEqual({});
    const stored = await database.db.generations.find({ id: hold.generationId, organizationId: owner.organizationId });
    expect(stored).toMatchObject({ charge: 0n, cost: 0n });
  });

  test('books a cost that the customer does not pay as an insured loss', async () => {
    const owner = await tenant(database.db, 100);
    const hold = holdOf(owner, 10);
    await ledger().reserve(hold);
    await ledger().settle(settleOf(owner, { id: hold.generationId, charge: 0, cost: 8 }));
    expect(await entriesOf(hold.generationId)).toEqual({
      'provider:sandbox-north:payable': '8',
      'house:insured_loss': '-8',
    });
    expect(await ledger().balance(owner.organizationId)).toMatchObject({ posted: 100n, held: 0n });
  });

  test('rejects a negative charge and a charge on the hold of another tenant, and moves nothing', async () => {
    const [owner, thief] = [await tenant(database.db, 100), await tenant(database.db, 100)];
    const hold = holdOf(owner, 50);
    await ledger().reserve(hold);
    await expect(
      ledger().settle(settleOf(owner, { id: hold.generationId, charge: -1, cost: 0 })),
    ).rejects.toMatchObject({ code: 'internal' });
    await expect(ledger().settle(settleOf(thief, { id: hold.generationId, charge: 5 }))).rejects.toMatchObject({
      code: 'internal',
    });
    expect(await ledger().balance(owner.organizationId)).toMatchObject({ posted: 100n, held: 50n });
    expect(await ledger().balance(thief.organizationId)).toMatchObject({ posted: 100n, held: 0n });
    expect(await ledger().settle(settleOf(owner, { id: hold.generationId, charge: 5 }))).toMatchObject({
      kind: 'settled',
    });
  });

  test('is not stopped by what a client wrote into its headers', async () => {
    const owner = await tenant(database.db, 100);
    const id = newGenerationId();
    const endUser = `nul\u0000 half \ud800 quote " backslash \\ brace } ${'x'.repeat(2_000)}`;
    const record = generationRecord(owner, {
      id,
      endUser,
      userAgent: '\u0000',
      attempts: [{ error: 'a\u0000b\udfff' }],
    });
    expect(
      await ledger().settle({ charge: nano(1), cost: nano(1), providerSlug: 'sandbox-north', record }),
    ).toMatchObject({ charged: 1n });
    const stored = await database.db.generations.find({ id, organizationId: owner.organizationId });
    expect(stored?.endUser).toMatch(/^nul half \ufffd quote " backslash \\ brace } x+$/);
    expect(stored?.endUser?.length).toBeLessThanOrEqual(512);
    expect(stored).toMatchObject({ userAgent: '', attempts: [{ error: 'ab\ufffd' }] });
  });

  test('keeps a record that the database cannot take from hurting its neighbours', async () => {
    const owner = await tenant(database.db, 100);
    const poison = settleOf(owner, { id: newGenerationId(), charge: 1 });
    const results = await Promise.allSettled([
      ledger().settle(settleOf(owner, { id: newGenerationId(), charge: 1 })),
      ledger().settle({ ...poison, record: { ...poison.record, inputTokens: 2 ** 40 } }),
      ledger().settle(settleOf(owner, { id: newGenerationId(), charge: 1 })),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await ledger().balance(owner.organizationId)).toMatchObject({ posted: 98n });
  });
});

describe('release', () => {
  test('gives a hold back once and keeps the record of the generation with charge 0', async () => {
    const owner = await tenant(database.db, 100);
    const hold = holdOf(owner, 50);
    await ledger().reserve(hold);
    const record = generationRecord(owner, {
      id: hold.generationId,
      end: 'upstream_error',
      errorCode: 'provider_failed',
    });
    const request = { generationId: hold.generationId, organizationId: owner.organizationId, record };
    expect(await ledger().release(request)).toEqual({ kind: 'released' });
    expect(await ledger().release(request)).toEqual({ kind: 'duplicate' });
    expect(await ledger().balance(owner.organizationId)).toMatchObject({ posted: 100n, held: 0n });
    const stored = await database.db.generations.find({ id: hold.generationId, organizationId: owner.organizationId });
    expect(stored).toMatchObject({ charge: 0n, cost: 0n, end: 'upstream_error' });
  });

  test('cannot undo a charge', async () => {
    const owner = await tenant(database.db, 100);
    const hold = holdOf(owner, 50);
    await ledger().reserve(hold);
    await ledger().settle(settleOf(owner, { id: hold.generationId, charge: 30 }));
    const record = generationRecord(owner, { id: hold.generationId });
    const request = { generationId: hold.generationId, organizationId: owner.organizationId, record };
    expect(await ledger().release(request)).toEqual({ kind: 'duplicate' });
    expect(await ledger().balance(owner.organizationId)).toMatchObject({ posted: 70n, held: 0n });
    const stored = await database.db.generations.find({ id: hold.generationId, organizationId: owner.organizationId });
    expect(stored).toMatchObject({ charge: 30n });
  });

  test('does not touch the hold of another tenant', async () => {
    const [owner, thief] = [await tenant(database.db, 100), await tenant(database.db, 100)];
    const hold = holdOf(owner, 50);
    await ledger().reserve(hold);
    const request = { generationId: hold.generationId, organizationId: thief.organizationId };
    expect(await ledger().release(request)).toEqual({ kind: 'no_hold' });
    expect(await ledger().balance(owner.organizationId)).toMatchObject({ held: 50n });
  });

  test('records a refused request that never had a hold', async () => {
    const owner = await tenant(database.db, 100);
    const record = generationRecord(owner, { end: 'rejected' });
    const request = { generationId: record.id, organizationId: owner.organizationId, record };
    expect(await ledger().release(request)).toEqual({ kind: 'no_hold' });
    expect(await database.db.generations.find({ id: record.id, organizationId: owner.organizationId })).toMatchObject({
      end: 'rejected',
    });
  });
});

describe('expiry', () => {
  test('gives back only what is overdue, at most the limit, and tells how many', async () => {
    const owner = await tenant(database.db, 100);
    const holds = [holdOf(owner, 10), holdOf(owner, 10), holdOf(owner, 10)];
    for (const hold of holds) await ledger().reserve(hold);
    await sql.query("UPDATE hold SET expires_at = clock_timestamp() - interval '1 second' WHERE id = ANY ($1)", [
      holds.slice(0, 2).map(({ generationId }) => generationId),
    ]);
    expect(await ledger().openHolds()).toMatchObject({ overdue: 2 });
    expect(await ledger().expireHolds(1)).toBe(1);
    expect(await ledger().expireHolds(10)).toBe(1);
    expect(await ledger().expireHolds(10)).toBe(0);
    expect(await ledger().balance(owner.organizationId)).toMatchObject({ held: 10n });
  });
});

describe('post', () => {
  test('applies a grant once and refuses the same key with another content', async () => {
    const owner = await tenant(database.db, 0);
    const grant = {
      idempotencyKey: `grant:${owner.organizationId}`,
      organizationId: owner.organizationId,
      amount: nano(5),
      reference: 'x',
      actor: 'a',
    };
    expect(await ledger().grant(grant)).toEqual({ kind: 'posted' });
    expect(await ledger().grant(grant)).toEqual({ kind: 'duplicate' });
    await expect(ledger().grant({ ...grant, amount: nano(6) })).rejects.toMatchObject({ code: 'conflict' });
    expect(await ledger().balance(owner.organizationId)).toMatchObject({ posted: 5n });
  });

  test('does not take back credits that are held or spent', async () => {
    const owner = await tenant(database.db, 100);
    await ledger().reserve(holdOf(owner, 60));
    const refund = (amount: number) =>
      ledger().post({
        idempotencyKey: `refund:${owner.organizationId}:${amount}`,
        kind: 'refund',
        reference: 'test',
        actor: 'test',
        entries: [
          { ledgerAccountId: `org:${owner.organizationId}:promo`, amount: nano(-amount) },
          { ledgerAccountId: 'house:refunds', amount: nano(amount) },
        ],
      });
    await expect(refund(41)).rejects.toMatchObject({ code: 'insufficient_credits' });
    expect(await refund(40)).toEqual({ kind: 'posted' });
    expect(await ledger().balance(owner.organizationId)).toMatchObject({ posted: 60n, available: 0n });
  });

  test('refuses entries that are unbalanced, zero, or on an account that does not exist', async () => {
    const owner = await tenant(database.db, 100);
    const attempt = (entries: readonly (readonly [string, number])[]) =>
      ledger().post({
        idempotencyKey: `odd:${newGenerationId()}`,
        kind: 'adjustment',
        reference: 'test',
        actor: 'test',
        entries: entries.map(([ledgerAccountId, amount]) => ({ ledgerAccountId, amount: nano(amount) })),
      });
    const credits = `org:${owner.organizationId}:credits`;
    await expect(
      attempt([
        [credits, 5],
        ['house:refunds', -4],
      ]),
    ).rejects.toMatchObject({ code: 'internal' });
    await expect(
      attempt([
        [credits, 0],
        ['house:refunds', 0],
      ]),
    ).rejects.toMatchObject({ code: 'internal' });
    await expect(
      attempt([
        [credits, 5],
        ['house:nowhere', -5],
      ]),
    ).rejects.toMatchObject({ code: 'internal' });
    expect(await ledger().balance(owner.organizationId)).toMatchObject({ posted: 100n });
  });
});

describe('the books', () => {
  test('cannot be changed, deleted or emptied, not even by whoever owns the tables', async () => {
    for (const table of ['ledger_entry', 'ledger_transaction']) {
      await expect(
        sql.query(`UPDATE ${table} SET ${table === 'ledger_entry' ? 'amount_nanodollars = 1' : "reference = ''"}`),
      ).rejects.toThrow('append-only');
      await expect(sql.query(`DELETE FROM ${table}`)).rejects.toThrow('append-only');
      await expect(sql.query(`TRUNCATE ${table}`)).rejects.toThrow('append-only');
    }
  });

  test('take no unbalanced entries, no unknown account, and nothing more into an old transaction', async () => {
    const insert = (id: string, entries: string) =>
      sql.query(
        `INSERT INTO ledger_entry (transaction_id, line, account_id, amount_nanodollars) SELECT ${id}, * FROM (VALUES ${entries}) v`,
      );
    const opened = `(SELECT max(id) FROM ledger_transaction)`;
    const open = () =>
      sql.query(
        "BEGIN; INSERT INTO ledger_transaction (idempotency_key, request_hash, kind, reference, actor) VALUES ('t', '', 'adjustment', '', '')",
      );
    for (const entries of [
      "(1, 'house:fees', 5)",
      "(1, 'house:fees', 5), (2, 'house:refunds', -4)",
      "(1, 'house:fees', 5), (2, 'house:x', -5)",
    ]) {
      await open();
      await expect(insert(opened, entries)).rejects.toThrow(/unbalanced|unknown account/);
      await sql.query('ROLLBACK');
    }
    await tenant(database.db, 1);
    await expect(insert(opened, "(7, 'house:fees', 5), (8, 'house:refunds', -5)")).rejects.toThrow('closed');
  });

  test('show a tenant its lines, newest first, page by page, and totals that add up', async () => {
    const owner = await tenant(database.db, 100);
    for (const charge of [1, 2, 3]) await ledger().settle(settleOf(owner, { id: newGenerationId(), charge }));
    const first = await ledger().listEntries(owner.organizationId, { limit: 3 });
    expect(first.rows.map(({ kind, amount }) => [kind, amount])).toEqual([
      ['usage', -3n],
      ['usage', -2n],
      ['usage', -1n],
    ]);
    const rest = await ledger().listEntries(owner.organizationId, { limit: 3, cursor: first.nextCursor ?? '' });
    expect(rest.rows.map(({ kind, amount }) => [kind, amount])).toEqual([['grant', 100n]]);
    expect(rest.nextCursor).toBeNull();
    expect(await ledger().totals(owner.organizationId)).toEqual({ totalCredits: 100n, totalUsage: 6n });
    await expect(ledger().listEntries(owner.organizationId, { limit: 3, cursor: 'x' })).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });
});

test('a database that cannot be reached is unavailable, never an answer', async () => {
  const nowhere = openDatabase({ url: 'postgres://bourse:bourse@127.0.0.1:1/bourse', applicationName: 'test' });
  const owner = { organizationId: 'org_x', apiKeyId: 'key_x' };
  const attempts = [
    nowhere.ledger.reserve(holdOf(owner, 1)),
    nowhere.ledger.settle(settleOf(owner, { id: newGenerationId(), charge: 1 })),
    nowhere.ledger.balance('org_x'),
    nowhere.keys.findByHash('0'.repeat(64)),
    nowhere.organizations.get('org_x'),
    nowhere.catalog.loadSnapshot(),
    nowhere.health.ping(),
  ];
  for (const outcome of await Promise.allSettled(attempts)) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'service_unavailable' } });
  }
  await nowhere.close();
});
