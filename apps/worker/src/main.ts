import { openDatabase } from '@bourse/db';
import { createLogger, createMetrics } from '@bourse/telemetry';
import { readEnv } from './env.ts';
import { startWorker } from './start-worker.ts';

/** env -> dependencies -> jobs -> drain. The only place that names the process' clock, randomness and environment. */
async function main(): Promise<void> {
  const env = readEnv();
  const log = createLogger({ name: 'worker', level: env.LOG_LEVEL });
  const worker = await startWorker({
    env,
    log,
    metrics: createMetrics('worker'),
    // Every job may need two connections at once: one for its lock, one for its work. With fewer, locks would keep work waiting for ever.
    db: openDatabase({ url: env.DATABASE_URL, applicationName: 'bourse-worker', poolMax: 20, moneyPoolMax: 2 }),
    now: Date.now,
    draw: Math.random,
  });
  log.info('worker.started', { port: worker.port });
  let signals = 0;
  const onSignal = (): void => {
    signals += 1;
    if (signals > 1) process.exit(1);
    log.info('worker.stopping');
    void worker.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error('worker.stop_failed', error);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  const onFatal = (error: unknown): void => {
    // A state that nobody foresaw. Jobs may be cut off anywhere, so there is nothing to save: end, and be started again.
    log.error('worker.fatal', error);
    process.exit(1);
  };
  process.on('uncaughtException', onFatal);
  process.on('unhandledRejection', onFatal);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
