import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from '@bourse/telemetry';
import { createTestDatabase, type TestDatabase } from '@bourse/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { probeEndpoints } from '../src/jobs/probe-endpoints.ts';

let database: TestDatabase;
let status = 200;
const bodies: { model: string; provider: { only: string[] }; max_tokens: number; max_cost: string }[] = [];
const warned: string[] = [];
const log: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: (event) => warned.push(event),
  error: () => undefined,
  isEnabled: () => true,
};

/** The gateway's door: only what is asked of it matters here. */
const gateway = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    bodies.push(JSON.parse(Buffer.concat(chunks).toString('utf8')));
    response.writeHead(status, { 'content-type': 'text/event-stream' }).end('data: [DONE]\n\n');
  });
});

beforeAll(async () => {
  database = await createTestDatabase();
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  gateway.close();
  await database.drop();
});
beforeEach(() => {
  status = 200;
  bodies.length = 0;
  warned.length = 0;
});

let nowMs = Date.UTC(2026, 10, 22);
const never = new AbortController().signal;

function job() {
  const { port } = gateway.address() as AddressInfo; // a TCP server that listens has one
  return probeEndpoints({
    db: database.db,
    gatewayUrl: `http://127.0.0.1:${port}`,
    apiKey: 'sk-probe',
    fetch,
    log,
    now: () => nowMs,
    everyMs: 1_000,
  });
}

test('endpoints that nobody calls are asked for one token each, a few at a time and none twice in an hour', async () => {
  const catalog = await database.db.catalog.loadSnapshot();
  const all = [...catalog.endpointsByModel.values()].flat();
  const probing = job();
  expect(await probing.run(never)).toBe(5);
  expect(await probing.run(never)).toBe(5);
  const asked = bodies.map(({ model, provider }) => `${model}@${provider.only[0]}`);
  expect(new Set(asked).size).toBe(10);
  expect(asked.every((name) => all.some(({ modelSlug, tag }) => name === `${modelSlug}@${tag}`))).toBe(true);
  expect(bodies.every((body) => body.max_tokens === 1 && body.max_cost === '0.001')).toBe(true);
  nowMs += 3_600_000;
});

test('one that is in use is left alone', async () => {
  const probing = job();
  await probing.run(never);
  const first = bodies[0];
  const catalog = await database.db.catalog.loadSnapshot();
  const busy = catalog.endpointsByModel.get(first?.model ?? '')?.find(({ tag }) => tag === first?.provider.only[0]);
  const delta = {
    answered: 1,
    ok: 1,
    failed: 0,
    latencyMs: {},
    tokensPerSecond: {},
    toolAnswers: 0,
    brokenToolAnswers: 0,
  };
  await database.db.endpointHealth.add([{ endpointId: busy?.id ?? '', ...delta }]);
  bodies.length = 0;
  await job().run(never);
  expect(bodies.length).toBe(5);
  expect(
    bodies.some(({ model, provider }) => model === first?.model && provider.only[0] === first.provider.only[0]),
  ).toBe(false);
});

test.each([401, 402, 403])('a key that is answered %i ends the run, and operators can read it', async (refusal) => {
  status = refusal;
  expect(await job().run(never)).toBe(0);
  expect(bodies.length).toBe(1);
  expect(warned).toEqual(['probe.refused']);
});

test('one that cannot be called here is asked again a day later, one that could be an hour later', async () => {
  const probing = job();
  await probing.run(never);
  const quiet = new Set(bodies.map(({ model, provider }) => `${model}@${provider.only[0]}`));
  // Everybody else is in use.
  const catalog = await database.db.catalog.loadSnapshot();
  const others = [...catalog.endpointsByModel.values()]
    .flat()
    .filter(({ modelSlug, tag }) => !quiet.has(`${modelSlug}@${tag}`));
  const delta = {
    answered: 1,
    ok: 1,
    failed: 0,
    latencyMs: {},
    tokensPerSecond: {},
    toolAnswers: 0,
    brokenToolAnswers: 0,
  };
  await database.db.endpointHealth.add(others.map(({ id }) => ({ endpointId: id, ...delta })));
  expect(await probing.run(never)).toBe(0);
  nowMs += 3_600_001;
  status = 404;
  expect(await probing.run(never)).toBe(5);
  nowMs += 3_600_001;
  expect(await probing.run(never)).toBe(0);
  nowMs += 86_400_000;
  expect(await probing.run(never)).toBe(5);
});
