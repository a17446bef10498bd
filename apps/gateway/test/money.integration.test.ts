import { ledgerCheck } from '@bourse/db';
import { formatUsd, nanodollars } from '@bourse/money';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, heldAmount, hi, type Market, openMarket } from './harness.ts';
import { hello } from './scripted-provider.ts';

let market: Market;
beforeAll(async () => {
  market = await openMarket({ credits: '0.000000001' });
});
afterAll(() => market.stop());

test('200 parallel requests against credit for 33: exactly 33 succeed, the rest are 402, the balance stays above zero', async () => {
  // The hold of one request, read off a refusal.
  const refused = (await (await market.chat(hi)).json()) as { error: { metadata: { needed: string } } };
  const holdAmount = BigInt(Math.round(Number(refused.error.metadata.needed) * 1e9));
  const extra = nanodollars(holdAmount * 33n - 1n);
  await market.db.ledger.grant({
    idempotencyKey: 'grant:storm',
    organizationId: market.organizationId,
    amount: extra,
    reference: 'storm',
    actor: 'test',
  });
  // No answer comes before all 200 have asked, so no settlement can make room for one more.
  const gate = Promise.withResolvers<void>();
  market.north.script = async (call) => {
    await gate.promise;
    await hello(call);
  };
  let refusals = 0;
  const requests = Array.from({ length: 200 }, async () => {
    const response = await market.chat(hi);
    if (response.status !== 200) refusals += 1;
    await response.text();
    return response.status;
  });
  await eventually(
    async () => refusals + market.north.calls.length,
    (count) => count === 200,
  );
  gate.resolve();
  const statuses = await Promise.all(requests);
  expect(statuses.filter((status) => status === 200)).toHaveLength(33);
  expect(statuses.filter((status) => status === 402)).toHaveLength(167);
  await market.booked();
  expect(await heldAmount(market)).toBe(0n);
  const { posted } = await market.db.ledger.balance(market.organizationId);
  expect(posted).toBeGreaterThanOrEqual(0n);
  expect(
    (await ledgerCheck({ url: market.databaseUrl, form: 'full' })).filter((check) => check.differences > 0),
  ).toEqual([]);
});

test('GET /credits falls by exactly the sum of the costs that the answers told', async () => {
  market.north.script = hello;
  await market.db.ledger.grant({
    idempotencyKey: 'grant:more',
    organizationId: market.organizationId,
    amount: nanodollars(1_000_000_000n),
    reference: 'more',
    actor: 'test',
  });
  const headers = { authorization: `Bearer ${market.key}` };
  const credits = async () =>
    ((await (await fetch(`${market.url}/credits`, { headers })).json()) as { data: { total_usage: number } }).data;
  const before = await market.db.ledger.totals(market.organizationId);
  const answers = await Promise.all(
    Array.from(
      { length: 20 },
      async () => (await (await market.chat(hi)).json()) as { id: string; usage: { cost: number } },
    ),
  );
  await market.booked();
  const after = await market.db.ledger.totals(market.organizationId);
  const charges = await Promise.all(
    answers.map(async ({ id, usage }) => {
      const shown = (await (await fetch(`${market.url}/generation?id=${id}`, { headers })).json()) as {
        data: { total_cost: number };
      };
      expect(shown.data.total_cost).toBe(usage.cost);
      const stored = await market.db.generations.find({ id, organizationId: market.organizationId });
      expect(usage.cost).toBe(Number(formatUsd(stored?.charge ?? nanodollars(-1n))));
      return stored?.charge ?? 0n;
    }),
  );
  expect(after.totalUsage - before.totalUsage).toBe(charges.reduce((sum: bigint, charge: bigint) => sum + charge, 0n));
  expect((await credits()).total_usage).toBe(Number(formatUsd(after.totalUsage)));
});

test("a stranger cannot read another organization's generation, and is told nothing of it", async () => {
  const other = await openMarket();
  try {
    const { id } = (await (await other.chat(hi)).json()) as { id: string };
    const headers = { authorization: `Bearer ${market.key}` };
    const foreign = await fetch(`${market.url}/generation?id=${id}`, { headers });
    const nothing = await fetch(`${market.url}/generation?id=gen-1786000000-Zk3vQ0aB9xY7mN2pLr5T`, { headers });
    expect(foreign.status).toBe(404);
    expect(await foreign.text()).toBe(await nothing.text());
  } finally {
    await other.stop();
  }
});
