import { type LeaseRequest, ledgerCheck, readCharge, type WrittenCharge, writeCharge } from '@bourse/db';
import { createTestDatabase, generationRecord, type TestDatabase, type TestOrganization } from '@bourse/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { holdOf, nano, newGenerationId, tenant } from './tenants.ts';

let database: TestDatabase;
let leaseNumber = 0;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

/** After each promise that is kept, the books must say so too. */
afterEach(async () => {
  const wrong = (await ledgerCheck({ url: database.url })).filter(({ differences }) => differences > 0);
  expect(wrong).toEqual([]);
});

function request(owner: TestOrganization, overrides: Partial<LeaseRequest> = {}): LeaseRequest {
  leaseNumber += 1;
  return {
    leaseId: `lse_test_${leaseNumber}`,
    organizationId: owner.organizationId,
    apiKeyId: owner.apiKeyId,
    isLimited: false,
    gatewayId: 'gw_1',
    needed: nano(0),
    slabMax: nano(1_000),
    slabMin: nano(10),
    ttlMs: 60_000,
    ...overrides,
  };
}

function charge(
  owner: TestOrganization,
  lease: { id: string; day: string } | null,
  amount: number,
  cost = 1,
): WrittenCharge {
  const record = generationRecord(owner);
  return writeCharge({ record, charge: nano(amount), cost: nano(cost), providerSlug: 'sandbox-north', lease });
}

async function open(owner: TestOrganization, overrides: Partial<LeaseRequest> = {}) {
  const asked = request(owner, overrides);
  const result = await database.db.leases.extend(asked);
  if (result.kind !== 'granted') throw new Error(`not granted: ${result.kind}`);
  return { id: asked.leaseId, day: new Date(result.nowMs).toISOString().slice(0, 10), granted: result.granted };
}

const kinds = async (charges: readonly WrittenCharge[]) =>
  (await database.db.leases.settle(charges)).map(({ kind }) => kind);

test('a lease takes a tenth of what is available, at most the slab, and what is charged on it leaves the balance once', async () => {
  const owner = await tenant(database.db, 1_000);
  const lease = await open(owner);
  expect(lease.granted).toBe(100n);
  expect(await database.db.ledger.balance(owner.organizationId)).toMatchObject({ posted: 1_000n, held: 100n });
  const charges = [charge(owner, lease, 30), charge(owner, lease, 0, 0), charge(owner, lease, 20, 25)];
  expect(await kinds(charges)).toEqual(['settled', 'settled', 'settled']);
  expect(await kinds(charges)).toEqual(['duplicate', 'duplicate', 'duplicate']);
  expect(await database.db.ledger.balance(owner.organizationId)).toMatchObject({ posted: 950n, held: 50n });
  const [first] = charges;
  const stored = await database.db.generations.find({
    id: first?.generationId ?? '',
    organizationId: owner.organizationId,
  });
  expect(stored).toMatchObject({ charge: 30n, cost: 1n });
  expect((await database.db.keys.usage(owner.apiKeyId)).total).toBe(50n);
});

test('a request that is larger than the slab gets what it needs, unless that is more than a quarter of what is left', async () => {
  const owner = await tenant(database.db, 1_000);
  expect((await open(owner, { needed: nano(250) })).granted).toBe(250n);
  expect((await database.db.leases.extend(request(owner, { needed: nano(200) }))).kind).toBe('low');
  expect((await database.db.leases.extend(request(owner, { slabMin: nano(76) }))).kind).toBe('low');
});

test('a charge that its lease cannot pay is taken from the free credit, and small ones beside it are not hurt', async () => {
  const owner = await tenant(database.db, 1_000);
  const lease = await open(owner);
  const charges = [charge(owner, lease, 150), charge(owner, lease, 60), charge(owner, lease, 40)];
  expect(await kinds(charges)).toEqual(['no_hold', 'settled', 'settled']);
  expect(await database.db.ledger.balance(owner.organizationId)).toMatchObject({ posted: 750n, held: 0n });
});

test('usage takes no balance below zero: what neither lease nor credit covers is the loss of the house', async () => {
  const owner = await tenant(database.db, 1_000);
  const lease = await open(owner);
  const [outcome] = await database.db.leases.settle([charge(owner, lease, 5_000)]);
  expect(outcome).toEqual({ kind: 'no_hold', charged: 900n });
  expect(await database.db.ledger.balance(owner.organizationId)).toMatchObject({ posted: 100n, held: 100n });
});

test('a key with a limit has leases of its own, held in its window, and none beyond its limit', async () => {
  const owner = await tenant(database.db, 100_000, { limit: nano(1_000) });
  expect((await database.db.leases.extend(request(owner))).kind).toBe('fenced');
  const lease = await open(owner, { isLimited: true });
  expect(lease.granted).toBe(100n);
  // What is leased and not spent comes home when it is needed.
  expect((await database.db.keys.usage(owner.apiKeyId)).limitRemaining).toBe(1_000n);
  expect((await database.db.leases.extend(request(owner, { isLimited: true, needed: nano(901) }))).kind).toBe('low');
  await database.db.leases.settle([charge(owner, lease, 70)]);
  expect((await database.db.keys.usage(owner.apiKeyId)).limitRemaining).toBe(930n);
  expect(await database.db.leases.giveBack({ leaseId: lease.id, gatewayId: 'gw_1', amount: 'all' })).toBe(true);
  expect((await database.db.keys.usage(owner.apiKeyId)).limitRemaining).toBe(930n);
});

test('credit is given back in part or whole, never twice and never by another gateway', async () => {
  const owner = await tenant(database.db, 1_000);
  const lease = await open(owner);
  const { leases, ledger } = database.db;
  expect(await leases.giveBack({ leaseId: lease.id, gatewayId: 'gw_2', amount: nano(10) })).toBe(false);
  expect(await leases.giveBack({ leaseId: lease.id, gatewayId: 'gw_1', amount: nano(60) })).toBe(true);
  await expect(leases.giveBack({ leaseId: lease.id, gatewayId: 'gw_1', amount: nano(41) })).rejects.toMatchObject({
    code: 'internal',
  });
  expect((await ledger.balance(owner.organizationId)).held).toBe(40n);
  expect(await leases.giveBack({ leaseId: lease.id, gatewayId: 'gw_1', amount: 'all' })).toBe(true);
  expect(await leases.giveBack({ leaseId: lease.id, gatewayId: 'gw_1', amount: 'all' })).toBe(false);
  expect((await ledger.balance(owner.organizationId)).held).toBe(0n);
});

test('a lease that was not renewed is fenced by the database clock; its old holder still charges, without the lease', async () => {
  const owner = await tenant(database.db, 1_000);
  const lease = await open(owner, { ttlMs: 1 });
  const { leases } = database.db;
  expect(await leases.renew({ leaseIds: [lease.id], gatewayId: 'gw_2', ttlMs: 60_000 })).toEqual(new Set());
  expect(await leases.fence({ graceMs: 60_000, limit: 100 })).toBe(0);
  while ((await leases.fence({ graceMs: 1, limit: 100 })) === 0);
  expect((await database.db.ledger.balance(owner.organizationId)).held).toBe(0n);
  expect(await leases.renew({ leaseIds: [lease.id], gatewayId: 'gw_1', ttlMs: 60_000 })).toEqual(new Set());
  expect((await leases.extend(request(owner, { leaseId: lease.id }))).kind).toBe('fenced');
  expect(await kinds([charge(owner, lease, 30)])).toEqual(['no_hold']);
  expect((await database.db.ledger.balance(owner.organizationId)).posted).toBe(970n);
});

test('a recall asks each other gateway once, and is over when they gave back or their leases ended', async () => {
  const owner = await tenant(database.db, 1_000);
  const lease = await open(owner);
  const { leases } = database.db;
  const ask = (gatewayId: string, asks: boolean) =>
    leases.recall({ organizationId: owner.organizationId, gatewayId, asks });
  expect(await ask('gw_1', true)).toBe(0);
  expect(await ask('gw_2', true)).toBe(1);
  expect(await ask('gw_2', false)).toBe(1);
  await leases.giveBack({ leaseId: lease.id, gatewayId: 'gw_1', amount: nano(100) });
  expect(await ask('gw_2', false)).toBe(0);
});

test('while somebody is short of credit nobody leases any, and what was leased before goes on', async () => {
  const owner = await tenant(database.db, 1_000);
  const { leases } = database.db;
  const asked = request(owner);
  expect((await leases.extend(asked)).kind).toBe('granted');
  expect(await leases.recall({ organizationId: owner.organizationId, gatewayId: 'gw_1', asks: true })).toBe(0);
  expect((await leases.extend(request(owner, { gatewayId: 'gw_2' }))).kind).toBe('low');
  expect((await leases.extend({ ...asked, needed: nano(1) })).kind).toBe('low');
  expect(await kinds([charge(owner, { id: asked.leaseId, day: '2026-01-01' }, 10)])).toEqual(['settled']);
});

test('what a dead gateway held is free after its burial, and it may be buried again', async () => {
  const owner = await tenant(database.db, 1_000);
  const { leases, ledger } = database.db;
  const gatewayId = 'gw_dead';
  await leases.heartbeat({ gatewayId, host: 'test', spoolPending: 1, spoolOldestMs: 5 });
  expect(await leases.living({ gatewayIds: [gatewayId, 'gw_never'], withinMs: 60_000 })).toEqual(new Set([gatewayId]));
  await open(owner, { gatewayId });
  await ledger.reserve({ ...holdOf(owner, 50), gatewayId });
  expect((await ledger.balance(owner.organizationId)).held).toBe(150n);
  expect(await leases.bury(gatewayId)).toEqual({ leases: 1, holds: 1 });
  expect(await leases.bury(gatewayId)).toEqual({ leases: 0, holds: 0 });
  expect((await ledger.balance(owner.organizationId)).held).toBe(0n);
  expect(await leases.living({ gatewayIds: [gatewayId], withinMs: 60_000 })).toEqual(new Set());
});

test('charges on holds of their own settle, or give back when nothing is owed, and an impossible one fails alone', async () => {
  const owner = await tenant(database.db, 1_000);
  const lease = await open(owner);
  const holds = [newGenerationId(), newGenerationId()];
  for (const generationId of holds) await database.db.ledger.reserve({ ...holdOf(owner, 50), generationId });
  const on = (id: string, amount: number, cost: number) =>
    writeCharge({
      record: generationRecord(owner, { id }),
      charge: nano(amount),
      cost: nano(cost),
      providerSlug: 'sandbox-north',
      lease: null,
    });
  const good = charge(owner, lease, 7);
  const stranger = { ...charge(owner, lease, 7), organizationId: 'org_nobody' };
  const bad = { ...good, generationId: 'gen-bad', text: good.text.replace('"input":10', '"input":10,"x":"\\u0000"') };
  const charges = [on(holds[0] ?? '', 20, 5), on(holds[1] ?? '', 0, 0), good, bad, { ...stranger, leaseId: null }];
  expect(await kinds(charges)).toEqual(['settled', 'released', 'settled', 'failed', 'failed']);
  expect(await database.db.ledger.balance(owner.organizationId)).toMatchObject({ posted: 973n, held: 93n });
});

test('a generation that a lease paid is not charged again by a hold of a second life', async () => {
  const owner = await tenant(database.db, 1_000);
  const lease = await open(owner);
  const first = charge(owner, lease, 9);
  expect(await kinds([first])).toEqual(['settled']);
  await database.db.ledger.reserve({ ...holdOf(owner, 50), generationId: first.generationId });
  const again = writeCharge({
    record: generationRecord(owner, { id: first.generationId }),
    charge: nano(9),
    cost: nano(1),
    providerSlug: 'sandbox-north',
    lease: null,
  });
  expect(await kinds([again])).toEqual(['duplicate']);
  expect((await database.db.ledger.balance(owner.organizationId)).posted).toBe(991n);
});

test('what a spool kept reads as it was written, and anything else is refused', async () => {
  const owner = await tenant(database.db, 1_000);
  const written = charge(owner, { id: 'lse_x', day: '2026-01-31' }, 12);
  expect(readCharge(written.text)).toEqual(written);
  for (const text of ['[]', '{}', '{"id":"gen-1"}', written.text.replace('"charge":"12"', '"charge":"-12"')])
    expect(() => readCharge(text)).toThrow();
});
