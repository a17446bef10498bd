import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '@bourse/db';
import { generateApiKey } from '@bourse/ids';
import { type Nanodollars, nanodollars, nanodollarsFromUsd } from '@bourse/money';
import { type Credential, providerRegistry } from '@bourse/providers';
import { createLogger, createMetrics } from '@bourse/telemetry';
import { createOrganization, createTestDatabase, wideLimits } from '@bourse/testing';
import { parseEnv } from '../src/env.ts';
import { type Gateway, startGateway } from '../src/start-gateway.ts';
import { type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

/** A gateway on a free port with a database of its own and two scripted providers behind two endpoints of `sandbox/atlas-1`. */
export interface Market {
  /** `http://127.0.0.1:port/api/v1` */
  readonly url: string;
  readonly root: string;
  readonly db: Database;
  readonly databaseUrl: string;
  readonly organizationId: string;
  readonly apiKeyId: string;
  /** An inference key with credits. */
  readonly key: string;
  readonly managementKey: string;
  readonly north: ScriptedProvider;
  readonly south: ScriptedProvider;
  readonly gateway: Gateway;
  chat(
    body: Record<string, unknown>,
    init?: { key?: string; headers?: Record<string, string>; signal?: AbortSignal },
  ): Promise<Response>;
  /** Resolves when everything that was answered is in the database. */
  booked(): Promise<void>;
  stop(): Promise<void>;
}

/** A gateway in this process, with a spool of its own unless `environment` names one. */
export interface TestGateway {
  /** `http://127.0.0.1:port` */
  readonly root: string;
  readonly gateway: Gateway;
  /** Stops it and closes the database that it was given. */
  stop(): Promise<void>;
}

/** What a test gateway runs on; `environment` overrides settings. */
export interface TestGatewayParts {
  readonly db: Database;
  readonly databaseUrl: string;
  readonly north: ScriptedProvider;
  readonly south: ScriptedProvider;
  readonly gatewayId: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts a gateway on a free port; any number may share a database. */
export async function startTestGateway(parts: TestGatewayParts): Promise<TestGateway> {
  const { db, databaseUrl, north, south, gatewayId } = parts;
  const credentials = new Map<string, Credential>([
    ['sandbox-north', { apiKey: 'sk-sandbox-north', baseUrl: north.url }],
    ['sandbox-south', { apiKey: 'sk-sandbox-south', baseUrl: south.url }],
  ]);
  const spoolDir = await mkdtemp(join(tmpdir(), 'bourse-spool-'));
  const env = parseEnv({
    NODE_ENV: 'test',
    DATABASE_URL: databaseUrl,
    GATEWAY_PORT: '0',
    GATEWAY_HOST: '127.0.0.1',
    LOG_LEVEL: 'silent',
    GATEWAY_DRAIN_MS: '2000',
    // What a test makes fail fails; tests of retries say otherwise.
    GATEWAY_RETRIES_MAX: '0',
    GATEWAY_SPOOL_DIR: spoolDir,
    ...wideLimits,
    ...parts.environment,
  });
  const gateway = await startGateway({
    env,
    db,
    credentials,
    providers: providerRegistry,
    log: createLogger({ name: 'gateway', level: env.LOG_LEVEL }),
    metrics: createMetrics('gateway'),
    gatewayId,
    now: Date.now,
    draw: () => 0.5,
  });
  return {
    root: `http://127.0.0.1:${gateway.port}`,
    gateway,
    async stop() {
      await gateway.stop(500);
      await rm(spoolDir, { recursive: true, force: true });
    },
  };
}

/** A well-formed key that nobody has. */
export const unknownKey = (): string => generateApiKey('inference');

/** A body that any test can use; only the two scripted providers may serve it. */
export const hi = {
  model: 'sandbox/atlas-1',
  messages: [{ role: 'user', content: 'hi' }],
  max_tokens: 100,
  provider: { only: ['sandbox-north', 'sandbox-south'], order: ['sandbox-north', 'sandbox-south'] },
};

/** Opens a market. `credits` are dollars; `environment` overrides gateway settings. */
export async function openMarket(
  options: { credits?: string; environment?: Record<string, string> } = {},
): Promise<Market> {
  const database = await createTestDatabase();
  const { db } = database;
  const organization = await createOrganization(db, { credits: nanodollarsFromUsd(options.credits ?? '10') });
  const [north, south] = await Promise.all([startScriptedProvider(), startScriptedProvider()]);
  const { root, gateway, stop } = await startTestGateway({
    db,
    databaseUrl: database.url,
    north,
    south,
    gatewayId: 'gw_test',
    ...(options.environment === undefined ? {} : { environment: options.environment }),
  });
  const { plaintext: managementKey } = await db.keys.create({
    organizationId: organization.organizationId,
    createdByUserId: null,
    kind: 'management',
    name: 'management',
  });
  return {
    url: `${root}/api/v1`,
    root,
    db,
    databaseUrl: database.url,
    organizationId: organization.organizationId,
    apiKeyId: organization.apiKeyId,
    key: organization.apiKey,
    managementKey,
    north,
    south,
    gateway,
    chat: (body, init = {}) =>
      fetch(`${root}/api/v1/chat/completions`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${init.key ?? organization.apiKey}`,
          'content-type': 'application/json',
          ...init.headers,
        },
        body: JSON.stringify(body),
        ...(init.signal === undefined ? {} : { signal: init.signal }),
      }),
    async booked() {
      if (!(await gateway.booked(organization.organizationId))) throw new Error('charges do not reach the books');
    },
    async stop() {
      await stop();
      await Promise.all([north.close(), south.close()]);
      await database.drop();
    },
  };
}

/** Polls until the condition holds; fails with the last value after 30 s, which a busy machine may need. */
export async function eventually<Value>(
  read: () => Promise<Value>,
  wanted: ((value: Value) => boolean) | { readonly holds: (value: Value) => boolean; readonly patienceMs: number },
): Promise<Value> {
  const { holds, patienceMs } = typeof wanted === 'function' ? { holds: wanted, patienceMs: 30_000 } : wanted;
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (Date.now() > deadline) throw new Error(`still not true after ${patienceMs} ms: ${String(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** What is set aside for running generations, in the database and in memory. */
export async function heldAmount(market: Market): Promise<Nanodollars> {
  const { count } = await market.db.ledger.openHolds();
  const { held } = await market.db.ledger.balance(market.organizationId);
  return nanodollars((count === 0 ? 0n : held) + market.gateway.reserved());
}
