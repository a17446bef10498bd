import { createLogger } from '@bourse/telemetry';
import { type BreakableRedis, startRedis } from '@bourse/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { connectRedis, type Redis, type RedisOptions, RedisUnavailable } from './connect-redis.ts';
import { defineScript } from './script.ts';

let server: BreakableRedis;
const open: Redis[] = [];

beforeAll(async () => {
  server = await startRedis();
});
afterEach(() => {
  for (const redis of open.splice(0)) redis.close();
});
afterAll(() => server.remove());

const log = createLogger({ name: 'test', level: 'silent' });

function connection(options: Partial<RedisOptions> = {}): Redis {
  const redis = connectRedis({ url: server.url, log, deadlineMs: 500, restMs: 50, ...options });
  open.push(redis);
  return redis;
}

/** Polls until it holds; 10 s are more than any of this takes. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error('still not true after 10 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function ready(options: Partial<RedisOptions> = {}): Promise<Redis> {
  const redis = connection(options);
  await until(() => redis.isUp);
  return redis;
}

const answers = (redis: Redis): Promise<boolean> =>
  redis.command(['PING']).then(
    () => true,
    () => false,
  );

test('a script runs on a server that never saw it, and on one that forgot it', async () => {
  const redis = await ready();
  const add = defineScript("return redis.call('INCRBY', KEYS[1], ARGV[1])");
  expect(await redis.run(add, ['a'], ['2'])).toBe(2);
  await redis.command(['SCRIPT', 'FLUSH']);
  expect(await redis.run(add, ['a'], ['3'])).toBe(5);
});

test('an error in place of an answer is no answer, with the error as its cause', async () => {
  const redis = await ready();
  const failing = redis.command(['INCRBY', 'a', 'x']);
  await expect(failing).rejects.toThrow(RedisUnavailable);
  await expect(failing).rejects.toMatchObject({ cause: expect.objectContaining({ message: expect.any(String) }) });
});

test('without a server commands fail at once instead of waiting for one', async () => {
  const redis = connection({ url: 'redis://127.0.0.1:1' });
  const startedAt = performance.now();
  for (let count = 0; count < 100; count += 1) expect(await answers(redis)).toBe(false);
  expect(performance.now() - startedAt).toBeLessThan(500);
  expect(redis.isUp).toBe(false);
  expect(await redis.publish('news', 'nobody hears it')).toBe(false);
});

test('a server that stands still keeps nobody longer than the deadline, and after three nobody at all; it is found out when it goes on', async () => {
  const redis = await ready({ deadlineMs: 20 });
  server.pause();
  const waits: number[] = [];
  for (let count = 0; count < 50; count += 1) {
    const startedAt = performance.now();
    expect(await answers(redis)).toBe(false);
    waits.push(performance.now() - startedAt);
  }
  expect(redis.isUp).toBe(false);
  // Those that waited were the three that opened the breaker, and few probes.
  expect(waits.filter((ms) => ms >= 15).length).toBeLessThan(10);
  server.resume();
  await until(() => answers(redis));
  expect(redis.isUp).toBe(true);
});

test('a server that was killed is found again when it is back, also by those who listen', async () => {
  const [redis, other] = await Promise.all([ready(), ready()]);
  const heard: string[] = [];
  const stop = other.subscribe('news', (text) => heard.push(text));
  await until(async () => (await redis.publish('news', 'first')) && heard.includes('first'));
  await server.kill();
  expect(await answers(redis)).toBe(false);
  await server.start();
  await until(async () => (await redis.publish('news', 'second')) && heard.includes('second'));
  stop();
  await until(async () => (await redis.command(['PUBSUB', 'NUMSUB', 'news']))?.toString() === 'news,0');
});

test('who listens before there is a server hears it afterwards, and one failing listener does not silence the next', async () => {
  await server.kill();
  const redis = connection();
  const heard: string[] = [];
  redis.subscribe('news', () => {
    throw new Error('mine alone');
  });
  redis.subscribe('news', (text) => heard.push(text));
  await server.start();
  await until(async () => (await redis.publish('news', 'early')) && heard.includes('early'));
});
