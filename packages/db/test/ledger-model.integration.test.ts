import { type ApiKeyCreate, ledgerCheck } from '@bourse/db';
import { createTestDatabase, type TestDatabase, type TestOrganization } from '@bourse/testing';
import fc from 'fast-check';
import type { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Market, type ModelHold, type ModelLease, type ModelOwner } from './model-market.ts';
import { holdOf, nano, settleOf, sqlClient, tenant } from './tenants.ts';

// A ledger of a few lines in memory, and the real one: whatever happens to both in whatever order, they must answer and end alike.

let database: TestDatabase;
let sql: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = await sqlClient(database.url);
});

afterAll(async () => {
  await sql.end();
  await database.drop();
});

type Action =
  | { readonly type: 'reserve'; readonly owner: number; readonly amount: number }
  | { readonly type: 'reserve-again' | 'void' | 'expire'; readonly hold: number }
  | { readonly type: 'settle'; readonly hold: number; readonly charge: number; readonly cost: number }
  | { readonly type: 'settle-unknown'; readonly owner: number; readonly charge: number }
  | { readonly type: 'grant' | 'buy' | 'take-back' | 'expire-promo'; readonly owner: number; readonly amount: number }
  | { readonly type: 'refund'; readonly hold: number; readonly amount: number }
  | { readonly type: 'lease'; readonly owner: number; readonly needed: number }
  | { readonly type: 'settle-leased'; readonly lease: number; readonly charges: readonly number[] }
  | { readonly type: 'give-back'; readonly lease: number; readonly amount: number }
  | { readonly type: 'fence'; readonly lease: number }
  | { readonly type: 'freeze'; readonly owner: number; readonly isFrozen: boolean };

const owner = fc.nat(2);
const amount = fc.nat(400);
const hold = fc.nat(30);
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('reserve' as const), owner, amount }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('reserve-again' as const), hold }) },
  {
    weight: 5,
    arbitrary: fc.record({ type: fc.constant('settle' as const), hold, charge: fc.nat(500), cost: fc.nat(500) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('settle-unknown' as const), owner, charge: fc.nat(300) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('void' as const), hold }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('expire' as const), hold }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('grant' as const), owner, amount: fc.integer({ min: 1, max: 500 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constantFrom('buy' as const, 'take-back' as const, 'expire-promo' as const),
      owner,
      amount: fc.integer({ min: 1, max: 500 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('refund' as const), hold, amount: fc.integer({ min: 1, max: 300 }) }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('lease' as const), owner, needed: fc.nat(300) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('settle-leased' as const),
      lease: fc.nat(9),
      charges: fc.array(fc.nat(150), { minLength: 1, maxLength: 6 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('give-back' as const), lease: fc.nat(9), amount: fc.nat(200) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('fence' as const), lease: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('freeze' as const), owner, isFrozen: fc.boolean() }) },
);

async function perform(market: Market, step: Action): Promise<void> {
  switch (step.type) {
    case 'reserve':
      return market.reserve(step.owner, step.amount);
    case 'settle-unknown':
      return market.settleUnknown(step.owner, step.charge);
    case 'grant':
      return market.post(step.owner, step.amount, { kind: 'grant', purse: 'promo' });
    case 'buy':
      return market.post(step.owner, step.amount, { kind: 'adjustment', purse: 'paid' });
    case 'take-back':
      return market.post(step.owner, -step.amount, { kind: 'refund', purse: 'paid' });
    case 'expire-promo':
      return market.post(step.owner, -step.amount, { kind: 'adjustment', purse: 'promo' });
    case 'freeze':
      return market.freeze(step.owner, step.isFrozen);
    case 'lease':
      return market.lease(step.owner, step.needed);
    case 'settle-leased':
    case 'give-back':
    case 'fence': {
      const found = market.leases[step.lease % Math.max(market.leases.length, 1)];
      return found ? performOnLease(market, step, found) : undefined;
    }
    case 'reserve-again':
    case 'settle':
    case 'refund':
    case 'void':
    case 'expire': {
      const found = market.holdAt(step.hold);
      return found ? performOnHold(market, step, found) : undefined;
    }
  }
}

type LeaseAction = Extract<Action, { readonly lease: number }>;

async function performOnLease(market: Market, step: LeaseAction, found: ModelLease): Promise<void> {
  switch (step.type) {
    case 'settle-leased':
      return market.settleLeased(found, step.charges);
    case 'give-back':
      return market.giveBack(found, step.amount > 150 ? 'all' : step.amount);
    case 'fence':
      return market.fence(found);
  }
}

type HoldAction = Extract<Action, { readonly hold: number }>;

async function performOnHold(
  market: Market,
  step: HoldAction,
  [id, known]: readonly [string, ModelHold],
): Promise<void> {
  switch (step.type) {
    case 'reserve-again': {
      if (known.isLeased) return;
      const of = market.ownerAt(known.owner);
      expect(await database.db.ledger.reserve(holdOf(of.real, 1, id))).toEqual({ kind: 'duplicate' });
      return;
    }
    case 'settle':
      return market.settle(id, step.charge, step.cost);
    case 'refund':
      return market.refund(id, known, step.amount);
    case 'void':
      return market.end(id, known, 'voided');
    case 'expire':
      return market.end(id, known, 'expired');
  }
}

async function openMarket(): Promise<Market> {
  const start = async (credits: number, limit: number | null): Promise<ModelOwner> => {
    const key: Partial<ApiKeyCreate> = limit === null ? {} : { limit: nano(limit), limitReset: 'monthly' };
    const real = await tenant(database.db, credits, key);
    return { real, limit, paid: 0, promo: credits, held: 0, used: 0, isFrozen: false };
  };
  return new Market({ db: database.db, sql }, [await start(1_000, null), await start(2_000, 700), await start(0, 300)]);
}

async function assertSame(market: Market): Promise<void> {
  for (const [index, { real, paid, promo, held, used, limit, isFrozen }] of market.owners.entries()) {
    const posted = paid + promo;
    const balance = await database.db.ledger.balance(real.organizationId);
    // What a gateway has leased is held, and can still be spent.
    const rest = market.leases
      .filter((lease) => lease.owner === index && lease.isOpen)
      .reduce((sum, lease) => sum + lease.left, 0);
    expect(balance).toEqual({
      posted: BigInt(posted),
      promo: BigInt(promo),
      held: BigInt(held),
      available: BigInt(posted - held + rest),
      isFrozen,
    });
    expect(paid).toBeGreaterThanOrEqual(0);
    await assertPromoFirst(real);
    const usage = await database.db.keys.usage(real.apiKeyId);
    // What a gateway has leased for a key can still be spent with it.
    const leased = market.leases.filter(
      (lease) => lease.isOpen && market.ownerAt(lease.owner) === market.owners[index],
    );
    const free = leased.reduce((sum, { left }) => sum + left, 0);
    const limitRemaining = limit === null ? null : BigInt(Math.max(limit - used - held + free, 0));
    const spent = BigInt(used);
    expect(usage).toMatchObject({ total: spent, daily: spent, weekly: spent, monthly: spent, limitRemaining });
    const totals = await database.db.ledger.totals(real.organizationId);
    expect(totals.totalUsage).toBe(spent);
    expect(totals.totalCredits - totals.totalUsage).toBe(BigInt(posted));
  }
}

/** Reads the journal in its own order: paid credit was used only where no promotional credit was left. */
async function assertPromoFirst({ organizationId }: TestOrganization): Promise<void> {
  const { rows } = await sql.query<{ kind: string; paid: string; promo: string }>(
    `SELECT t.kind, coalesce(sum(e.amount_nanodollars) FILTER (WHERE e.account_id LIKE '%:credits'), 0) AS paid,
            coalesce(sum(e.amount_nanodollars) FILTER (WHERE e.account_id LIKE '%:promo'), 0) AS promo
       FROM ledger_transaction t JOIN ledger_entry e ON e.transaction_id = t.id
      WHERE e.account_id IN ('org:' || $1 || ':credits', 'org:' || $1 || ':promo') GROUP BY t.id ORDER BY t.id`,
    [organizationId],
  );
  let promo = 0n;
  for (const row of rows) {
    promo += BigInt(row.promo);
    expect(promo).toBeGreaterThanOrEqual(0n);
    if (row.kind === 'usage' && BigInt(row.paid) < 0n) expect(promo).toBe(0n);
  }
}

async function assertSound(): Promise<void> {
  expect((await ledgerCheck({ url: database.url })).filter(({ differences }) => differences > 0)).toEqual([]);
}

test('any sequence of money calls answers and ends like the ledger in memory', async () => {
  const sequences = fc.asyncProperty(fc.array(action, { minLength: 10, maxLength: 60 }), async (steps) => {
    const market = await openMarket();
    for (const step of steps) await perform(market, step);
    await assertSame(market);
    // What the model leaves open must not look overdue to the next sequence.
    for (const [id, known] of market.holds) if (known.state === 'held') await market.end(id, known, 'voided');
    for (const lease of market.leases) if (lease.isOpen) await market.giveBack(lease, 'all');
    await assertSound();
  });
  await fc.assert(sequences, { numRuns: 25 });
}, 180_000);

test('any burst of concurrent money calls keeps every balance above zero and conserves every nanodollar', async () => {
  const bursts = fc.array(
    fc.array(fc.record({ amount, charge: fc.nat(500), lot: fc.nat(3) }), { minLength: 1, maxLength: 40 }),
    {
      minLength: 1,
      maxLength: 4,
    },
  );
  const property = fc.asyncProperty(bursts, async (rounds) => {
    const owners = [await tenant(database.db, 3_000), await tenant(database.db, 3_000)];
    const spent = [0n, 0n];
    const { ledger } = database.db;
    for (const round of rounds) {
      await Promise.all(
        round.map(async ({ amount: wanted, charge, lot }, index) => {
          const side = index % 2;
          const of = owners[side] ?? owners[0];
          if (!of) return;
          const request = holdOf(of, wanted);
          const { kind } = await ledger.reserve(request);
          if (kind !== 'held') return;
          if (lot === 0) await ledger.release(request);
          const ends = lot === 1 ? 2 : 1; // some are settled twice
          const settlement = settleOf(of, { id: request.generationId, charge });
          const results = await Promise.all(Array.from({ length: ends }, () => ledger.settle(settlement)));
          for (const { kind: how, charged } of results)
            if (how !== 'duplicate') spent[side] = (spent[side] ?? 0n) + charged;
        }),
      );
      for (const [side, { organizationId }] of owners.entries()) {
        const balance = await ledger.balance(organizationId);
        expect(balance.held).toBe(0n);
        expect(balance.posted).toBe(3_000n - (spent[side] ?? 0n));
        expect(balance.posted).toBeGreaterThanOrEqual(0n);
      }
    }
    await assertSound();
  });
  await fc.assert(property, { numRuns: 25 });
}, 180_000);

test('in whatever order charges meet the ends of their holds, the same is taken in the end', async () => {
  const ends = fc.array(fc.constantFrom('settle' as const, 'void' as const, 'expire' as const), { maxLength: 3 });
  const lots = fc.array(fc.record({ charge: fc.nat(300), before: ends, after: ends }), { minLength: 1, maxLength: 6 });
  const property = fc.asyncProperty(lots, async (of) => {
    const buyer = await tenant(database.db, 100_000);
    const { ledger } = database.db;
    const end = async (id: string, how: 'settle' | 'void' | 'expire', charge: number): Promise<unknown> => {
      if (how === 'settle') return ledger.settle(settleOf(buyer, { id, charge }));
      if (how === 'void') return ledger.release({ generationId: id, organizationId: buyer.organizationId });
      await sql.query("UPDATE hold SET expires_at = clock_timestamp() - interval '1 second' WHERE id = $1", [id]);
      return ledger.expireHolds(100);
    };
    for (const { charge, before, after } of of) {
      const request = holdOf(buyer, 200);
      await ledger.reserve(request);
      for (const how of [...before, 'settle' as const, ...after]) await end(request.generationId, how, charge);
    }
    const taken = of.reduce((sum, { charge }) => sum + charge, 0);
    expect(await ledger.balance(buyer.organizationId)).toMatchObject({ posted: BigInt(100_000 - taken), held: 0n });
    await assertSound();
  });
  await fc.assert(property, { numRuns: 15 });
}, 60_000);

test('a request that is refused leaves no row behind', async () => {
  const poor = await tenant(database.db, 10, { limit: nano(20) });
  const frozen = await tenant(database.db, 10);
  await database.db.ledger.setFrozen({ organizationId: frozen.organizationId, isFrozen: true });
  const rows = async () =>
    (
      await sql.query(
        `SELECT (SELECT count(*) FROM hold) AS holds, (SELECT count(*) FROM key_window) AS windows, (SELECT count(*) FROM lease) AS leases,
                (SELECT count(*) FROM ledger_transaction) AS transactions, (SELECT sum(held_nanodollars) FROM ledger_account) AS held`,
      )
    ).rows;
  const before = await rows();
  const { ledger } = database.db;
  const kinds = [
    holdOf(poor, 11),
    holdOf(poor, 21),
    holdOf(frozen, 1),
    holdOf({ ...frozen, apiKeyId: poor.apiKeyId }, 1),
  ];
  expect((await Promise.all(kinds.map((hold) => ledger.reserve(hold)))).map(({ kind }) => kind)).toEqual([
    'insufficient_credits',
    'key_limit',
    'frozen',
    'key_inactive',
  ]);
  expect(await rows()).toEqual(before);
});
