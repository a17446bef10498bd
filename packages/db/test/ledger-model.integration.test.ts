import { type ApiKeyCreate, ledgerCheck } from '@bourse/db';
import { createTestDatabase, type TestDatabase, type TestOrganization } from '@bourse/testing';
import fc from 'fast-check';
import type { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { holdOf, nano, newGenerationId, settleOf, sqlClient, tenant } from './tenants.ts';

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

type HoldState = 'held' | 'settled' | 'voided' | 'expired';

interface ModelHold {
  readonly owner: number;
  readonly amount: number;
  state: HoldState;
  charged: number;
}

interface ModelOwner {
  readonly real: TestOrganization;
  readonly limit: number | null;
  posted: number;
  held: number;
  used: number;
  isFrozen: boolean;
}

type Action =
  | { readonly type: 'reserve'; readonly owner: number; readonly amount: number }
  | { readonly type: 'reserve-again' | 'void' | 'expire'; readonly hold: number }
  | { readonly type: 'settle'; readonly hold: number; readonly charge: number; readonly cost: number }
  | { readonly type: 'settle-unknown'; readonly owner: number; readonly charge: number }
  | { readonly type: 'grant' | 'take-back'; readonly owner: number; readonly amount: number }
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
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('take-back' as const), owner, amount: fc.integer({ min: 1, max: 500 }) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('freeze' as const), owner, isFrozen: fc.boolean() }) },
);

/** The model and the world, moved together. Each method answers what the model expects and what really came. */
class Market {
  readonly holds = new Map<string, ModelHold>();
  readonly owners: readonly ModelOwner[];
  posts = 0;

  constructor(owners: readonly ModelOwner[]) {
    this.owners = owners;
  }

  ownerAt(index: number): ModelOwner {
    const found = this.owners[index % this.owners.length];
    if (!found) throw new Error('a market without owners');
    return found;
  }

  holdAt(index: number): readonly [string, ModelHold] | null {
    return [...this.holds][index % Math.max(this.holds.size, 1)] ?? null;
  }

  expectedReserve(of: ModelOwner, wanted: number): unknown {
    if (of.isFrozen) return { kind: 'frozen' };
    const remaining = of.limit === null ? Number.POSITIVE_INFINITY : of.limit - of.used - of.held;
    if (remaining < wanted) return { kind: 'key_limit', remaining: BigInt(Math.max(remaining, 0)) };
    const available = of.posted - of.held;
    if (available < wanted) return { kind: 'insufficient_credits', available: BigInt(available) };
    return { kind: 'held' };
  }

  async reserve(ownerIndex: number, wanted: number): Promise<void> {
    const of = this.ownerAt(ownerIndex);
    const request = holdOf(of.real, wanted);
    const expected = this.expectedReserve(of, wanted);
    expect(await database.db.ledger.reserve(request)).toEqual(expected);
    if (typeof expected !== 'object' || expected === null || !('kind' in expected) || expected.kind !== 'held') return;
    of.held += wanted;
    this.holds.set(request.generationId, { owner: ownerIndex, amount: wanted, state: 'held', charged: 0 });
  }

  async settle(id: string, charge: number, cost: number): Promise<void> {
    const known = this.holds.get(id);
    if (!known) return;
    const of = this.ownerAt(known.owner);
    const real = await database.db.ledger.settle(settleOf(of.real, { id, charge, cost }));
    if (known.state === 'settled') {
      expect(real).toEqual({ kind: 'duplicate', charged: BigInt(known.charged) });
      return;
    }
    const own = known.state === 'held' ? known.amount : 0;
    const charged = Math.min(charge, Math.max(of.posted - of.held + own, 0));
    expect(real).toEqual({ kind: known.state === 'held' ? 'settled' : 'late', charged: BigInt(charged) });
    of.posted -= charged;
    of.held -= own;
    of.used += charged;
    Object.assign(known, { state: 'settled', charged });
  }

  async settleUnknown(ownerIndex: number, charge: number): Promise<void> {
    const of = this.ownerAt(ownerIndex);
    const id = newGenerationId();
    const charged = Math.min(charge, Math.max(of.posted - of.held, 0));
    const real = await database.db.ledger.settle(settleOf(of.real, { id, charge }));
    expect(real).toEqual({ kind: 'no_hold', charged: BigInt(charged) });
    of.posted -= charged;
    of.used += charged;
    this.holds.set(id, { owner: ownerIndex, amount: 0, state: 'settled', charged });
  }

  async end(id: string, known: ModelHold, as: 'voided' | 'expired'): Promise<void> {
    const of = this.ownerAt(known.owner);
    const isOpen = known.state === 'held';
    if (as === 'voided') {
      const request = { generationId: id, organizationId: of.real.organizationId };
      expect(await database.db.ledger.release(request)).toEqual({ kind: isOpen ? 'released' : 'duplicate' });
    } else {
      await sql.query("UPDATE hold SET expires_at = clock_timestamp() - interval '1 second' WHERE id = $1", [id]);
      expect(await database.db.ledger.expireHolds(1_000)).toBe(isOpen ? 1 : 0);
    }
    if (!isOpen) return;
    of.held -= known.amount;
    known.state = as;
  }

  async post(ownerIndex: number, change: number): Promise<void> {
    const of = this.ownerAt(ownerIndex);
    this.posts += 1;
    const request = {
      idempotencyKey: `model:${of.real.organizationId}:${this.posts}`,
      kind: change > 0 ? ('grant' as const) : ('refund' as const),
      reference: 'model',
      actor: 'model',
      entries: [
        { ledgerAccountId: `org:${of.real.organizationId}:credits`, amount: nano(change) },
        { ledgerAccountId: 'house:refunds', amount: nano(-change) },
      ],
    };
    if (of.posted - of.held + change < 0) {
      await expect(database.db.ledger.post(request)).rejects.toMatchObject({ code: 'insufficient_credits' });
      return;
    }
    expect(await database.db.ledger.post(request)).toEqual({ kind: 'posted' });
    expect(await database.db.ledger.post(request)).toEqual({ kind: 'duplicate' });
    of.posted += change;
  }

  async freeze(ownerIndex: number, isFrozen: boolean): Promise<void> {
    const of = this.ownerAt(ownerIndex);
    await database.db.ledger.setFrozen({ organizationId: of.real.organizationId, isFrozen });
    of.isFrozen = isFrozen;
  }
}

async function perform(market: Market, step: Action): Promise<void> {
  switch (step.type) {
    case 'reserve':
      return market.reserve(step.owner, step.amount);
    case 'settle-unknown':
      return market.settleUnknown(step.owner, step.charge);
    case 'grant':
      return market.post(step.owner, step.amount);
    case 'take-back':
      return market.post(step.owner, -step.amount);
    case 'freeze':
      return market.freeze(step.owner, step.isFrozen);
    case 'reserve-again':
    case 'settle':
    case 'void':
    case 'expire': {
      const found = market.holdAt(step.hold);
      return found ? performOnHold(market, step, found) : undefined;
    }
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
      const of = market.ownerAt(known.owner);
      expect(await database.db.ledger.reserve(holdOf(of.real, 1, id))).toEqual({ kind: 'duplicate' });
      return;
    }
    case 'settle':
      return market.settle(id, step.charge, step.cost);
    case 'void':
      return market.end(id, known, 'voided');
    case 'expire':
      return market.end(id, known, 'expired');
  }
}

async function openMarket(): Promise<Market> {
  const start = async (credits: number, limit: number | null): Promise<ModelOwner> => {
    const key: Partial<ApiKeyCreate> = limit === null ? {} : { limit: nano(limit), limitReset: 'monthly' };
    return { real: await tenant(database.db, credits, key), limit, posted: credits, held: 0, used: 0, isFrozen: false };
  };
  return new Market([await start(1_000, null), await start(2_000, 700), await start(0, 300)]);
}

async function assertSame(market: Market): Promise<void> {
  for (const { real, posted, held, used, limit, isFrozen } of market.owners) {
    const balance = await database.db.ledger.balance(real.organizationId);
    expect(balance).toEqual({ posted: BigInt(posted), held: BigInt(held), available: BigInt(posted - held), isFrozen });
    const usage = await database.db.keys.usage(real.apiKeyId);
    const limitRemaining = limit === null ? null : BigInt(Math.max(limit - used - held, 0));
    const spent = BigInt(used);
    expect(usage).toEqual({ total: spent, daily: spent, weekly: spent, monthly: spent, limitRemaining });
    const totals = await database.db.ledger.totals(real.organizationId);
    expect(totals.totalUsage).toBe(spent);
    expect(totals.totalCredits - totals.totalUsage).toBe(BigInt(posted));
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
