import { connectRedis } from '@bourse/redis';
import { createLogger } from '@bourse/telemetry';
import {
  type BreakableRedis,
  createOrganization,
  createTestDatabase,
  startRedis,
  type TestDatabase,
  type TestOrganization,
} from '@bourse/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { openGatewayDatabase } from '../../src/database.ts';
import { eventually, hi, startTestGateway, type TestGateway } from '../harness.ts';
import { beginStream, frames, hello, type ScriptedProvider, startScriptedProvider } from '../scripted-provider.ts';
import { sized, tell } from './size.ts';

// Two gateways with one Redis: their limits hold together, and a Redis that dies or stands still in the middle of a load costs nobody more than
// its deadline, and the limits no more than a burst for each gateway.

const LOAD_MS = sized({ full: 20_000, short: 2_500 });
const CLIENTS = 8;
const RPM = 240;
const BURST = RPM / 10;
/** What Redis may cost a request (20 ms), and what a busy machine may. Of the tail of a short run a busy machine says more than Redis. */
const ADDED_MS_MAX = 20 + 80;
const JUDGED_SHARE = sized({ full: 99, short: 50 }) / 100;

let database: TestDatabase;
let redis: BreakableRedis;
let north: ScriptedProvider;
let gateways: readonly TestGateway[];
let owner: TestOrganization;

beforeAll(async () => {
  [database, redis, north] = await Promise.all([createTestDatabase(), startRedis(), startScriptedProvider()]);
});
beforeEach(async () => {
  north.script = hello;
  owner = await createOrganization(database.db);
  gateways = await Promise.all(['gw_a', 'gw_b'].map(gatewayOf));
  // Each knows of the other.
  await eventually(
    () => redisAnswers('ZCARD', 'bourse:gateways'),
    (count) => count === 2,
  );
});
afterEach(() => Promise.all(gateways.map((gateway) => gateway.stop())));
afterAll(async () => {
  await Promise.all([north.close(), redis.remove()]);
  await database.drop();
});

async function redisAnswers(...words: string[]): Promise<unknown> {
  const connection = connectRedis({
    url: redis.url,
    log: createLogger({ name: 'test', level: 'silent' }),
    deadlineMs: 1_000,
  });
  try {
    return await eventually(
      () => connection.command(words).catch(() => null),
      (answer) => answer !== null,
    );
  } finally {
    connection.close();
  }
}

function gatewayOf(gatewayId: string): Promise<TestGateway> {
  return startTestGateway({
    db: openGatewayDatabase(database.url, gatewayId),
    databaseUrl: database.url,
    north,
    south: north,
    gatewayId,
    environment: {
      REDIS_URL: redis.url,
      GATEWAY_NODES: '2',
      GATEWAY_ORGANIZATION_RPM: String(RPM),
      GATEWAY_ORGANIZATION_STREAMS: '20',
    },
  });
}

function chat(gateway: TestGateway, body: object = hi): Promise<Response> {
  return fetch(`${gateway.root}/api/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${owner.apiKey}` },
    body: JSON.stringify(body),
  });
}

interface Asked {
  readonly status: number;
  readonly atMs: number;
  readonly ms: number;
}

/** Clients that ask both gateways in turn, one request after the other, for as long as `isOver` says no. */
async function load(isOver: () => boolean): Promise<readonly Asked[]> {
  const asked: Asked[] = [];
  const client = async (index: number): Promise<void> => {
    for (let count = index; !isOver(); count += 1) {
      const gateway = gateways[count % gateways.length];
      if (gateway === undefined) throw new Error('no gateway');
      const atMs = performance.now();
      const response = await chat(gateway);
      await response.text();
      asked.push({ status: response.status, atMs, ms: performance.now() - atMs });
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, index) => client(index)));
  return asked;
}

function loadFor(ms: number): Promise<readonly Asked[]> {
  const end = performance.now() + ms;
  return load(() => performance.now() > end);
}

async function decidedAlone(): Promise<number> {
  let sum = 0;
  for (const { root } of gateways) {
    const text = await (await fetch(`${root}/metrics`)).text();
    sum += Number(/^bourse_limits_alone_total{[^}]*} (\d+)$/m.exec(text)?.[1] ?? 0);
  }
  return sum;
}

const granted = (asked: readonly Asked[]): number => asked.filter(({ status }) => status === 200).length;
const earned = (asked: readonly Asked[]): number => {
  const [first, last] = [asked.map(({ atMs }) => atMs), asked.map(({ atMs, ms }) => atMs + ms)];
  return (RPM / 60_000) * (Math.max(...last) - Math.min(...first));
};

function worst(asked: readonly Asked[], share: number): number {
  const sorted = asked.map(({ ms }) => ms).sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
}

function expectOnlyAnswersAndRefusals(asked: readonly Asked[]): void {
  expect(asked.filter(({ status }) => status !== 200 && status !== 429)).toEqual([]);
}

test('two gateways never grant more together than one limit and one burst', async () => {
  const asked = await loadFor(LOAD_MS);
  expectOnlyAnswersAndRefusals(asked);
  // On a machine that is busy with other things Redis is late for some.
  expect(granted(asked)).toBeLessThanOrEqual(Math.ceil(earned(asked) + BURST) + (await decidedAlone()));
  // And all of that: the limit is the limit of both, not a half for each.
  expect(granted(asked)).toBeGreaterThanOrEqual(BURST);
  expect(asked.length).toBeGreaterThan(granted(asked));
  tell(`together: ${granted(asked)} of ${asked.length} granted, ${Math.round(earned(asked) + BURST)} allowed`);
});

test('requests that run at once are counted over both', async () => {
  const gate = Promise.withResolvers<void>();
  north.script = async ({ response }) => {
    beginStream(response);
    response.write(frames.role);
    await gate.promise;
    response.end([frames.text('a'), frames.finish, frames.usage(1, 1), frames.done].join(''));
  };
  const [one, other] = gateways;
  if (one === undefined || other === undefined) throw new Error('no gateways');
  const running = await Promise.all(
    Array.from({ length: 20 }, (_, index) => chat(index % 2 === 0 ? other : one, { ...hi, stream: true })),
  );
  expect(running.map(({ status }) => status)).toEqual(Array(20).fill(200));
  for (const gateway of gateways) {
    const refused = await chat(gateway, { ...hi, stream: true });
    expect(await refused.json()).toMatchObject({ error: { metadata: { limit_source: 'organization_streams' } } });
  }
  gate.resolve();
  await Promise.all(running.map((response) => response.text()));
  north.script = hello;
  await eventually(
    () => chat(other).then(async (response) => (await response.text()) && response.status),
    (status) => status === 200,
  );
});

const broken = {
  'is killed': { stop: () => redis.kill(), resume: () => redis.start() },
  'stands still': { stop: async () => redis.pause(), resume: async () => redis.resume() },
} as const;

for (const [what, { stop, resume }] of Object.entries(broken)) {
  test(`a Redis that ${what} under load fails nobody, delays nobody beyond its deadline, and leaves each gateway its share`, async () => {
    const before = await loadFor(LOAD_MS / 2);
    let isOver = false;
    const loading = load(() => isOver);
    await stop();
    try {
      await new Promise((resolve) => setTimeout(resolve, LOAD_MS));
      isOver = true;
      const without = await loading;
      const all = [...before, ...without];
      expectOnlyAnswersAndRefusals(all);
      expect(granted(all)).toBeLessThanOrEqual(Math.ceil(earned(all) + BURST * gateways.length + gateways.length));
      expect(granted(without)).toBeGreaterThan(0);
      expect(worst(without, JUDGED_SHARE)).toBeLessThan(worst(before, JUDGED_SHARE) + ADDED_MS_MAX);
      tell(
        `${what}: ${granted(all)} granted, ${Math.round(earned(all) + BURST * 2 + 2)} allowed; p99 ${worst(before, 0.99).toFixed(1)} ms before, ${worst(without, 0.99).toFixed(1)} ms without, at most ${worst(without, 1).toFixed(1)} ms`,
      );
    } finally {
      await resume();
    }
    // Back to one limit for both.
    await eventually(
      () => redisAnswers('ZCARD', 'bourse:gateways'),
      (count) => count === 2,
    );
  });
}
