import { connectRedis } from '@bourse/redis';
import { createLogger } from '@bourse/telemetry';
import { type BreakableRedis, startRedis } from '@bourse/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { openGatewayDatabase } from '../src/database.ts';
import { eventually, hi, type Market, openMarket, startTestGateway, type TestGateway } from './harness.ts';
import { hello } from './scripted-provider.ts';

/** Two gateways on one database and one Redis; `one` is the market's own. */
let market: Market;
let other: TestGateway;
let server: BreakableRedis;
let redis: ReturnType<typeof connectRedis>;
let words = 0;

beforeAll(async () => {
  server = await startRedis();
  redis = connectRedis({ url: server.url, log: createLogger({ name: 'test', level: 'silent' }), deadlineMs: 5_000 });
  market = await openMarket({ environment: { REDIS_URL: server.url } });
  other = await startTestGateway({
    db: openGatewayDatabase(market.databaseUrl),
    databaseUrl: market.databaseUrl,
    north: market.north,
    south: market.south,
    gatewayId: 'gw_other',
    environment: { REDIS_URL: server.url },
  });
});
beforeEach(async () => {
  market.north.script = hello;
  market.north.calls.length = 0;
  await eventually(warm, (isWarm) => isWarm);
  market.north.calls.length = 0;
});
afterEach(() => expect(market.south.calls).toHaveLength(0));
afterAll(async () => {
  redis.close();
  await other.stop();
  await market.stop();
  await server.remove();
});

const on = { 'x-bourse-cache': 'true' };
const fresh = (content = `shared ${++words}`) => ({ ...hi, messages: [{ role: 'user', content }] });

async function ask(root: string, body: object, headers: Record<string, string> = on) {
  const response = await fetch(`${root}/api/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${market.key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const { choices, usage } = (await response.json()) as { choices: unknown; usage: { cost: number } };
  return { status: response.status, cache: response.headers.get('x-bourse-cache-status'), choices, usage };
}

/** Both gateways reach Redis: what one keeps, the other finds. */
async function warm(): Promise<boolean> {
  const body = fresh();
  await ask(market.root, body);
  const isStored = await keys().then(
    (all) => all.length > 0,
    () => false,
  );
  return isStored && (await ask(other.root, body)).cache === 'HIT';
}

const keys = async (): Promise<string[]> => (await redis.command(['KEYS', 'bourse:cache:*'])) as string[];

test('what one gateway keeps another finds, at no cost and without a call', async () => {
  const body = fresh();
  const before = (await keys()).length;
  const first = await ask(market.root, body);
  await eventually(keys, (all) => all.length > before);
  const second = await ask(other.root, body);
  expect(second).toMatchObject({ status: 200, cache: 'HIT', choices: first.choices, usage: { cost: 0 } });
  expect(market.north.calls).toHaveLength(1);
});

test('nothing that was said can be read in Redis, and it forgets by itself', async () => {
  await redis.command(['FLUSHALL']);
  await ask(market.root, fresh('a secret question'), { ...on, 'x-bourse-cache-ttl': '60' });
  const [key = ''] = await eventually(keys, (all) => all.length === 1);
  const value = String(await redis.command(['GET', key]));
  expect(value).not.toMatch(/secret question|hello|sk-/);
  expect(Buffer.from(value.split('\n')[1] ?? '', 'base64').toString('latin1')).not.toMatch(/hello/);
  expect(Number(await redis.command(['PTTL', key]))).toBeGreaterThan(50_000);
});

test('an answer that was changed in Redis is no answer', async () => {
  await redis.command(['FLUSHALL']);
  const body = fresh();
  await ask(market.root, body);
  const [key = ''] = await eventually(keys, (all) => all.length === 1);
  const value = String(await redis.command(['GET', key]));
  for (const changed of [value.replace('sandbox/atlas-1', 'sandbox/atlas-9'), value.slice(0, -8), 'nonsense', '']) {
    await redis.command(['SET', key, changed]);
    expect(await ask(other.root, body, { ...on, 'x-bourse-cache-ttl': '1' })).toMatchObject({ status: 200 });
  }
  expect(market.north.calls.length).toBeGreaterThan(1);
});

test('what is cleared at one gateway is forgotten at the other', async () => {
  const body = fresh();
  await ask(market.root, body);
  await eventually(
    () => ask(other.root, body),
    ({ cache }) => cache === 'HIT',
  );
  market.north.script = ({ response }) => {
    const choices = [{ index: 0, message: { role: 'assistant', content: 'newer' }, finish_reason: 'stop' }];
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ id: 'c', object: 'chat.completion', created: 1, model: 'up', choices }));
  };
  await ask(market.root, body, { ...on, 'x-bourse-cache-clear': 'true' });
  const seen = await eventually(
    () => ask(other.root, body),
    ({ choices }) => JSON.stringify(choices).includes('newer'),
  );
  expect(seen.status).toBe(200);
});

test('a Redis that is dead or stands still is a miss, and each gateway keeps what it saw itself', async () => {
  const body = fresh();
  for (const [stop, go] of [
    [server.pause, server.resume],
    [server.kill, server.start],
  ] as const) {
    await stop();
    const asked = { ...body, user: `round ${++words}` };
    expect(await ask(market.root, asked)).toMatchObject({ status: 200, cache: 'MISS' });
    expect(await ask(other.root, asked)).toMatchObject({ status: 200, cache: 'MISS' });
    expect(await ask(other.root, asked)).toMatchObject({ status: 200, cache: 'HIT' });
    await go();
    await eventually(warm, (isWarm) => isWarm);
  }
});
