import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, type SwitchName } from '@bourse/db';
import { nanodollarsFromUsd } from '@bourse/money';
import { providerRegistry } from '@bourse/providers';
import { createLogger, createMetrics } from '@bourse/telemetry';
import {
  createOrganization,
  createTestDatabase,
  type DatabaseProxy,
  startDatabaseProxy,
  type TestDatabase,
  type TestOrganization,
} from '@bourse/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { parseEnv } from '../src/env.ts';
import { type Gateway, startGateway } from '../src/start-gateway.ts';
import { eventually, hi } from './harness.ts';
import { beginStream, frames, hello, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

/** How long a switch may take to be in force at every gateway. */
const WITHIN_MS = 5_000;

let database: TestDatabase;
let proxy: DatabaseProxy;
let owner: TestOrganization;
let north: ScriptedProvider;
let south: ScriptedProvider;
let spoolDir: string;
/** The second one reaches the database through the proxy. */
let gateways: readonly [Gateway, Gateway];

async function openGateway(name: string, url: string): Promise<Gateway> {
  const env = parseEnv({
    NODE_ENV: 'test',
    DATABASE_URL: url,
    GATEWAY_PORT: '0',
    GATEWAY_HOST: '127.0.0.1',
    GATEWAY_RETRIES_MAX: '0',
    LOG_LEVEL: 'silent',
    GATEWAY_SPOOL_DIR: spoolDir,
  });
  return startGateway({
    env,
    db: openDatabase({ url, applicationName: `bourse-${name}` }),
    credentials: new Map([
      ['sandbox-north', { apiKey: 'sk-sandbox-north', baseUrl: north.url }],
      ['sandbox-south', { apiKey: 'sk-sandbox-south', baseUrl: south.url }],
    ]),
    providers: providerRegistry,
    log: createLogger({ name: 'gateway', level: 'silent' }),
    metrics: createMetrics('gateway'),
    gatewayId: `gw_${name}`,
    now: Date.now,
    draw: () => 0.5,
  });
}

beforeAll(async () => {
  [database, north, south] = await Promise.all([
    createTestDatabase(),
    startScriptedProvider(),
    startScriptedProvider(),
  ]);
  [proxy, owner, spoolDir] = await Promise.all([
    startDatabaseProxy(database.url),
    createOrganization(database.db, { credits: nanodollarsFromUsd('100') }),
    mkdtemp(join(tmpdir(), 'bourse-spool-')),
  ]);
  gateways = [await openGateway('near', database.url), await openGateway('far', proxy.url)];
});

const turn = (name: SwitchName, argument: string, isOn: boolean) =>
  database.db.switches.turn({ name, argument, isOn, reason: 'a test', actor: 'test' });

afterEach(async () => {
  for (const { name, argument } of await database.db.switches.listOn()) await turn(name, argument, false);
  await everywhere((answer) => answer.status === 200);
});

afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.stop(500)));
  await Promise.all([north.close(), south.close(), proxy.close()]);
  await database.drop();
  await rm(spoolDir, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly body: {
    readonly provider?: string;
    readonly error?: { readonly message: string; readonly metadata?: Readonly<Record<string, unknown>> };
  };
}

function chat(gateway: Gateway, body: object = hi): Promise<Response> {
  return fetch(`http://127.0.0.1:${gateway.port}/api/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${owner.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function ask(gateway: Gateway): Promise<Answer> {
  const response = await chat(gateway);
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

/** Asks both gateways until both answer so; answers the milliseconds that it took, and the last answers. */
async function everywhere(holds: (answer: Answer) => boolean) {
  const since = performance.now();
  const answers = await Promise.all(
    gateways.map((gateway) =>
      eventually(
        () => ask(gateway),
        (answer) => holds(answer),
      ),
    ),
  );
  return { tookMs: performance.now() - since, answers };
}

/** What may become of the notices of the second gateway while a switch is turned. */
const weathers: readonly (readonly [string, () => void])[] = [
  ['notices arrive', () => undefined],
  ['the connection of the notices was cut', () => proxy.cutNotices()],
  ['the connection of the notices fell silent, which nobody is told', () => proxy.silenceNotices()],
];

describe.each(weathers)('within five seconds at both gateways, when %s', (_case, damage) => {
  test('stop_reserves refuses what is new with a 503 that says why, and lets a running answer finish', async () => {
    const gate = Promise.withResolvers<void>();
    north.script = async (call) => {
      if (call.body['stream'] !== true) return hello(call);
      beginStream(call.response);
      call.response.write(frames.role + frames.text('first '));
      await gate.promise;
      call.response.end(frames.text('last') + frames.finish + frames.usage(10, 5) + frames.done);
    };
    const running = await chat(gateways[1], { ...hi, stream: true });
    damage();
    expect(await turn('stop_reserves', '', true)).toBe('turned');
    const { tookMs, answers } = await everywhere(({ status }) => status === 503);
    expect(tookMs).toBeLessThan(WITHIN_MS);
    for (const { body } of answers) {
      expect(body.error?.message).toContain('paused by the operator');
      expect(body.error?.metadata).toMatchObject({ reason: 'reserves_stopped' });
    }
    gate.resolve();
    expect(await running.text()).toMatch(/last[\s\S]*\[DONE\]/);
  });

  test('force_direct brings every leased cent home, and requests are reserved in the database', async () => {
    north.script = hello;
    await everywhere(({ status }) => status === 200);
    const held = async () => (await database.db.ledger.balance(owner.organizationId)).held;
    await eventually(held, (amount) => amount > 0n);
    damage();
    const since = performance.now();
    await turn('force_direct', '', true);
    await eventually(held, (amount) => amount === 0n);
    expect(performance.now() - since).toBeLessThan(WITHIN_MS);
    const gate = Promise.withResolvers<void>();
    north.script = async (call) => {
      await gate.promise;
      await hello(call);
    };
    const running = gateways.map((gateway) => chat(gateway));
    await eventually(
      () => database.db.ledger.openHolds(),
      ({ count }) => count === 2,
    );
    gate.resolve();
    expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200]);
    await eventually(held, (amount) => amount === 0n);
    north.script = hello;
    await turn('force_direct', '', false);
    await eventually(
      async () => {
        await everywhere(({ status }) => status === 200);
        return held();
      },
      (amount) => amount > 0n,
    );
  });

  test('stop_provider sends requests elsewhere, and with stop_endpoint for the rest it is a 503', async () => {
    north.script = hello;
    damage();
    await turn('stop_provider', 'sandbox-north', true);
    const moved = await everywhere(({ body }) => body.provider?.includes('South') === true);
    expect(moved.tookMs).toBeLessThan(WITHIN_MS);
    await turn('stop_endpoint', 'sandbox/atlas-1@sandbox-south', true);
    const { tookMs, answers } = await everywhere(({ status }) => status === 503);
    expect(tookMs).toBeLessThan(WITHIN_MS);
    expect(answers[0]?.body.error?.metadata).toMatchObject({ excluded_by: expect.arrayContaining(['stopped']) });
  });

  test('freeze_organization refuses the organization with 403', async () => {
    damage();
    await turn('freeze_organization', owner.organizationId, true);
    const { tookMs } = await everywhere(({ status }) => status === 403);
    expect(tookMs).toBeLessThan(WITHIN_MS);
  });
});
