import { ledgerCheck, type StripeEventFacts, type TopupRecord } from '@bourse/db';
import { createTestDatabase, type TestDatabase, type TestOrganization } from '@bourse/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tenant } from './tenants.ts';

let database: TestDatabase;
let events = 0;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(async () => {
  const wrong = (await ledgerCheck({ url: database.url })).filter(({ differences }) => differences > 0);
  await database.drop();
  expect(wrong).toEqual([]);
});

const testmode = { isLivemode: false };

async function purchase(owner: TestOrganization): Promise<TopupRecord> {
  const topup = await database.db.payments.createTopup({
    organizationId: owner.organizationId,
    userId: owner.userId,
    amountCents: 1_000,
    feeCents: 80,
    currency: 'USD',
  });
  await database.db.payments.attachCheckoutSession({ topupId: topup.id, checkoutSessionId: `cs_${topup.id}` });
  return topup;
}

function paid(topup: TopupRecord, overrides: Partial<StripeEventFacts> = {}): StripeEventFacts {
  events += 1;
  return {
    eventId: `evt_${events}`,
    type: 'checkout.session.completed',
    isLivemode: false,
    objectId: `cs_${topup.id}`,
    payloadSha256: 'f'.repeat(64),
    outcome: 'paid',
    topupId: topup.id,
    checkoutSessionId: `cs_${topup.id}`,
    paymentIntentId: `pi_${topup.id}`,
    amountTotalCents: 1_080,
    currency: 'usd',
    ...overrides,
  };
}

const apply = (facts: StripeEventFacts) => database.db.payments.recordStripeEventAndGrant(facts, testmode);
const posted = async (owner: TestOrganization) => (await database.db.ledger.balance(owner.organizationId)).posted;
const TEN_DOLLARS = 10_000_000_000n;

test('a paid purchase grants its credits, keeps the fee, and shows in the list', async () => {
  const owner = await tenant(database.db, 0);
  const topup = await purchase(owner);
  expect(topup).toMatchObject({ amount: TEN_DOLLARS, currency: 'usd', state: 'created' });
  expect(await apply(paid(topup))).toMatchObject({ kind: 'granted', topup: { state: 'granted' } });
  expect(await posted(owner)).toBe(TEN_DOLLARS);
  expect(await database.db.payments.list(owner.organizationId)).toMatchObject([
    { id: topup.id, state: 'granted', paymentIntentId: `pi_${topup.id}`, checkoutSessionId: `cs_${topup.id}` },
  ]);
  const [line] = (await database.db.ledger.listEntries(owner.organizationId, { limit: 5 })).rows;
  expect(line).toMatchObject({ kind: 'topup', amount: TEN_DOLLARS, reference: topup.id });
});

test('the same event 500 times, much of it at once, grants once', async () => {
  const owner = await tenant(database.db, 0);
  const facts = paid(await purchase(owner));
  const results = await Promise.all(Array.from({ length: 500 }, () => apply(facts)));
  expect(results.filter(({ kind }) => kind === 'granted')).toHaveLength(1);
  expect(results.filter(({ kind }) => kind === 'duplicate')).toHaveLength(499);
  expect(await posted(owner)).toBe(TEN_DOLLARS);
});

test('different events about one payment grant once', async () => {
  const owner = await tenant(database.db, 0);
  const topup = await purchase(owner);
  const results = await Promise.all([
    apply(paid(topup)),
    apply(paid(topup, { type: 'checkout.session.async_payment_succeeded' })),
    apply(paid(topup, { type: 'payment_intent.succeeded', objectId: `pi_${topup.id}`, checkoutSessionId: null })),
  ]);
  expect(results.map(({ kind }) => kind).sort()).toEqual(['duplicate', 'duplicate', 'granted']);
  expect(await posted(owner)).toBe(TEN_DOLLARS);
});

test('an event finds its purchase by the checkout session when it does not carry our id', async () => {
  const owner = await tenant(database.db, 0);
  const topup = await purchase(owner);
  expect(await apply(paid(topup, { topupId: null }))).toMatchObject({ kind: 'granted' });
});

test.for([
  ['another amount', { amountTotalCents: 1_079 }],
  ['another currency', { currency: 'eur' }],
  ['another checkout session', { checkoutSessionId: 'cs_other' }],
  ['live mode', { isLivemode: true }],
] as const)('a payment with %s is refused and grants nothing, and the right one still does', async ([, wrong]) => {
  const owner = await tenant(database.db, 0);
  const topup = await purchase(owner);
  expect(await apply(paid(topup, wrong))).toMatchObject({ kind: 'refused' });
  expect(await posted(owner)).toBe(0n);
  expect(await apply(paid(topup))).toMatchObject({ kind: 'granted' });
});

test('a paid event that says no amount is refused: the amount must be seen to be right', async () => {
  const owner = await tenant(database.db, 0);
  const topup = await purchase(owner);
  expect(await apply(paid(topup, { amountTotalCents: null }))).toMatchObject({ kind: 'refused' });
  expect(await apply(paid(topup, { currency: null }))).toMatchObject({ kind: 'refused' });
  expect(await posted(owner)).toBe(0n);
});

test('events of strangers and of other kinds are filed and ignored', async () => {
  const owner = await tenant(database.db, 0);
  const topup = await purchase(owner);
  expect(await apply(paid(topup, { outcome: null, type: 'customer.created' }))).toEqual({ kind: 'ignored' });
  expect(await apply(paid(topup, { topupId: 'top_unknown' }))).toEqual({ kind: 'ignored' });
  expect(await posted(owner)).toBe(0n);
});

test('any order and repetition of the events of one purchase ends in the same state', async () => {
  const outcomes = fc.array(fc.constantFrom('paid', 'expired', 'failed', 'replay' as const), {
    minLength: 1,
    maxLength: 8,
  });
  const property = fc.asyncProperty(outcomes, fc.boolean(), async (trace, isConcurrent) => {
    const owner = await tenant(database.db, 0);
    const topup = await purchase(owner);
    const first = paid(topup);
    const facts = trace.map((outcome) => (outcome === 'replay' ? first : paid(topup, { outcome })));
    if (isConcurrent) await Promise.all(facts.map(apply));
    else for (const fact of facts) await apply(fact);
    const isPaid = trace.some((outcome) => outcome === 'paid' || outcome === 'replay');
    expect(await posted(owner)).toBe(isPaid ? TEN_DOLLARS : 0n);
    const [stored] = await database.db.payments.list(owner.organizationId);
    if (isPaid) expect(stored?.state).toBe('granted');
    else expect(['expired', 'failed']).toContain(stored?.state);
  });
  await fc.assert(property, { numRuns: 40 });
});

test('the purchases of another organization cannot be seen', async () => {
  const [owner, stranger] = [await tenant(database.db, 0), await tenant(database.db, 0)];
  const topup = await purchase(owner);
  expect(await database.db.payments.find({ topupId: topup.id, organizationId: stranger.organizationId })).toBeNull();
  expect(await database.db.payments.list(stranger.organizationId)).toEqual([]);
  expect(await database.db.payments.find({ topupId: topup.id, organizationId: owner.organizationId })).toMatchObject({
    id: topup.id,
  });
});
