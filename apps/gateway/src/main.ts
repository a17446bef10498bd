import cluster from 'node:cluster';
import { randomBase62 } from '@bourse/ids';
import { credentialsFromEnvironment, providerRegistry } from '@bourse/providers';
import { createLogger, createMetrics, type Logger } from '@bourse/telemetry';
import { runPrimary } from './cluster/primary.ts';
import { openGatewayDatabase } from './database.ts';
import { type Env, parseEnv, processEnvironment } from './env.ts';
import { startGateway } from './start-gateway.ts';

/** One process: dependencies -> listen -> drain. */
async function serve(env: Env, environment: ReturnType<typeof processEnvironment>, log: Logger): Promise<void> {
  const gateway = await startGateway({
    env,
    log,
    metrics: createMetrics('gateway'),
    db: openGatewayDatabase(env.DATABASE_URL),
    providers: providerRegistry,
    credentials: credentialsFromEnvironment(environment, { sandboxUrl: env.BOURSE_SANDBOX_URL ?? null }),
    gatewayId: `gw_${randomBase62(12)}`,
    now: Date.now,
    draw: Math.random,
  });
  log.info('gateway.listening', { port: gateway.port });
  let signals = 0;
  const onSignal = (): void => {
    signals += 1;
    if (signals > 1) process.exit(1);
    log.info('gateway.draining', {});
    void gateway.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error('gateway.stop_failed', error);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  // A terminal sends its interrupt to all processes at once; of several, the primary passes it on.
  process.on('SIGINT', cluster.isWorker ? () => undefined : onSignal);
  const onFatal = (error: unknown): void => {
    // A state that nobody foresaw: stop taking work, let running answers end, then start fresh.
    log.error('gateway.fatal', error);
    void gateway.stop(5_000).finally(() => process.exit(1));
  };
  process.on('uncaughtException', onFatal);
  process.on('unhandledRejection', onFatal);
}

/** env -> one process, or several under a primary. The only place that names the process' clock, randomness and environment. */
async function main(): Promise<void> {
  const environment = processEnvironment();
  const env = parseEnv(environment);
  const log = createLogger({ name: 'gateway', level: env.LOG_LEVEL });
  if (env.GATEWAY_PROCESSES === 1 || cluster.isWorker) return serve(env, environment, log);
  log.info('gateway.primary', { processes: env.GATEWAY_PROCESSES });
  process.exit(await runPrimary({ processes: env.GATEWAY_PROCESSES, log, now: () => performance.now() }));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
