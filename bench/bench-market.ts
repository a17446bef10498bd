import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, openDatabase } from '@bourse/db';
import { nanodollarsFromUsd } from '@bourse/money';
import { wideLimits } from '@bourse/testing';
import { gatewayNodeArgs } from '../scripts/start/apps.ts';
import * as postgres from '../scripts/start/database.ts';
import { findFreePorts } from '../scripts/start/ports.ts';
import { type ProbedProcess, startProbed } from './probed-process.ts';

/** A gateway or relay to send load to. */
export interface Target {
  readonly process: ProbedProcess;
  readonly url: string;
  /** Whether its answers carry a price. */
  readonly isPriced: boolean;
}

/** Everything that runs during a benchmark, each part in a process of its own. */
export interface BenchMarket extends AsyncDisposable {
  readonly upstream: Target;
  readonly relay: Target;
  readonly bourse: Target;
  readonly load: ProbedProcess;
  readonly db: Database;
  readonly organizationId: string;
  readonly key: string;
  readonly model: string;
  readonly postgresDataDir: string;
}

const MODEL = 'sandbox/atlas-instant';
const READY_TIMEOUT_MS = 60_000;

async function startAt(spec: Parameters<typeof startProbed>[0], isPriced = false): Promise<Target> {
  const started = startProbed(spec);
  const port = await started.told('port');
  return { process: started, url: `http://127.0.0.1:${port}`, isPriced };
}

/** What a process wrote last: its directory is gone when somebody reads of its failure. */
function tailOf(logFile: string): string {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-10).join('\n');
}

async function untilReady(url: string, logFile: string): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (performance.now() < deadline) {
    const answer = await fetch(`${url}/readyz`).catch(() => null); // not listening yet
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(
    `The gateway was not ready within ${READY_TIMEOUT_MS / 1_000} s. Its log ends with:\n${tailOf(logFile)}`,
  );
}

/** A state directory that PostgreSQL can reach when it must run as another user. */
function makeStateDir(): string {
  const stateDir = mkdtempSync(join(tmpdir(), 'bourse-bench-'));
  chmodSync(stateDir, 0o755);
  return stateDir;
}

async function startGateway(
  at: { stateDir: string; databaseUrl: string; upstreamUrl: string; nodeArgs: readonly string[] },
  running: AsyncDisposableStack,
): Promise<Target> {
  const { gateway: port } = await findFreePorts();
  const logFile = join(at.stateDir, 'gateway.log');
  const gateway = startProbed({
    name: 'gateway',
    script: 'apps/gateway/src/main.ts',
    env: {
      NODE_ENV: 'production',
      DATABASE_URL: at.databaseUrl,
      GATEWAY_PORT: String(port),
      GATEWAY_HOST: '127.0.0.1',
      BOURSE_SANDBOX_URL: at.upstreamUrl,
      LOG_LEVEL: 'warn',
      // Idle streams stay open for as long as they are counted.
      GATEWAY_IDLE_TIMEOUT_MS: '600000',
      GATEWAY_KEEP_ALIVE_MS: '600000',
      GATEWAY_DRAIN_MS: '5000',
      ...wideLimits,
      GATEWAY_SPOOL_DIR: join(at.stateDir, 'spool'),
    },
    logFile,
    nodeArgs: at.nodeArgs,
  });
  running.defer(() => gateway.stop());
  const url = `http://127.0.0.1:${port}`;
  await untilReady(url, logFile);
  return { process: gateway, url, isPriced: true };
}

/** Starts the upstream, the relay, PostgreSQL, the gateway and the load. Disposing of it leaves nothing behind. */
export async function startBenchMarket(options: {
  readonly paceMs: number;
  /** For the gateway's Node, e.g. to write a profile. */
  readonly gatewayNodeArgs: readonly string[];
}): Promise<BenchMarket> {
  await using running = new AsyncDisposableStack();
  const stateDir = makeStateDir();
  running.defer(() => rmSync(stateDir, { recursive: true, force: true }));
  const { postgres: port } = await findFreePorts();
  const server = await postgres.openDatabase({ configuredUrl: undefined, stateDir, port });
  running.defer(() => server.stop());
  const variables = { PATH: process.env['PATH'] ?? '', DATABASE_URL: server.url };
  await postgres.migrate(variables);
  const access = await postgres.seed(variables);
  const db = openDatabase({ url: server.url, applicationName: 'bourse-bench', poolMax: 2, moneyPoolMax: 1 });
  running.defer(() => db.close());
  await db.ledger.grant({
    idempotencyKey: 'bench',
    organizationId: access.organizationId,
    amount: nanodollarsFromUsd('100000'),
    reference: 'benchmark',
    actor: 'bench',
  });

  const log = (name: string) => join(stateDir, `${name}.log`);
  const upstream = await startAt({
    name: 'upstream',
    script: 'bench/upstream.ts',
    env: { BENCH_PACE_MS: String(options.paceMs) },
    logFile: log('upstream'),
  });
  running.defer(() => upstream.process.stop());
  const relay = await startAt({
    name: 'relay',
    script: 'bench/relay.ts',
    env: {
      BENCH_UPSTREAM: upstream.url,
      BENCH_KEY_HASH: createHash('sha256').update(access.apiKey).digest('hex'),
      NODE_ENV: 'production',
    },
    logFile: log('relay'),
  });
  running.defer(() => relay.process.stop());
  const nodeArgs = [...gatewayNodeArgs, ...options.gatewayNodeArgs];
  const bourse = await startGateway(
    { stateDir, databaseUrl: server.url, upstreamUrl: upstream.url, nodeArgs },
    running,
  );
  const load = startProbed({ name: 'load', script: 'bench/load.ts', env: {}, logFile: log('load') });
  running.defer(() => load.stop());
  await load.told('port');

  const started = running.move();
  return {
    upstream,
    relay,
    bourse,
    load,
    db,
    organizationId: access.organizationId,
    key: access.apiKey,
    model: MODEL,
    postgresDataDir: join(stateDir, 'postgres'),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}
