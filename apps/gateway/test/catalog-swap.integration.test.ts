import type { Endpoint } from '@bourse/catalog';
import { nanodollarsFromUsd, picodollarsPerUnit } from '@bourse/money';
import {
  createOrganization,
  createTestDatabase,
  type DatabaseProxy,
  openSqlClient,
  type SqlClient,
  startDatabaseProxy,
  type TestDatabase,
  type TestOrganization,
} from '@bourse/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from './harness.ts';
import { type GatewayProcess, startGatewayProcess } from './proofs/gateway-process.ts';
import { beginStream, frames, hello, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

/** How long a change of the catalog may take to be in force at every gateway. */
const WITHIN_MS = 5_000;
const MODEL = 'sandbox/atlas-1';

let database: TestDatabase;
let sql: SqlClient;
let proxy: DatabaseProxy;
let owner: TestOrganization;
let provider: ScriptedProvider;
/** Programs of their own. The second one reaches the database through the proxy. */
let gateways: readonly [GatewayProcess, GatewayProcess];

beforeAll(async () => {
  [database, provider] = await Promise.all([createTestDatabase(), startScriptedProvider()]);
  [proxy, sql, owner] = await Promise.all([
    startDatabaseProxy(database.url),
    openSqlClient(database.url),
    createOrganization(database.db, { credits: nanodollarsFromUsd('1000') }),
  ]);
  const start = (databaseUrl: string) =>
    startGatewayProcess({ databaseUrl, providerUrl: provider.url, environment: { LOG_LEVEL: 'silent' } });
  // One after the other: each migrates and fills the database if nobody did.
  gateways = [await start(database.url), await start(proxy.url)];
}, 60_000);
afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  await Promise.all([sql.end(), proxy.close(), provider.close()]);
  await database.drop();
}, 60_000);
beforeEach(() => {
  provider.script = hello;
});

const urlOf = ({ port }: GatewayProcess, path: string) => `http://127.0.0.1:${port}/api/v1${path}`;

interface Row {
  readonly tag: string;
  readonly pricing: { readonly prompt: string; readonly completion: string };
}
async function endpointsAt(gateway: GatewayProcess): Promise<readonly Row[]> {
  const answer = await fetch(urlOf(gateway, `/models/${MODEL}/endpoints`));
  return ((await answer.json()) as { data: { endpoints: Row[] } }).data.endpoints;
}
const promptPrices = async (gateway: GatewayProcess) =>
  (await endpointsAt(gateway)).map(({ pricing }) => Number(pricing.prompt));

/** One endpoint alone may answer, so that costs can be compared. */
const ask = {
  model: MODEL,
  max_tokens: 50,
  messages: [{ role: 'user', content: 'hi' }],
  provider: { only: ['sandbox-north'] },
};
function chat(gateway: GatewayProcess, body: Record<string, unknown> = {}): Promise<Response> {
  return fetch(urlOf(gateway, '/chat/completions'), {
    method: 'POST',
    headers: { authorization: `Bearer ${owner.apiKey}` },
    body: JSON.stringify({ ...ask, ...body }),
  });
}
async function costAt(gateway: GatewayProcess): Promise<number> {
  const answer = await chat(gateway);
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { usage: { cost: number } }).usage.cost;
}

const times = ({ prices, ...endpoint }: Endpoint, factor: bigint): Endpoint => ({
  ...endpoint,
  prices: {
    ...prices,
    lines: prices.lines.map((line) => ({ ...line, price: picodollarsPerUnit(line.price * factor) })),
  },
});

/** Makes all prices of the model so many times what they are, as a person who approves a proposal does. */
function multiplyPrices(factor: bigint): Promise<unknown> {
  return database.db.catalog.editCatalog(
    (live) => ({
      ...live,
      endpoints: live.endpoints.map((endpoint) => (endpoint.modelSlug === MODEL ? times(endpoint, factor) : endpoint)),
    }),
    { origin: 'review', actor: 'test' },
  );
}

/** Asks all gateways without a pause until each has answered with twice the old prices; every answer must be wholly old or wholly new. */
async function watchDoubling(before: readonly number[], change: () => Promise<unknown>): Promise<readonly number[]> {
  const doubled = before.map((price) => price * 2);
  const isLike = (prices: readonly number[], wanted: readonly number[]) =>
    prices.every((price, index) => Math.abs(price - (wanted[index] ?? 0)) < 1e-15);
  let changedAt = Number.POSITIVE_INFINITY;
  const watches = gateways.map(async (gateway) => {
    for (;;) {
      const prices = await promptPrices(gateway);
      if (isLike(prices, doubled)) return performance.now() - changedAt;
      // Half of each would be neither.
      expect(isLike(prices, before)).toBe(true);
      if (performance.now() - changedAt > 20_000) throw new Error('the change never came');
    }
  });
  await change();
  changedAt = performance.now();
  return Promise.all(watches);
}

describe('a new price', () => {
  test('is served and charged by every gateway within five seconds, and no answer is half old and half new', async () => {
    const before = await promptPrices(gateways[0]);
    expect(before.length).toBeGreaterThanOrEqual(2);
    const costs = await Promise.all(gateways.map(costAt));
    const waits = await watchDoubling(before, () => multiplyPrices(2n));
    process.stdout.write(`a new price was served after ${waits.map((ms) => Math.round(ms)).join(' and ')} ms\n`);
    for (const wait of waits) expect(wait).toBeLessThan(WITHIN_MS);
    for (const [index, gateway] of gateways.entries()) {
      expect(await costAt(gateway)).toBeCloseTo((costs[index] ?? 0) * 2, 9);
    }
  }, 60_000);

  test.each([
    ['was cut', () => proxy.cutNotices()],
    ['fell silent, which nobody is told', () => proxy.silenceNotices()],
  ])(
    'comes in time when the connection for notices %s',
    async (_case, damage) => {
      const before = await promptPrices(gateways[0]);
      const waits = await watchDoubling(before, () => {
        damage();
        return multiplyPrices(2n);
      });
      for (const wait of waits) expect(wait).toBeLessThan(WITHIN_MS);
    },
    60_000,
  );

  test('does not concern who asked before: a running answer is charged at the price with which it began', async () => {
    const [gateway] = gateways;
    const cost = await costAt(gateway);
    const gate = Promise.withResolvers<void>();
    provider.script = async ({ response }) => {
      beginStream(response);
      response.write(frames.role + frames.text('hel'));
      await gate.promise;
      response.end(frames.text('lo') + frames.finish + frames.usage(10, 5) + frames.done);
    };
    const answer = await chat(gateway, { stream: true });
    const before = await promptPrices(gateway);
    await multiplyPrices(2n);
    for (const each of gateways) {
      await eventually(
        () => promptPrices(each),
        (prices) => (prices[0] ?? 0) > (before[0] ?? 0) * 1.5,
      );
    }
    gate.resolve();
    const usage = /"cost":([\d.e-]+)/.exec(await answer.text())?.[1];
    expect(Number(usage)).toBeCloseTo(cost, 9);
    provider.script = hello;
    expect(await costAt(gateway)).toBeCloseTo(cost * 2, 9);
  }, 60_000);

  test('that was announced for a moment is in force from it on, though nobody is told then', async () => {
    const before = await promptPrices(gateways[0]);
    await sql.query(
      `WITH old AS (
         UPDATE price_sheet s SET effective_to = now() + interval '1 second'
           FROM endpoint e WHERE e.id = s.endpoint_id AND e.model_slug = $1 AND s.effective_to IS NULL
         RETURNING s.*)
       INSERT INTO price_sheet (id, endpoint_id, effective_from, source_url, checked_on, lines)
       SELECT id || '#later', endpoint_id, effective_to, source_url, checked_on,
              (SELECT jsonb_agg(line || jsonb_build_object('price', ((line->>'price')::numeric * 2)::text)) FROM jsonb_array_elements(lines) line)
         FROM old`,
      [MODEL],
    );
    const waits = await watchDoubling(before, async () => undefined);
    for (const wait of waits) expect(wait).toBeLessThan(WITHIN_MS + 1_000);
  }, 60_000);
});

describe('a catalog that makes no sense', () => {
  const refusedAt = (gateway: GatewayProcess) => gateway.metric('bourse_catalog_refused');
  const announce = () => sql.query('INSERT INTO catalog_version (hash) VALUES (md5(random()::text))');

  test.each<[string, string]>([
    ['a price line that is none', `'[{"meter":"input"}]'::jsonb`],
    ['no list of prices', `'"free"'::jsonb`],
    [
      'prices of millions of dollars',
      `(SELECT jsonb_agg(line || '{"price":"99000000000000"}') FROM jsonb_array_elements(lines) line)`,
    ],
    [
      'a price for input alone',
      `(SELECT jsonb_agg(line) FROM jsonb_array_elements(lines) line WHERE line->>'meter' = 'input')`,
    ],
  ])(
    'is refused for %s: the old prices stay, and operators are told',
    async (_case, lines) => {
      const [gateway] = gateways;
      const [before, cost] = [await promptPrices(gateway), await costAt(gateway)];
      const { rows } = await sql.query<{ id: string }>(
        `INSERT INTO price_sheet (id, endpoint_id, effective_from, effective_to, source_url, checked_on, lines)
       SELECT s.id || '#' || md5(random()::text), s.endpoint_id, now(), now() + interval '1 hour', s.source_url, s.checked_on, ${lines}
         FROM price_sheet s WHERE s.endpoint_id = $1 AND s.effective_to IS NULL RETURNING id`,
        [`${MODEL}@sandbox-north`],
      );
      await announce();
      for (const each of gateways)
        await eventually(
          () => refusedAt(each),
          (refused) => refused === 1,
        );
      expect(await promptPrices(gateway)).toEqual(before);
      expect(await costAt(gateway)).toBeCloseTo(cost, 9);
      // Prices are never changed, but a period may end.
      await sql.query('UPDATE price_sheet SET effective_to = now() WHERE id = $1', [rows[0]?.id]);
      await announce();
      for (const each of gateways)
        await eventually(
          () => refusedAt(each),
          (refused) => refused === 0,
        );
      expect(await promptPrices(gateway)).toEqual(before);
    },
    90_000,
  );

  test('is refused when most of it is gone', async () => {
    const before = await promptPrices(gateways[0]);
    await sql.query('UPDATE endpoint SET is_listed = false');
    await announce();
    for (const each of gateways)
      await eventually(
        () => refusedAt(each),
        (refused) => refused === 1,
      );
    expect(await promptPrices(gateways[0])).toEqual(before);
    expect((await chat(gateways[1])).status).toBe(200);
    await sql.query('UPDATE endpoint SET is_listed = true');
    await announce();
    for (const each of gateways)
      await eventually(
        () => refusedAt(each),
        (refused) => refused === 0,
      );
  }, 90_000);
});

test('what has no price is not sold: not listed, not called, not charged', async () => {
  const [gateway] = gateways;
  await sql.query(
    `UPDATE price_sheet s SET effective_to = now() FROM endpoint e
      WHERE e.id = s.endpoint_id AND e.model_slug = $1 AND s.effective_to IS NULL`,
    [MODEL],
  );
  await eventually(
    () => fetch(urlOf(gateway, `/model/${MODEL}`)),
    ({ status }) => status === 404,
  );
  const list = (await (await fetch(urlOf(gateway, '/models?q=atlas'))).json()) as { data: { id: string }[] };
  expect(list.data.map(({ id }) => id)).not.toContain(MODEL);
  const calls = provider.calls.length;
  const answer = await chat(gateway);
  expect([400, 404]).toContain(answer.status);
  expect(provider.calls.length).toBe(calls);
}, 60_000);
