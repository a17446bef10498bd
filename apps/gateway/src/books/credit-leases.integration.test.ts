import { type ApiKeyCreate, type ApiKeySnapshot, type LeaseStore, ledgerCheck, writeCharge } from '@bourse/db';
import { nanodollars } from '@bourse/money';
import {
  createOrganization,
  createTestDatabase,
  generationRecord,
  openSqlClient,
  type SqlClient,
  stopDatabaseClock,
  type TestDatabase,
} from '@bourse/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { recordingLog } from '../../test/recording-log.ts';
import { CreditLeases, type LeaseSlice } from './credit-leases.ts';

const TTL_MS = 60_000;
let database: TestDatabase;
let sql: SqlClient;
let setClock: (at: string) => Promise<void>;
let gatewayNumber = 0;

beforeAll(async () => {
  const first = await createTestDatabase();
  sql = await openSqlClient(first.url);
  setClock = await stopDatabaseClock(sql);
  database = first;
});
afterEach(async () => {
  await setClock('2026-03-10T12:00:00Z');
  expect((await ledgerCheck({ url: database.url })).filter(({ differences }) => differences > 0)).toEqual([]);
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

const nano = (amount: number) => nanodollars(BigInt(amount));

interface Tenant {
  readonly organizationId: string;
  readonly key: ApiKeySnapshot;
}

async function tenant(credits: number, overrides: Partial<ApiKeyCreate> = {}): Promise<Tenant> {
  const { organizationId } = await createOrganization(database.db, { credits: nano(credits) });
  const { record } = await database.db.keys.create({
    organizationId,
    createdByUserId: null,
    kind: 'inference',
    name: 'test',
    ...overrides,
  });
  const key = await database.db.keys.findByHash(record.hash);
  if (key === null) throw new Error('the key is not there');
  return { organizationId, key };
}

/** A gateway's credit on a database whose clock stands at noon, with a clock of its own. */
function gateway(options: { store?: LeaseStore; isTrusted?: () => boolean } = {}) {
  gatewayNumber += 1;
  const gatewayId = `gw_${gatewayNumber}`;
  const clock = { nowMs: 1_000 };
  const { log, events } = recordingLog();
  const credit = new CreditLeases({
    store: options.store ?? database.db.leases,
    gatewayId,
    log,
    slabMax: nano(1_000),
    slabMin: nano(10),
    ttlMs: TTL_MS,
    isTrusted: options.isTrusted ?? (() => true),
    now: () => clock.nowMs,
    wallNow: () => Date.parse('2026-03-10T12:00:00Z'),
  });
  /** A request on a lease from its beginning to its charge in the books. */
  const spend = async ({ organizationId, key }: Tenant, slice: LeaseSlice, amount: number) => {
    const lease = { id: slice.lease.id, day: slice.day };
    const record = generationRecord({ organizationId, apiKeyId: key.id });
    const charge = writeCharge({ record, charge: nano(amount), cost: nano(1), providerSlug: 'sandbox-north', lease });
    credit.owe(slice, nano(amount));
    const [outcome] = await database.db.leases.settle([charge]);
    if (outcome === undefined || outcome.kind === 'failed') throw new Error('not settled');
    credit.booked(slice, nano(amount), outcome.kind === 'settled');
    return outcome.kind;
  };
  return { credit, clock, events, gatewayId, spend };
}

async function admitted(credit: CreditLeases, { key }: Tenant, amount: number): Promise<LeaseSlice> {
  const slice = await credit.admit(key, nano(amount));
  if (slice === null) throw new Error('not admitted');
  return slice;
}

const balance = ({ organizationId }: Tenant) => database.db.ledger.balance(organizationId);

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

test('the first request opens a lease, later ones take from it without asking, and it grows before it is used up', async () => {
  const owner = await tenant(100_000);
  const { credit, spend } = gateway();
  const first = credit.admit(owner.key, nano(100));
  expect(first).toBeInstanceOf(Promise);
  const slices = [await first];
  expect(await balance(owner)).toMatchObject({ posted: 100_000n, held: 1_000n });
  for (let count = 0; count < 4; count += 1) {
    const slice = credit.admit(owner.key, nano(100));
    expect(slice).not.toBeInstanceOf(Promise);
    slices.push(slice as LeaseSlice); // not a promise, see above
  }
  expect(credit.totals()).toEqual({ leases: 1, free: 500n, reserved: 500n });
  // Less than half of it is free after this one: more is asked for, and nobody waits.
  expect(credit.admit(owner.key, nano(100))).not.toBeInstanceOf(Promise);
  await until(() => credit.totals().free > 400n);
  expect(credit.totals()).toEqual({ leases: 1, free: 1_400n, reserved: 600n });
  for (const slice of slices) expect(slice && (await spend(owner, slice, 30))).toBe('settled');
  expect(await balance(owner)).toMatchObject({ posted: 99_850n, held: 1_850n });
  expect(credit.totals()).toEqual({ leases: 1, free: 1_750n, reserved: 100n });
});

test('requests that wait for the same lease ask for it once', async () => {
  const owner = await tenant(100_000);
  let asked = 0;
  const { leases } = database.db;
  const store: LeaseStore = {
    ...leases,
    extend: (request) => {
      asked += 1;
      return leases.extend(request);
    },
    giveBack: (request) => leases.giveBack(request),
  };
  const { credit } = gateway({ store });
  const slices = await Promise.all(Array.from({ length: 5 }, async () => credit.admit(owner.key, nano(100))));
  expect(slices.filter((slice) => slice !== null)).toHaveLength(5);
  expect(asked).toBe(1);
});

test('with little credit every request is reserved in the database, until there is more', async () => {
  const owner = await tenant(200);
  const { credit, clock } = gateway();
  expect(await credit.admit(owner.key, nano(51))).toBeNull();
  // And is not asked about again for a while.
  expect(credit.admit(owner.key, nano(1))).toBeNull();
  expect(await balance(owner)).toMatchObject({ posted: 200n, held: 0n });
  await database.db.ledger.grant({
    idempotencyKey: `more:${owner.organizationId}`,
    organizationId: owner.organizationId,
    amount: nano(100_000),
    reference: 'more',
    actor: 'test',
  });
  clock.nowMs += 2_000;
  expect(await credit.admit(owner.key, nano(51))).not.toBeNull();
});

test('what is free goes back when the credit gets low, and what runs is paid by the lease all the same', async () => {
  const owner = await tenant(1_000);
  const { credit, spend } = gateway();
  const slice = await admitted(credit, owner, 60);
  expect(await balance(owner)).toMatchObject({ held: 100n });
  expect(await credit.admit(owner.key, nano(500))).toBeNull();
  expect(await balance(owner)).toMatchObject({ held: 60n });
  expect(credit.totals()).toEqual({ leases: 1, free: 0n, reserved: 60n });
  expect(await spend(owner, slice, 20)).toBe('settled');
  expect(await balance(owner)).toMatchObject({ posted: 980n, held: 40n });
});

test('a frozen organization and a revoked key get no lease', async () => {
  const frozen = await tenant(100_000);
  const { credit } = gateway();
  await database.db.ledger.setFrozen({ organizationId: frozen.organizationId, isFrozen: true });
  expect(await credit.admit(frozen.key, nano(10))).toBeNull();
  const revoked = await tenant(100_000);
  await sql.query('UPDATE api_key SET disabled_at = now() WHERE id = $1', [revoked.key.id]);
  expect(await credit.admit(revoked.key, nano(10))).toBeNull();
});

test('while memory may not be believed nothing is admitted from it', async () => {
  const owner = await tenant(100_000);
  let isTrusted = true;
  const { credit } = gateway({ isTrusted: () => isTrusted });
  await admitted(credit, owner, 10);
  isTrusted = false;
  expect(credit.admit(owner.key, nano(10))).toBeNull();
});

test('a lease that is not renewed in time is not spent: another one is opened only when the database says so', async () => {
  const owner = await tenant(100_000);
  const { credit, clock } = gateway();
  await admitted(credit, owner, 10);
  clock.nowMs += TTL_MS;
  // Two seconds before the database counts it as ended, because both clocks may drift.
  expect(credit.admit(owner.key, nano(10))).toBeInstanceOf(Promise);
});

test('tending renews what is in use', async () => {
  const owner = await tenant(100_000);
  const { credit, clock } = gateway();
  await admitted(credit, owner, 10);
  await setClock('2026-03-10T12:00:40Z');
  clock.nowMs += 40_000;
  await credit.tend();
  const { rows } = await sql.query<{ expires_at: Date }>('SELECT expires_at FROM lease WHERE account_id = $1', [
    `org:${owner.organizationId}:credits`,
  ]);
  expect(rows.map(({ expires_at: at }) => at.toISOString())).toEqual(['2026-03-10T12:01:40.000Z']);
  clock.nowMs += TTL_MS - 3_000;
  expect(credit.admit(owner.key, nano(10))).not.toBeInstanceOf(Promise);
});

test('an idle lease is given back whole, and its pool is forgotten', async () => {
  const owner = await tenant(100_000);
  const { credit, clock, spend } = gateway();
  const slice = await admitted(credit, owner, 100);
  clock.nowMs += 31_000;
  await credit.tend();
  // Something runs on it.
  expect(credit.totals().leases).toBe(1);
  await spend(owner, slice, 40);
  await credit.tend();
  expect(credit.totals()).toEqual({ leases: 0, free: 0n, reserved: 0n });
  expect(await balance(owner)).toMatchObject({ posted: 99_960n, held: 0n });
});

test('a lease that could not be closed is closed at the next round', async () => {
  const owner = await tenant(100_000);
  const { leases } = database.db;
  let isAway = true;
  const { credit, clock, spend } = gateway({
    store: {
      ...leases,
      extend: (request) => leases.extend(request),
      renew: (request) => leases.renew(request),
      giveBack: (request) => (isAway ? Promise.reject(new Error('away')) : leases.giveBack(request)),
    },
  });
  await spend(owner, await admitted(credit, owner, 100), 40);
  clock.nowMs += 31_000;
  await expect(credit.tend()).rejects.toThrow('away');
  isAway = false;
  await credit.tend();
  expect(credit.totals().leases).toBe(0);
  expect(await balance(owner)).toMatchObject({ posted: 99_960n, held: 0n });
});

test('a lease that the database took away is forgotten; what runs on it is charged without it, and new requests get another', async () => {
  const owner = await tenant(100_000);
  const { credit, clock, events, spend } = gateway();
  const slice = await admitted(credit, owner, 100);
  await setClock('2026-03-10T12:10:00Z');
  expect(await database.db.leases.fence({ graceMs: 1_000, limit: 100 })).toBeGreaterThan(0);
  clock.nowMs += 30_000;
  await credit.tend();
  expect(events).toEqual(['money.lease_lost']);
  expect(await spend(owner, slice, 40)).toBe('no_hold');
  expect(await balance(owner)).toMatchObject({ posted: 99_960n, held: 0n });
  expect((await admitted(credit, owner, 10)).lease).not.toBe(slice.lease);
});

test('a fenced lease is found out when more is asked for, and replaced without a refusal', async () => {
  const owner = await tenant(100_000);
  const { credit } = gateway();
  const slice = await admitted(credit, owner, 600);
  await setClock('2026-03-10T12:10:00Z');
  expect(await database.db.leases.fence({ graceMs: 1_000, limit: 100 })).toBeGreaterThan(0);
  const next = await admitted(credit, owner, 900);
  expect(next.lease).not.toBe(slice.lease);
  expect(credit.totals()).toMatchObject({ leases: 2, reserved: 1_500n });
});

test('a key with a limit has a lease of its own, which other keys do not spend', async () => {
  const owner = await tenant(100_000, { limit: nano(1_000) });
  const other = await database.db.keys.create({
    organizationId: owner.organizationId,
    createdByUserId: null,
    kind: 'inference',
    name: 'other',
  });
  const otherKey = await database.db.keys.findByHash(other.record.hash);
  const { credit, spend } = gateway();
  const slice = await admitted(credit, owner, 50);
  expect(slice.lease.day).toBe('2026-03-10');
  // A tenth of the limit, not of the credits.
  expect(await balance(owner)).toMatchObject({ held: 100n });
  const free = otherKey === null ? null : await credit.admit(otherKey, nano(50));
  expect(free?.lease).not.toBe(slice.lease);
  expect(free?.lease.day).toBeNull();
  // Beyond a quarter of what the limit leaves.
  expect(await credit.admit(owner.key, nano(300))).toBeNull();
  await spend(owner, slice, 20);
  await credit.yieldKey(owner.key.hash);
  expect((await database.db.keys.usage(owner.key.id)).limitRemaining).toBe(980n);
});

test('at midnight a key with a limit gets a lease of the new day, and what runs counts for the day on which it began', async () => {
  await setClock('2026-03-10T23:59:50Z');
  const owner = await tenant(100_000, { limit: nano(10_000), limitReset: 'daily' });
  const { credit, clock, spend } = gateway();
  const before = await admitted(credit, owner, 100);
  expect(before.day).toBe('2026-03-10');
  await setClock('2026-03-11T00:00:01Z');
  clock.nowMs += 11_000;
  const after = await admitted(credit, owner, 100);
  expect(after.day).toBe('2026-03-11');
  expect(after.lease).not.toBe(before.lease);
  await spend(owner, before, 70);
  await spend(owner, after, 40);
  expect(await database.db.keys.usage(owner.key.id)).toMatchObject({ total: 110n, daily: 40n });
  await credit.tend();
  expect(credit.totals().leases).toBe(1);
});

test('a key without a limit keeps its lease over midnight, and each request counts for its own day', async () => {
  await setClock('2026-03-10T23:59:50Z');
  const owner = await tenant(100_000);
  const { credit, clock, spend } = gateway();
  const before = await admitted(credit, owner, 100);
  await setClock('2026-03-11T00:00:01Z');
  clock.nowMs += 11_000;
  const after = await admitted(credit, owner, 100);
  expect([before.day, after.day]).toEqual(['2026-03-10', '2026-03-11']);
  expect(after.lease).toBe(before.lease);
  await spend(owner, before, 70);
  await spend(owner, after, 40);
  expect(await database.db.keys.usage(owner.key.id)).toMatchObject({ total: 110n, daily: 40n });
});

test('days are counted by the database clock, however wrong that of the gateway is', async () => {
  await setClock('2026-03-12T08:00:00Z');
  const owner = await tenant(100_000, { limit: nano(10_000), limitReset: 'daily' });
  const { credit, spend } = gateway();
  const slice = await admitted(credit, owner, 100);
  expect(slice.day).toBe('2026-03-12');
  await spend(owner, slice, 70);
  expect(await database.db.keys.usage(owner.key.id)).toMatchObject({ daily: 70n });
});

test('credit that another gateway leases comes home when somebody is short of it, and nobody leases it again meanwhile', async () => {
  const owner = await tenant(10_000);
  const [here, there, third] = [gateway(), gateway(), gateway()];
  const slice = await admitted(there.credit, owner, 300);
  const subscription = await database.db.subscribe({
    onNotice: ({ topic, id }) => {
      if (topic === 'lease') void there.credit.yieldOrganization(id);
    },
    onLost: () => undefined,
    onRestored: () => undefined,
  });
  try {
    expect(await balance(owner)).toMatchObject({ held: 1_000n });
    const both = [here.credit.gather(owner.organizationId), here.credit.gather(owner.organizationId)];
    expect(both[0]).toBe(both[1]);
    await Promise.all(both);
    expect(await balance(owner)).toMatchObject({ held: 300n });
    expect(await third.credit.admit(owner.key, nano(10))).toBeNull();
    expect(await there.credit.admit(owner.key, nano(10))).toBeNull();
  } finally {
    await subscription.close();
  }
  expect(await there.spend(owner, slice, 250)).toBe('settled');
});

test('credit that is on its way here when it is asked back does not stay', async () => {
  const owner = await tenant(10_000);
  const { leases } = database.db;
  const arriving = Promise.withResolvers<void>();
  const { credit } = gateway({
    store: {
      ...leases,
      giveBack: (request) => leases.giveBack(request),
      extend: async (request) => {
        const result = await leases.extend(request);
        await arriving.promise;
        return result;
      },
    },
  });
  const waiting = credit.admit(owner.key, nano(100));
  const yielded = credit.yieldOrganization(owner.organizationId);
  arriving.resolve();
  await Promise.all([waiting, yielded]);
  expect(credit.totals().free).toBe(0n);
  const { held } = await balance(owner);
  expect(held).toBe(credit.totals().reserved);
});

test('a gather does not wait for a dead gateway for longer than a second', async () => {
  const owner = await tenant(10_000);
  const [here, dead] = [gateway(), gateway()];
  await admitted(dead.credit, owner, 300);
  const gathering = here.credit.gather(owner.organizationId);
  const poll = setInterval(() => {
    here.clock.nowMs += 100;
  }, 5);
  await gathering;
  clearInterval(poll);
  expect(await balance(owner)).toMatchObject({ held: 1_000n });
});

test('a lease that more credit is on its way to is not idle: what is admitted on it then is paid by it', async () => {
  const owner = await tenant(100_000);
  const [granted, seen] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let calls = 0;
  const slow: LeaseStore = {
    ...database.db.leases,
    extend: async (request) => {
      const result = await database.db.leases.extend(request);
      calls += 1;
      if (calls === 2) {
        granted.resolve();
        await seen.promise;
      }
      return result;
    },
  };
  const { credit, clock, spend } = gateway({ store: slow });
  await spend(owner, await admitted(credit, owner, 10), 10);
  // Nobody has used it for half its life; then somebody asks for more than is left.
  clock.nowMs += 31_000;
  const admission = admitted(credit, owner, 1_500);
  await granted.promise;
  await credit.tend();
  seen.resolve();
  const slice = await admission;
  const { rows } = await sql.query<{ state: string }>('SELECT state FROM lease WHERE id = $1', [slice.lease.id]);
  expect(rows).toEqual([{ state: 'open' }]);
  expect(await spend(owner, slice, 1_500)).toBe('settled');
});
