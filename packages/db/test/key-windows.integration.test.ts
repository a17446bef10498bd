import { type LimitReset, limitWindow } from '@bourse/access';
import { ledgerCheck } from '@bourse/db';
import { createTestDatabase, stopDatabaseClock, type TestDatabase } from '@bourse/testing';
import fc from 'fast-check';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { holdOf, nano, newGenerationId, settleOf, sqlClient, tenant } from './tenants.ts';

let database: TestDatabase;
let sql: Client;
let setClock: (at: string) => Promise<void>;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = await sqlClient(database.url);
  setClock = await stopDatabaseClock(sql);
});

afterAll(async () => {
  const wrong = (await ledgerCheck({ url: database.url })).filter(({ differences }) => differences > 0);
  await sql.end();
  await database.drop();
  expect(wrong).toEqual([]);
});

describe('at the edge of a window, by the clock of the database', () => {
  test.each<[LimitReset, string, string]>([
    ['daily', '2026-11-21T23:59:59.999Z', '2026-11-22T00:00:00.000Z'],
    ['weekly', '2026-11-22T23:59:59.999Z', '2026-11-23T00:00:00.000Z'],
    ['monthly', '2026-11-30T23:59:59.999Z', '2026-12-01T00:00:00.000Z'],
    ['monthly', '2026-12-31T23:59:59.999Z', '2027-01-01T00:00:00.000Z'],
  ])(
    'a %s limit is whole again from one moment to the next, and a stream that runs across belongs to where it began',
    async (limitReset, before, after) => {
      const owner = await tenant(database.db, 10_000, { limit: nano(100), limitReset });
      const { ledger, keys } = database.db;
      await setClock(before);
      const running = holdOf(owner, 80);
      expect(await ledger.reserve(running)).toEqual({ kind: 'held' });
      expect(await ledger.reserve(holdOf(owner, 21))).toEqual({ kind: 'key_limit', remaining: 20n });

      await setClock(after);
      const next = holdOf(owner, 100);
      expect(await ledger.reserve(next)).toEqual({ kind: 'held' });
      expect(await ledger.reserve(holdOf(owner, 1))).toEqual({ kind: 'key_limit', remaining: 0n });
      await ledger.settle(settleOf(owner, { id: running.generationId, charge: 80 }));
      expect(await keys.usage(owner.apiKeyId)).toMatchObject({
        total: 80n,
        daily: 0n,
        window: { used: 0n, held: 100n },
        limitRemaining: 0n,
        asOf: new Date(after),
      });

      await setClock(before);
      expect(await keys.usage(owner.apiKeyId)).toMatchObject({
        daily: 80n,
        // A window runs on into days to come: what is counted there counts as well.
        limitRemaining: 0n,
      });
      await setClock(after);
      await ledger.settle(settleOf(owner, { id: next.generationId, charge: 60 }));
      expect(await keys.usage(owner.apiKeyId)).toMatchObject({ total: 140n, window: { used: 60n, held: 0n } });
    },
  );

  test.each<[LimitReset, string, string]>([
    ['weekly', '2026-11-21T23:59:59Z', '2026-11-22T00:00:00Z'],
    ['weekly', '2026-12-31T23:59:59Z', '2027-01-01T00:00:00Z'],
    ['monthly', '2026-11-22T23:59:59Z', '2026-11-23T00:00:00Z'],
  ])('a %s limit does not start anew between %s and %s', async (limitReset, before, after) => {
    const owner = await tenant(database.db, 10_000, { limit: nano(100), limitReset });
    await setClock(before);
    const hold = holdOf(owner, 70);
    await database.db.ledger.reserve(hold);
    await setClock(after);
    expect(await database.db.ledger.reserve(holdOf(owner, 31))).toEqual({ kind: 'key_limit', remaining: 30n });
    await database.db.ledger.settle(settleOf(owner, { id: hold.generationId, charge: 70 }));
    expect((await database.db.keys.usage(owner.apiKeyId)).limitRemaining).toBe(30n);
  });

  test('a key ends at the moment of its expiry, and what it began may finish', async () => {
    const owner = await tenant(database.db, 10_000, { expiresAt: new Date('2026-11-22T12:00:00Z') });
    await setClock('2026-11-22T11:59:59.999Z');
    const running = holdOf(owner, 1);
    expect(await database.db.ledger.reserve(running)).toEqual({ kind: 'held' });
    await setClock('2026-11-22T12:00:00Z');
    expect(await database.db.ledger.reserve(holdOf(owner, 1))).toEqual({ kind: 'key_inactive' });
    expect(await database.db.ledger.settle(settleOf(owner, { id: running.generationId, charge: 1 }))).toMatchObject({
      kind: 'settled',
    });
  });
});

test('what people are told of a window is what the database counts in', async () => {
  const days = fc.sample(fc.integer({ min: Date.parse('2020-01-01'), max: Date.parse('2050-01-01') }), {
    numRuns: 500,
    seed: 7,
  });
  const rhythms: readonly LimitReset[] = ['daily', 'weekly', 'monthly'];
  const { rows } = await sql.query<{ from: string }>(
    `SELECT bourse_window_from(reset, (to_timestamp(ms / 1000.0) AT TIME ZONE 'UTC')::date)::text AS from
       FROM unnest($1::bigint[]) WITH ORDINALITY AS d (ms, position), unnest($2::text[]) WITH ORDINALITY AS r (reset, number)
      ORDER BY position, number`,
    [days, rhythms],
  );
  const told = days.flatMap((ms) =>
    rhythms.map((reset) => limitWindow(reset, ms).startsAt?.toISOString().slice(0, 10)),
  );
  expect(rows.map(({ from }) => from)).toEqual(told);
});

describe('over any sequence of requests around midnight', () => {
  /** The oracle: what was charged and is held per day, and the sum over the days of the current window. */
  class Windows {
    readonly #amounts = new Map<string, { used: bigint; held: bigint }>();
    readonly #reset: LimitReset | null;

    constructor(reset: LimitReset | null) {
      this.#reset = reset;
    }

    at(day: string): { used: bigint; held: bigint } {
      const known = this.#amounts.get(day) ?? { used: 0n, held: 0n };
      this.#amounts.set(day, known);
      return known;
    }

    spentAt(nowMs: number): bigint {
      const from = limitWindow(this.#reset, nowMs).startsAt?.toISOString().slice(0, 10) ?? '';
      let spent = 0n;
      for (const [day, { used, held }] of this.#amounts) if (day >= from) spent += used + held;
      return spent;
    }
  }

  const LIMIT = 100n;
  const step = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ kind: fc.constant('reserve' as const), amount: fc.integer({ min: 1, max: 60 }) }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('end' as const), share: fc.integer({ min: 0, max: 100 }) }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('wait' as const), hours: fc.integer({ min: 1, max: 200 }) }),
    },
  );
  type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

  async function play(limitReset: LimitReset | null, steps: readonly Step[]): Promise<void> {
    const { ledger, keys } = database.db;
    const owner = await tenant(database.db, 1_000_000, { limit: nano(LIMIT), limitReset });
    const windows = new Windows(limitReset);
    const open: { id: string; day: string; amount: number }[] = [];
    let nowMs = Date.parse('2026-11-20T23:30:00Z');
    await setClock(new Date(nowMs).toISOString());
    for (const each of steps) {
      if (each.kind === 'wait') {
        nowMs += each.hours * 3_600_000;
        await setClock(new Date(nowMs).toISOString());
      } else if (each.kind === 'reserve') {
        const id = newGenerationId();
        const left = LIMIT - windows.spentAt(nowMs);
        const fits = BigInt(each.amount) <= left;
        const result = await ledger.reserve(holdOf(owner, each.amount, id));
        expect(result).toEqual(fits ? { kind: 'held' } : { kind: 'key_limit', remaining: left });
        const day = new Date(nowMs).toISOString().slice(0, 10);
        if (fits) open.push({ id, day, amount: each.amount });
        if (fits) windows.at(day).held += BigInt(each.amount);
      } else {
        const hold = open.shift();
        if (hold === undefined) continue;
        const charge = Math.floor((hold.amount * each.share) / 100);
        await ledger.settle(settleOf(owner, { id: hold.id, charge }));
        windows.at(hold.day).held -= BigInt(hold.amount);
        windows.at(hold.day).used += BigInt(charge);
      }
      const { limitRemaining } = await keys.usage(owner.apiKeyId);
      expect(limitRemaining).toBe(LIMIT - windows.spentAt(nowMs));
      expect(windows.spentAt(nowMs) <= LIMIT).toBe(true);
    }
    for (const { id } of open) await ledger.release({ generationId: id, organizationId: owner.organizationId });
  }

  test.each<[LimitReset | null]>([['daily'], ['weekly'], ['monthly'], [null]])(
    'a %s limit is exact to the nanodollar, and is never passed',
    async (limitReset) => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 30 }), (steps) => play(limitReset, steps)),
        { numRuns: 8 },
      );
    },
  );
});
