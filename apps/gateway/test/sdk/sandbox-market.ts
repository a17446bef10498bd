import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nanodollarsFromUsd } from '@bourse/money';
import { credentialsFromEnvironment, providerRegistry } from '@bourse/providers';
import { createLogger, createMetrics } from '@bourse/telemetry';
import { createOrganization, createTestDatabase, type SandboxProcess, startSandbox, wideLimits } from '@bourse/testing';
import { parseEnv } from '../../src/env.ts';
import { startGateway } from '../../src/start-gateway.ts';

/** A gateway before the sandbox's whole market, as `npm start` has it. */
export interface SandboxMarket {
  /** `http://127.0.0.1:port` */
  readonly root: string;
  /** An inference key with ten dollars. */
  readonly key: string;
  readonly sandbox: SandboxProcess;
  /** The generation's record as the API tells it, once it is in the books. */
  generation(id: string): Promise<{ readonly total_cost: number; readonly provider_name: string }>;
  stop(): Promise<void>;
}

/** Opens one; `environment` overrides settings of the gateway, `providersAt` configures providers that the sandbox plays. */
export async function openSandboxMarket(
  environment: Readonly<Record<string, string>> = {},
  providersAt: (sandboxUrl: string) => Readonly<Record<string, string>> = () => ({}),
): Promise<SandboxMarket> {
  const [database, sandbox] = await Promise.all([
    createTestDatabase(),
    startSandbox({ SANDBOX_FIRST_BYTE_MS: '1', SANDBOX_TOKENS_PER_SECOND: '100000' }),
  ]);
  const { db } = database;
  const { apiKey } = await createOrganization(db, { credits: nanodollarsFromUsd('10') });
  const spoolDir = await mkdtemp(join(tmpdir(), 'bourse-spool-'));
  const env = parseEnv({
    NODE_ENV: 'test',
    DATABASE_URL: database.url,
    GATEWAY_PORT: '0',
    GATEWAY_HOST: '127.0.0.1',
    // Faults are ordered call by call, and what they lead to must not depend on those before.
    GATEWAY_RETRIES_MAX: '0',
    GATEWAY_BREAKER_OPEN_MS: '1',
    GATEWAY_CREDENTIAL_REST_MS: '1',
    LOG_LEVEL: 'silent',
    GATEWAY_SPOOL_DIR: spoolDir,
    ...wideLimits,
    ...environment,
  });
  const gateway = await startGateway({
    env,
    db,
    credentials: credentialsFromEnvironment(providersAt(sandbox.url), { sandboxUrl: sandbox.url }),
    providers: providerRegistry,
    log: createLogger({ name: 'gateway', level: env.LOG_LEVEL }),
    metrics: createMetrics('gateway'),
    gatewayId: 'gw_sdk',
    now: Date.now,
    draw: () => 0.5,
  });
  const root = `http://127.0.0.1:${gateway.port}`;
  return {
    root,
    key: apiKey,
    sandbox,
    async generation(id) {
      const response = await fetch(`${root}/api/v1/generation?id=${id}`, {
        headers: { authorization: `Bearer ${apiKey}` },
      });
      const { data } = (await response.json()) as { data: { total_cost: number; provider_name: string } }; // our own route, tested elsewhere
      return data;
    },
    async stop() {
      await gateway.stop(500);
      await sandbox.stop();
      await database.drop();
      await rm(spoolDir, { recursive: true, force: true });
    },
  };
}
