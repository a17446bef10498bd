import { type Database, ledgerCheck, openDatabase } from '@bourse/db';
import { createTestDatabase, type TestDatabase } from '@bourse/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { holdOf, newGenerationId, settleOf, tenant } from './tenants.ts';

let database: TestDatabase;
/** Three processes' worth of connections and coalescers on one database. */
let gateways: readonly [Database, Database, Database];

beforeAll(async () => {
  database = await createTestDatabase();
  const open = (name: string) => openDatabase({ url: database.url, applicationName: name });
  gateways = [open('gateway-1'), open('gateway-2'), open('gateway-3')];
});

afterAll(async () => {
  const wrong = (await ledgerCheck({ url: database.url })).filter(({ differences }) => differences > 0);
  for (const gateway of gateways) await gateway.close();
  await database.drop();
  expect(wrong).toEqual([]);
});

async function race(
  ledgers: readonly Database['ledger'][],
): Promise<{ readonly held: number; readonly refused: number }> {
  const owner = await tenant(database.db, 1_000);
  const results = await Promise.all(
    Array.from({ length: 200 }, (_, index) => {
      const ledger = ledgers[index % ledgers.length] ?? database.db.ledger;
      return ledger.reserve(holdOf(owner, 30));
    }),
  );
  expect(await database.db.ledger.balance(owner.organizationId)).toMatchObject({ posted: 1_000n, held: 990n });
  const count = (kind: string) => results.filter((result) => result.kind === kind).length;
  return { held: count('held'), refused: count('insufficient_credits') };
}

test('of 200 reserves at once against credit for 33, exactly 33 are held, in each of 20 rounds', async () => {
  for (let round = 0; round < 20; round += 1) {
    expect(await race([database.db.ledger])).toEqual({ held: 33, refused: 167 });
  }
});

test('the same holds when three gateways compete', async () => {
  const ledgers = gateways.map(({ ledger }) => ledger);
  for (let round = 0; round < 20; round += 1) expect(await race(ledgers)).toEqual({ held: 33, refused: 167 });
});

test('a key limit lets exactly as many pass as fit, over three gateways', async () => {
  const owner = await tenant(database.db, 1_000_000, {
    limit: holdOf({ organizationId: '', apiKeyId: '' }, 1_000).amount,
  });
  const results = await Promise.all(
    Array.from({ length: 200 }, (_, index) =>
      gateways[index % 3 === 0 ? 0 : index % 3 === 1 ? 1 : 2].ledger.reserve(holdOf(owner, 30)),
    ),
  );
  expect(results.filter(({ kind }) => kind === 'held')).toHaveLength(33);
  expect(results.filter(({ kind }) => kind === 'key_limit')).toHaveLength(167);
});

test('one generation reserved and settled by three gateways at once is held once and charged once', async () => {
  const owner = await tenant(database.db, 10_000);
  for (let round = 0; round < 20; round += 1) {
    const id = newGenerationId();
    const reserved = await Promise.all(gateways.map(({ ledger }) => ledger.reserve(holdOf(owner, 100, id))));
    expect(reserved.map(({ kind }) => kind).sort()).toEqual(['duplicate', 'duplicate', 'held']);
    const settled = await Promise.all(gateways.map(({ ledger }) => ledger.settle(settleOf(owner, { id, charge: 10 }))));
    expect(settled.map(({ kind }) => kind).sort()).toEqual(['duplicate', 'duplicate', 'settled']);
  }
  expect(await database.db.ledger.balance(owner.organizationId)).toMatchObject({ posted: 9_800n, held: 0n });
});

test('settling, giving back and expiring the same holds at once resolves each exactly once, without a deadlock', async () => {
  const owners = await Promise.all(Array.from({ length: 5 }, () => tenant(database.db, 100_000)));
  const [one, two, three] = gateways;
  for (let round = 0; round < 10; round += 1) {
    const holds = Array.from({ length: 60 }, (_, index) => {
      const owner = owners[(index * 7) % owners.length];
      if (!owner) throw new Error('no owner');
      return { owner, hold: { ...holdOf(owner, 100), ttlMs: 1_000 } };
    });
    await Promise.all(holds.map(({ hold }) => one.ledger.reserve(hold)));
    const outcomes = await Promise.all([
      ...holds.map(({ owner, hold }) => one.ledger.settle(settleOf(owner, { id: hold.generationId, charge: 10 }))),
      ...holds.toReversed().map(({ hold }) => two.ledger.release(hold)),
      three.ledger.expireHolds(500),
      two.ledger.expireHolds(500),
      ...owners.map(({ organizationId }, index) =>
        three.ledger.grant({
          idempotencyKey: `r${round}-${index}`,
          organizationId,
          amount: holdOf(owners[0] ?? { organizationId, apiKeyId: '' }, 600).amount,
          reference: '',
          actor: '',
        }),
      ),
    ]);
    expect(
      outcomes.filter(
        (outcome) => typeof outcome === 'object' && (outcome.kind === 'settled' || outcome.kind === 'late'),
      ),
    ).toHaveLength(60);
  }
  // Each of the five paid 10 for each of its 12 holds per round, and was granted 600 per round.
  for (const { organizationId } of owners) {
    expect(await database.db.ledger.balance(organizationId)).toMatchObject({
      posted: BigInt(100_000 + 10 * (600 - 120)),
      held: 0n,
    });
  }
});
