import { ledgerCheck, type WrittenCharge, writeCharge } from '@bourse/db';
import { createTestDatabase, generationRecord, type TestDatabase, type TestOrganization } from '@bourse/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { holdOf, nano, newGenerationId, settleOf, tenant } from './tenants.ts';

// Promotional and paid credit are two ledger accounts behind one balance: what is given is used first, and never becomes money.

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

afterEach(async () => {
  const wrong = (await ledgerCheck({ url: database.url })).filter(({ differences }) => differences > 0);
  expect(wrong).toEqual([]);
});

/** An organization that was given and has bought so much. */
async function pursesOf(promo: number, paid: number): Promise<TestOrganization> {
  const owner = await tenant(database.db, promo);
  if (paid > 0) await move(owner, 'credits', paid);
  return owner;
}

function move(owner: TestOrganization, account: 'credits' | 'promo', amount: number, kind = 'adjustment' as const) {
  return database.db.ledger.post({
    idempotencyKey: `move:${newGenerationId()}`,
    kind,
    reference: 'test',
    actor: 'test',
    entries: [
      { ledgerAccountId: `org:${owner.organizationId}:${account}`, amount: nano(amount) },
      { ledgerAccountId: 'house:refunds', amount: nano(-amount) },
    ],
  });
}

async function purses(owner: TestOrganization) {
  const { posted, promo, held } = await database.db.ledger.balance(owner.organizationId);
  return { paid: posted - promo, promo, held };
}

async function paymentOf(owner: TestOrganization, id: string) {
  return (await database.db.generations.find({ id, organizationId: owner.organizationId }))?.payment;
}

async function leaseOf(owner: TestOrganization, amount: number) {
  const leaseId = `lse_${newGenerationId()}`;
  const result = await database.db.leases.extend({
    leaseId,
    organizationId: owner.organizationId,
    apiKeyId: owner.apiKeyId,
    isLimited: false,
    gatewayId: 'gw',
    needed: nano(amount),
    slabMax: nano(amount),
    slabMin: nano(1),
    ttlMs: 60_000,
  });
  if (result.kind !== 'granted') throw new Error(`not granted: ${result.kind}`);
  return { id: leaseId, day: new Date(result.nowMs).toISOString().slice(0, 10) };
}

function chargeOn(
  owner: TestOrganization,
  lease: { id: string; day: string } | null,
  amount: number,
  loss?: { readonly providerSlug: string; readonly cost: number },
): WrittenCharge {
  const attempts = loss === undefined ? [] : [{ costNanodollars: String(loss.cost) }];
  return writeCharge({
    record: generationRecord(owner, { attempts, flags: loss === undefined ? [] : ['attempts_insured'] }),
    charge: nano(amount),
    cost: nano(0),
    providerSlug: 'sandbox-north',
    lease,
    ...(loss === undefined ? {} : { losses: [{ providerSlug: loss.providerSlug, cost: nano(loss.cost) }] }),
  });
}

test('a charge takes promotional credit first, and the one that uses the last of it pays the rest from what was bought', async () => {
  const owner = await pursesOf(50, 100);
  const ids = [newGenerationId(), newGenerationId(), newGenerationId()];
  for (const id of ids) await database.db.ledger.settle(settleOf(owner, { id, charge: 30, cost: 1 }));
  expect(await purses(owner)).toEqual({ paid: 60n, promo: 0n, held: 0n });
  const payments = await Promise.all(ids.map((id) => paymentOf(owner, id)));
  expect(payments.map((payment) => [payment?.promo, payment?.paid])).toEqual([
    [30n, 0n],
    [20n, 10n],
    [0n, 30n],
  ]);
  const { rows } = await database.db.ledger.listEntries(owner.organizationId, { limit: 10 });
  expect(rows.map(({ amount, promo }) => [amount, promo])).toEqual([
    [-30n, 0n],
    [-30n, -20n],
    [-30n, -30n],
    [100n, 0n],
    [50n, 50n],
  ]);
});

test('a batch on leases splits its charges in the order of the journal, each organization by itself', async () => {
  const [first, second] = [await pursesOf(45, 955), await pursesOf(1_000, 0)];
  const [one, two] = [await leaseOf(first, 200), await leaseOf(second, 200)];
  const batch = [
    chargeOn(first, one, 40),
    chargeOn(second, two, 70),
    chargeOn(first, one, 0),
    chargeOn(first, one, 30),
    chargeOn(first, one, 20),
    chargeOn(second, two, 10),
  ];
  const outcomes = await database.db.leases.settle(batch);
  expect(outcomes.every(({ kind }) => kind === 'settled')).toBe(true);
  expect(await purses(first)).toEqual({ paid: 910n, promo: 0n, held: 110n });
  expect(await purses(second)).toEqual({ paid: 0n, promo: 920n, held: 120n });
  const payments = await Promise.all(
    batch.map(({ generationId }, at) => paymentOf(at === 1 || at === 5 ? second : first, generationId)),
  );
  expect(payments.map((payment) => [payment?.promo, payment?.paid])).toEqual([
    [0n, 40n],
    [70n, 0n],
    [0n, 0n],
    [25n, 5n],
    [20n, 0n],
    [10n, 0n],
  ]);
  const { rows } = await database.db.ledger.listEntries(first.organizationId, { limit: 3 });
  expect(rows.map(({ amount, promo }) => [amount, promo])).toEqual([
    [-40n, 0n],
    [-30n, -25n],
    [-20n, -20n],
  ]);
});

test('only what was bought can be taken back as money, whatever the balance', async () => {
  const owner = await pursesOf(100, 20);
  const takeBack = (amount: number) =>
    database.db.ledger.post({
      idempotencyKey: `refund:${newGenerationId()}`,
      kind: 'refund',
      reference: 'test',
      actor: 'test',
      entries: [
        { ledgerAccountId: `org:${owner.organizationId}:credits`, amount: nano(-amount) },
        { ledgerAccountId: 'house:stripe_clearing', amount: nano(amount) },
      ],
    });
  await expect(takeBack(21)).rejects.toMatchObject({ code: 'insufficient_credits' });
  await database.db.ledger.reserve(holdOf(owner, 110));
  await expect(takeBack(11)).rejects.toMatchObject({ code: 'insufficient_credits' });
  expect(await takeBack(10)).toEqual({ kind: 'posted' });
  expect(await purses(owner)).toEqual({ paid: 10n, promo: 100n, held: 110n });
});

test('promotional credit can be taken away as far as there is any', async () => {
  const owner = await pursesOf(30, 100);
  await expect(move(owner, 'promo', -31)).rejects.toMatchObject({ code: 'insufficient_credits' });
  await move(owner, 'promo', -30);
  expect(await purses(owner)).toEqual({ paid: 100n, promo: 0n, held: 0n });
});

test('nothing posted makes paid credit out of a gift: no grant to it, no move between the purses, no refund of a charge', async () => {
  const owner = await pursesOf(100, 0);
  const credits = `org:${owner.organizationId}:credits`;
  const promo = `org:${owner.organizationId}:promo`;
  const attempt = (
    kind: 'grant' | 'topup' | 'refund' | 'adjustment',
    entries: readonly (readonly [string, number])[],
  ) =>
    database.db.ledger.post({
      idempotencyKey: `odd:${newGenerationId()}`,
      kind,
      reference: 'test',
      actor: 'test',
      entries: entries.map(([ledgerAccountId, amount]) => ({ ledgerAccountId, amount: nano(amount) })),
    });
  const house = 'house:promo_expense';
  for (const [kind, entries] of [
    [
      'grant',
      [
        [credits, 5],
        [house, -5],
      ],
    ],
    [
      'topup',
      [
        [promo, 5],
        [house, -5],
      ],
    ],
    [
      'refund',
      [
        [credits, 5],
        [house, -5],
      ],
    ],
    [
      'adjustment',
      [
        [credits, 5],
        [promo, -5],
      ],
    ],
    [
      'adjustment',
      [
        [credits, -5],
        [promo, 5],
      ],
    ],
  ] as const)
    await expect(attempt(kind, entries)).rejects.toMatchObject({ code: 'internal' });
  expect(await purses(owner)).toEqual({ paid: 0n, promo: 100n, held: 0n });
});

test('a refund gives each purse back what it paid, what was bought first, and never more than the charge', async () => {
  const owner = await pursesOf(20, 100);
  const id = newGenerationId();
  await database.db.ledger.settle(settleOf(owner, { id, charge: 50, cost: 1 }));
  const stranger = await pursesOf(20, 0);
  const refund = (key: string, amount: number, organizationId = owner.organizationId) =>
    database.db.ledger.refund({
      idempotencyKey: `refund:gen:${id}:${key}`,
      generationId: id,
      organizationId,
      amount: nano(amount),
      actor: 'test',
    });
  expect(await refund('s', 1, stranger.organizationId)).toEqual({ kind: 'unknown_charge' });
  expect(await refund('1', 51)).toEqual({ kind: 'exceeds_charge' });
  expect(await refund('1', 35)).toEqual({ kind: 'refunded', paid: 30n, promo: 5n });
  expect(await refund('1', 35)).toEqual({ kind: 'duplicate' });
  await expect(refund('1', 36)).rejects.toMatchObject({ code: 'conflict' });
  expect(await refund('2', 16)).toEqual({ kind: 'exceeds_charge' });
  expect(await refund('2', 15)).toEqual({ kind: 'refunded', paid: 0n, promo: 15n });
  expect(await refund('3', 1)).toEqual({ kind: 'unknown_charge' });
  await expect(refund('4', 0)).rejects.toMatchObject({ code: 'internal' });
  expect(await purses(owner)).toEqual({ paid: 100n, promo: 20n, held: 0n });
  expect(await paymentOf(owner, id)).toEqual({ paid: 30n, promo: 20n, overrun: 0n, refunded: 50n });
});

test('fifty refunds of one charge at once never come to more than it', async () => {
  const owner = await pursesOf(10, 100);
  const id = newGenerationId();
  await database.db.ledger.settle(settleOf(owner, { id, charge: 50, cost: 1 }));
  const results = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      database.db.ledger.refund({
        idempotencyKey: `refund:gen:${id}:${index}`,
        generationId: id,
        organizationId: owner.organizationId,
        amount: nano(7),
        actor: 'test',
      }),
    ),
  );
  expect(results.filter(({ kind }) => kind === 'refunded')).toHaveLength(7);
  expect(await purses(owner)).toEqual({ paid: 100n, promo: 9n, held: 0n });
});

test('what a failed attempt cost is ours: booked beside the charge, on leases, on holds, and where nothing else is owed', async () => {
  const owner = await pursesOf(1_000, 0);
  const lease = await leaseOf(owner, 100);
  const hold = holdOf(owner, 50);
  await database.db.ledger.reserve(hold);
  const charges = [
    chargeOn(owner, lease, 10, { providerSlug: 'never-seen', cost: 4 }),
    chargeOn(owner, lease, 0, { providerSlug: 'sandbox-south', cost: 5 }),
    chargeOn(owner, lease, 20),
    chargeOn(owner, null, 0, { providerSlug: 'sandbox-south', cost: 6 }),
  ];
  const kinds = async () => (await database.db.leases.settle(charges)).map(({ kind }) => kind);
  expect(await kinds()).toEqual(['settled', 'settled', 'settled', 'no_hold']);
  expect(await kinds()).toEqual(['duplicate', 'duplicate', 'duplicate', 'duplicate']);
  expect(await purses(owner)).toEqual({ paid: 0n, promo: 970n, held: 120n });
  await database.db.ledger.release(hold);
});

test('a loss that is none fails its charge alone', async () => {
  const owner = await pursesOf(1_000, 0);
  const lease = await leaseOf(owner, 100);
  const [good, odd] = [chargeOn(owner, lease, 10), chargeOn(owner, lease, 10, { providerSlug: 'a', cost: 4 })];
  const bad = { ...odd, text: odd.text.replace('"cost":"4"', '"cost":"-4"') };
  const outcomes = await database.db.leases.settle([good, bad]);
  expect(outcomes.map(({ kind }) => kind)).toEqual(['settled', 'failed']);
  expect(await purses(owner)).toEqual({ paid: 0n, promo: 990n, held: 90n });
});
