import { hourlyRule } from '@bourse/access';
import { isAppError } from '@bourse/errors';
import { nanodollars } from '@bourse/money';
import {
  createOrganization,
  createTestDatabase,
  generationRecord,
  type TestDatabase,
  type TestOrganization,
} from '@bourse/testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Session } from '../src/data/session.ts';

const inference = { name: 'Mine', kind: 'inference', limit: null, limitReset: null, expiresAt: null } as const;
const everything = { modelSlug: null, apiKeyId: null, end: null, from: null, to: null };

let database: TestDatabase;
let own: TestOrganization;
let other: TestOrganization;
let session: Session;
let data: typeof import('../src/data/keys.ts') &
  typeof import('../src/data/credits.ts') &
  typeof import('../src/data/activity.ts');

const sessionOf = ({ organizationId, userId, email }: TestOrganization, role: Session['role'] = 'owner'): Session => ({
  kind: 'session',
  userId,
  email,
  name: null,
  organizationId,
  role,
});

async function refusalOf(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
    return 'done';
  } catch (error) {
    return isAppError(error) ? error.code : String(error);
  }
}

/** A generation of an organization, with its money. */
async function generate(owner: TestOrganization): Promise<string> {
  const record = generationRecord(owner);
  const { id: generationId, apiKeyId, organizationId } = record;
  const amount = nanodollars(1_000_000n);
  await database.db.ledger.reserve({
    generationId,
    organizationId,
    apiKeyId,
    amount,
    ttlMs: 60_000,
    gatewayId: 'test',
  });
  await database.db.ledger.settle({
    charge: amount,
    cost: nanodollars(900_000n),
    providerSlug: 'sandbox-north',
    record,
  });
  return generationId;
}

beforeAll(async () => {
  database = await createTestDatabase();
  vi.stubEnv('DATABASE_URL', database.url);
  const [keys, credits, activity] = await Promise.all([
    import('../src/data/keys.ts'),
    import('../src/data/credits.ts'),
    import('../src/data/activity.ts'),
  ]);
  data = { ...keys, ...credits, ...activity };
  [own, other] = await Promise.all([createOrganization(database.db), createOrganization(database.db)]);
  session = sessionOf(own);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  const { database: dashboardDatabase } = await import('../src/data/database.ts');
  await dashboardDatabase().close();
  await database.drop();
});

test('a key is made, listed with its usage, changed and ended by its own organization', async () => {
  const { id, plaintext } = await data.createKey(session, { ...inference, limit: nanodollars(5_000_000_000n) });
  const row = async () => (await data.listKeys(session)).find((key) => key.id === id);
  expect(await row()).toMatchObject({ name: 'Mine', state: 'active', limitRemaining: 5_000_000_000n, usageTotal: 0n });
  expect(JSON.stringify(await row(), (_, value) => String(value))).not.toContain(plaintext);
  await data.changeKey(session, id, { isDisabled: true, name: 'Renamed' });
  expect(await row()).toMatchObject({ name: 'Renamed', state: 'disabled' });
  const expiresAt = new Date('2099-01-01T00:00:00Z');
  await data.changeKey(session, id, { limitReset: 'monthly', expiresAt, isDisabled: false });
  expect(await row()).toMatchObject({ state: 'active', expiresAt, limitReset: 'monthly' });
  const anew = (await row())?.limitResetsAt;
  expect([anew?.getUTCDate(), anew?.getUTCHours()]).toEqual([1, 0]);
  await data.changeKey(session, id, { limit: null });
  expect(await row()).toMatchObject({ limit: null, limitResetsAt: null });
  await data.revokeKey(session, id);
  expect(await row()).toBeUndefined();
});

test('the keys of others are neither listed, nor changed, nor ended', async () => {
  expect((await data.listKeys(session)).map(({ id }) => id)).not.toContain(other.apiKeyId);
  expect((await data.keyNames(session)).has(other.apiKeyId)).toBe(false);
  expect(await refusalOf(data.changeKey(session, other.apiKeyId, { isDisabled: true }))).toBe('not_found');
  expect(await refusalOf(data.revokeKey(session, other.apiKeyId))).toBe('not_found');
  expect(await data.listKeys(sessionOf(other))).toMatchObject([{ id: other.apiKeyId, state: 'active' }]);
});

test('the generations of others are neither found, listed nor summed', async () => {
  const [mine, theirs] = [await generate(own), await generate(other)];
  const spent = (await data.listKeys(session)).find((key) => key.id === own.apiKeyId);
  const { usageToday, usageWeek, usageMonth, usageTotal } = spent ?? {};
  expect([usageToday, usageWeek, usageMonth, usageTotal]).toEqual(Array(4).fill(1_000_000n));
  expect(await data.findGeneration(session, theirs)).toBeNull();
  const query = { filters: everything, sort: 'newest', cursor: null } as const;
  expect((await data.listGenerations(session, query)).rows.map(({ id }) => id)).toEqual([mine]);
  expect(await data.summarizeGenerations(session, everything)).toMatchObject({ requests: 1, charge: 1_000_000n });
  const theirKey = { ...everything, apiKeyId: other.apiKeyId };
  expect(await data.summarizeGenerations(session, theirKey)).toMatchObject({ requests: 0, charge: 0n });
});

test('a cursor that somebody made up leads to the first page', async () => {
  const query = { filters: everything, sort: 'newest', cursor: 'eyJldmlsIjoxfQ' } as const;
  expect((await data.listGenerations(session, query)).rows).toHaveLength(1);
  expect((await data.ledgerPage(session, 'nonsense')).rows.length).toBeGreaterThan(0);
});

test('the purchases and the books of others are not seen', async () => {
  const theirs = await database.db.payments.createTopup({
    organizationId: other.organizationId,
    userId: other.userId,
    amountCents: 500,
    feeCents: 80,
    currency: 'usd',
  });
  expect(await data.findPurchase(session, theirs.id)).toBeNull();
  expect(await data.listPurchases(session)).toEqual([]);
  const { balance, totals } = await data.creditsOverview(session);
  expect(totals.totalCredits - totals.totalUsage).toBe(balance.posted);
});

test('a member uses and reads, and does not buy', async () => {
  const member = sessionOf(own, 'member');
  expect(data.mayPurchase(member)).toBe(false);
  expect(await refusalOf(data.startPurchase(member, 2_500))).toBe('forbidden');
  expect((await data.listKeys(member)).length).toBeGreaterThan(0);
});

test.each([499, 1_000_001, 12.5, Number.NaN, -500])('an amount of %d cents is not sold', async (cents) => {
  expect(await refusalOf(data.startPurchase(session, cents))).toBe('invalid_request');
});

test('a frozen organization makes no keys', async () => {
  const frozen = await createOrganization(database.db);
  await database.db.ledger.setFrozen({ organizationId: frozen.organizationId, isFrozen: true });
  expect(await refusalOf(data.createKey(sessionOf(frozen), inference))).toBe('organization_frozen');
});

test('an organization makes ten keys an hour and opens five checkouts, and is told when there may be more', async () => {
  const busy = await createOrganization(database.db);
  const own = sessionOf(busy);
  for (let count = 0; count < 10; count += 1) expect(await refusalOf(data.createKey(own, inference))).toBe('done');
  await expect(data.createKey(own, inference)).rejects.toMatchObject({
    code: 'rate_limited',
    message: 'An organization can create 10 API keys an hour. Retry in 6 minutes.',
  });
  // As five checkouts would, without a shop to open them in.
  const rule = hourlyRule(5);
  for (let count = 0; count < 5 && rule !== null; count += 1)
    expect(await database.db.limits.take(`checkout:${busy.organizationId}`, rule)).toBe(0);
  await expect(data.startPurchase(own, 2_500)).rejects.toMatchObject({
    code: 'rate_limited',
    message: 'An organization can open 5 checkouts an hour. Retry in 12 minutes.',
  });
  expect(await refusalOf(data.createKey(session, inference))).toBe('done');
});
