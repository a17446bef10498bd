import { createHash } from 'node:crypto';
import { ledgerCheck } from '@bourse/db';
import { generateApiKey } from '@bourse/ids';
import { createTestDatabase, generationRecord, type TestDatabase, type TestOrganization } from '@bourse/testing';
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

const DAY_MS = 86_400_000;
const refOf = ({ apiKeyId: id, organizationId }: TestOrganization) => ({ id, organizationId });

/** A charge of a generation that began so many days ago: it counts in the window of that day. */
async function spend(owner: TestOrganization, charge: number, daysAgo: number): Promise<void> {
  const record = generationRecord(owner, { createdAt: new Date(Date.now() - daysAgo * DAY_MS) });
  await database.db.ledger.settle({ charge: nano(charge), cost: nano(0), providerSlug: 'sandbox-north', record });
}

describe('limits', () => {
  test('windows begin at UTC midnight, on Monday, and on the first of the month', async () => {
    const from = async (reset: string | null, day: string) => {
      const { rows } = await sql.query<{ from: string }>('SELECT bourse_window_from($1, $2::date)::text AS from', [
        reset,
        day,
      ]);
      return rows[0]?.from;
    };
    expect(await from('daily', '2026-11-22')).toBe('2026-11-22');
    expect(await from('weekly', '2026-11-22')).toBe('2026-11-16'); // a Sunday belongs to the week of the Monday before
    expect(await from('weekly', '2026-11-23')).toBe('2026-11-23');
    expect(await from('weekly', '2027-01-01')).toBe('2026-12-28');
    expect(await from('monthly', '2026-11-22')).toBe('2026-11-01');
    expect(await from('monthly', '2026-12-01')).toBe('2026-12-01');
    expect(await from(null, '2026-11-22')).toBe('-infinity');
  });

  test('a limit without a rhythm counts everything that the key ever spent', async () => {
    const owner = await tenant(database.db, 10_000, { limit: nano(100) });
    await spend(owner, 80, 400);
    expect(await database.db.ledger.reserve(holdOf(owner, 21))).toEqual({ kind: 'key_limit', remaining: 20n });
    expect(await database.db.ledger.reserve(holdOf(owner, 20))).toEqual({ kind: 'held' });
  });

  test('a daily limit is whole again the day after', async () => {
    const owner = await tenant(database.db, 10_000, { limit: nano(100), limitReset: 'daily' });
    await spend(owner, 100, 1);
    expect(await database.db.ledger.reserve(holdOf(owner, 100))).toEqual({ kind: 'held' });
    expect(await database.db.ledger.reserve(holdOf(owner, 1))).toEqual({ kind: 'key_limit', remaining: 0n });
  });

  test('changing the rhythm counts what was spent before, exactly', async () => {
    const owner = await tenant(database.db, 10_000, { limit: nano(100), limitReset: 'daily' });
    await spend(owner, 60, 40);
    await spend(owner, 30, 0);
    const remaining = async () => (await database.db.keys.usage(owner.apiKeyId)).limitRemaining;
    expect(await remaining()).toBe(70n);
    await database.db.keys.update(refOf(owner), { limitReset: 'monthly' });
    expect(await remaining()).toBe(70n);
    await database.db.keys.update(refOf(owner), { limitReset: null });
    expect(await remaining()).toBe(10n);
    await database.db.keys.update(refOf(owner), { limit: null });
    expect(await remaining()).toBeNull();
  });

  test('a lowered limit works at once, and what runs already may finish', async () => {
    const owner = await tenant(database.db, 10_000, { limit: nano(100) });
    const running = holdOf(owner, 50);
    await database.db.ledger.reserve(running);
    await database.db.keys.update(refOf(owner), { limit: nano(40) });
    expect(await database.db.ledger.reserve(holdOf(owner, 1))).toEqual({ kind: 'key_limit', remaining: 0n });
    expect(await database.db.ledger.settle(settleOf(owner, { id: running.generationId, charge: 50 }))).toMatchObject({
      charged: 50n,
    });
    expect((await database.db.keys.usage(owner.apiKeyId)).limitRemaining).toBe(0n);
  });

  test('a charge belongs to the day of its reserve, however late it is settled', async () => {
    const owner = await tenant(database.db, 10_000, { limit: nano(100), limitReset: 'daily' });
    const hold = holdOf(owner, 80);
    await database.db.ledger.reserve(hold);
    // As if the hold had been taken yesterday.
    await sql.query('UPDATE hold SET window_start = window_start - 1 WHERE id = $1', [hold.generationId]);
    await sql.query('UPDATE key_window SET window_start = window_start - 1 WHERE api_key_id = $1', [owner.apiKeyId]);
    await database.db.ledger.settle(settleOf(owner, { id: hold.generationId, charge: 80 }));
    expect(await database.db.keys.usage(owner.apiKeyId)).toMatchObject({ total: 80n, daily: 0n, limitRemaining: 100n });
  });
});

describe('keys', () => {
  test('are found by their hash only, and keep no text', async () => {
    const owner = await tenant(database.db, 0);
    const hash = createHash('sha256').update(owner.apiKey).digest('hex');
    const snapshot = await database.db.keys.findByHash(hash);
    expect(snapshot).toMatchObject({
      id: owner.apiKeyId,
      organizationId: owner.organizationId,
      kind: 'inference',
      organizationIsFrozen: false,
    });
    expect(await database.db.keys.findByHash('0'.repeat(64))).toBeNull();
    const { rows } = await sql.query('SELECT k::text AS row FROM api_key k WHERE id = $1', [owner.apiKeyId]);
    expect(JSON.stringify(rows)).not.toContain(owner.apiKey);
  });

  test('are not found by anybody once revoked', async () => {
    const owner = await tenant(database.db, 0);
    const hash = createHash('sha256').update(owner.apiKey).digest('hex');
    expect(await database.db.keys.revoke(refOf(owner))).toBe(true);
    expect(await database.db.keys.revoke(refOf(owner))).toBe(false);
    expect(await database.db.keys.findByHash(hash)).toBeNull();
    expect(await database.db.keys.find(refOf(owner))).toBeNull();
    expect(await database.db.keys.list(owner.organizationId)).toEqual([]);
    expect(await database.db.keys.update(refOf(owner), { name: 'x' })).toBeNull();
  });

  test('of another organization cannot be seen, changed or revoked', async () => {
    const [owner, stranger] = [await tenant(database.db, 0), await tenant(database.db, 0)];
    const wrong = { id: owner.apiKeyId, organizationId: stranger.organizationId };
    const hash = createHash('sha256').update(owner.apiKey).digest('hex');
    expect(await database.db.keys.find(wrong)).toBeNull();
    expect(await database.db.keys.findOwnByHash({ hash, organizationId: stranger.organizationId })).toBeNull();
    expect(await database.db.keys.update(wrong, { name: 'mine now' })).toBeNull();
    expect(await database.db.keys.revoke(wrong)).toBe(false);
    expect((await database.db.keys.list(stranger.organizationId)).map(({ id }) => id)).not.toContain(owner.apiKeyId);
    expect(await database.db.keys.find(refOf(owner))).toMatchObject({ name: 'test' });
  });

  test('can be given a text only if it is a well-formed one of their kind', async () => {
    const owner = await tenant(database.db, 0);
    const make = (plaintext: string) =>
      database.db.keys.create({
        organizationId: owner.organizationId,
        createdByUserId: null,
        kind: 'management',
        name: 'x',
        plaintext,
      });
    await expect(make('sk-brs-v1-short')).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(make(generateApiKey('inference'))).rejects.toMatchObject({ code: 'invalid_request' });
    const text = generateApiKey('management');
    expect((await make(text)).plaintext).toBe(text);
  });

  test('remember when they were last used, and never an earlier time', async () => {
    const owner = await tenant(database.db, 0);
    const at = new Date('2026-11-22T10:00:00Z');
    await database.db.keys.touchLastUsed([owner.apiKeyId], at);
    await database.db.keys.touchLastUsed([owner.apiKeyId], new Date('2026-11-21T10:00:00Z'));
    expect((await database.db.keys.find(refOf(owner)))?.lastUsedAt).toEqual(at);
  });

  test('report usage for several at once, zeros for the unused', async () => {
    const [busy, idle] = [await tenant(database.db, 100), await tenant(database.db, 100)];
    await database.db.ledger.settle(settleOf(busy, { id: newGenerationId(), charge: 7 }));
    const usages = await database.db.keys.usages([busy.apiKeyId, idle.apiKeyId]);
    expect(usages.get(busy.apiKeyId)).toMatchObject({ total: 7n, daily: 7n });
    expect(usages.get(idle.apiKeyId)).toMatchObject({ total: 0n, monthly: 0n, limitRemaining: null });
  });
});
