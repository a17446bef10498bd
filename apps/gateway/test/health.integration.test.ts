import { openDatabase } from '@bourse/db';
import { nanodollarsFromUsd } from '@bourse/money';
import { createOrganization, startRedis } from '@bourse/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually, hi, type Market, openMarket, startTestGateway } from './harness.ts';
import { beginStream, frames, hello, refuse, type Script } from './scripted-provider.ts';

let market: Market;
/** Of `sandbox/atlas-1` at the north. */
let northId: string;

beforeAll(async () => {
  market = await openMarket();
  northId = await endpointIdOf(market);
});
beforeEach(() => {
  market.north.script = hello;
  market.south.script = hello;
});
afterAll(() => market.stop());

async function endpointIdOf({ db }: Market): Promise<string> {
  const catalog = await db.catalog.loadSnapshot();
  const found = catalog.endpointsByModel.get(hi.model)?.find(({ providerSlug }) => providerSlug === 'sandbox-north');
  return found?.id ?? expect.unreachable('the north sells the model');
}

const atNorth = { ...hi, provider: { only: ['sandbox-north'] } };

const cut: Script = ({ response }) => {
  beginStream(response);
  response.write(frames.role + frames.text('partial'));
  setTimeout(() => response.destroy(), 20);
};

const calling =
  (name: string, text: string): Script =>
  ({ response }) => {
    const call = { index: 0, id: 'call_1', type: 'function', function: { name, arguments: text } };
    const delta = { choices: [{ index: 0, delta: { tool_calls: [call] }, finish_reason: null }] };
    beginStream(response);
    const end = { choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] };
    const events = [delta, end].map(
      (fields) =>
        `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'up', ...fields })}\n\n`,
    );
    response.end([frames.role, ...events, frames.usage(10, 5), frames.done].join(''));
  };

async function ask(script: Script, body: Record<string, unknown> = { ...atNorth, stream: true }): Promise<number> {
  market.north.script = script;
  const response = await market.chat(body);
  await response.text();
  return response.status;
}

test('every attempt counts to its end; errors that the caller caused do not', async () => {
  expect(market.gateway.health.stats(northId).uptime1d).toBeNull();
  await ask(hello);
  await ask(hello, atNorth);
  expect(market.gateway.health.stats(northId)).toMatchObject({ uptime5m: 1, uptime1d: 1 });
  // Cut after the first token, and down: both are the endpoint's.
  await ask(cut);
  expect(market.gateway.health.stats(northId).uptime5m).toBeCloseTo(2 / 3);
  expect(market.gateway.health.of(northId).isOut).toBe(true);
  await ask(refuse(404));
  expect(market.gateway.health.stats(northId).uptime5m).toBe(0.5);
  for (const status of [400, 403, 413, 422, 429]) await ask(refuse(status));
  expect(market.gateway.health.stats(northId).uptime5m).toBe(0.5);
  expect(market.gateway.health.stats(northId).latencyMs30m?.p50).toBeGreaterThan(0);
  expect(market.gateway.health.stats(northId).tokensPerSecond30m?.p50).toBeGreaterThan(0);
});

test('an answer that calls tools is judged by the tools of its request', async () => {
  const tool = {
    type: 'function',
    function: {
      name: 'weather',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  };
  const body = { ...atNorth, stream: true, tools: [tool] };
  expect(market.gateway.health.stats(northId).toolErrorRate2h).toBeNull();
  await ask(calling('weather', '{"city":"Oslo"}'), body);
  expect(market.gateway.health.stats(northId).toolErrorRate2h).toBe(0);
  await ask(calling('weather', '{"city":1}'), body);
  await ask(calling('wether', '{"city":"Oslo"}'), body);
  await ask(calling('weather', '{"city":'), body);
  expect(market.gateway.health.stats(northId).toolErrorRate2h).toBe(0.75);
});

test('what a gateway saw is in the history when it stops, and the next one knows the day', async () => {
  const own = await openMarket();
  const id = await endpointIdOf(own);
  for (let count = 0; count < 3; count += 1) await (await own.chat({ ...atNorth, stream: true })).text();
  own.north.script = refuse(404);
  await (await own.chat(atNorth)).text();
  await own.gateway.stop(500);
  const db = openDatabase({ url: own.databaseUrl, applicationName: 'test' });
  const now = Date.now();
  const [hour] = await db.endpointHealth.hours({
    endpointIds: [id],
    from: new Date(now - 7_200_000),
    to: new Date(now + 3_600_000),
  });
  expect(hour).toMatchObject({ ok: 3, failed: 1, uptime: 0.75, toolAnswers: 0 });
  expect(hour?.latencyMs?.p50).toBeGreaterThan(0);
  const next = await startTestGateway({
    db,
    databaseUrl: own.databaseUrl,
    north: own.north,
    south: own.south,
    gatewayId: 'gw_next',
  });
  await eventually(
    async () => next.gateway.health.stats(id).uptime1d,
    (uptime) => uptime === 0.75,
  );
  await next.stop();
  await Promise.all([own.north.close(), own.south.close()]);
});

test('with Redis one gateway knows what the other met; without it both go on', async () => {
  const redis = await startRedis();
  const own = await openMarket({ environment: { REDIS_URL: redis.url } });
  const id = await endpointIdOf(own);
  const other = await startTestGateway({
    db: openDatabase({ url: own.databaseUrl, applicationName: 'test' }),
    databaseUrl: own.databaseUrl,
    north: own.north,
    south: own.south,
    gatewayId: 'gw_other',
    environment: { REDIS_URL: redis.url },
  });
  own.north.script = refuse(404);
  await eventually(
    async () => {
      await (await own.chat(atNorth)).text();
      return other.gateway.health.of(id).isOut;
    },
    (isOut) => isOut,
  );
  await redis.kill();
  own.north.script = hello;
  const { apiKey } = await createOrganization(own.db, { credits: nanodollarsFromUsd('1') });
  expect((await own.chat(atNorth, { key: apiKey })).status).toBe(200);
  await other.stop();
  await own.stop();
  await redis.remove();
});
