import type { AddressInfo } from 'node:net';
import { type CheckResult, type Database, ledgerCheck, migrate } from '@bourse/db';
import { nanodollarsFromUsd } from '@bourse/money';
import { createPaymentAudit } from '@bourse/payments';
import type { Logger, Metrics } from '@bourse/telemetry';
import { serve } from '@hono/node-server';
import { createApp } from './app.ts';
import type { Env } from './env.ts';
import type { Job } from './job.ts';
import { expireHolds } from './jobs/expire-holds.ts';
import { fenceLeases } from './jobs/fence-leases.ts';
import { probeEndpoints } from './jobs/probe-endpoints.ts';
import { pruneHealth } from './jobs/prune-health.ts';
import { pruneIdempotency } from './jobs/prune-idempotency.ts';
import { pruneIdentity } from './jobs/prune-identity.ts';
import { pruneOutbox } from './jobs/prune-outbox.ts';
import { pruneRates } from './jobs/prune-rates.ts';
import { reconcile } from './jobs/reconcile.ts';
import { refreshRollups } from './jobs/refresh-rollups.ts';
import { sendOutbox } from './jobs/send-outbox.ts';
import { watchBalances } from './jobs/watch-balances.ts';
import { watchCatalog } from './jobs/watch-catalog.ts';
import { deliver } from './mail/deliver.ts';
import { createMailer, type Mailer } from './mail/mailer.ts';
import { pause } from './pause.ts';
import { checkPayments } from './reconciliation/check-payments.ts';
import { type Scheduler, startScheduler } from './scheduler.ts';
import { createWorkerMetrics, type WorkerMetrics } from './worker-metrics.ts';

/** The parts that only a process (or a test) can supply. */
export interface WorkerParts {
  readonly env: Env;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly db: Database;
  readonly now: () => number;
  readonly draw: () => number;
}

/** A running worker. */
export interface Worker {
  readonly port: number;
  /** Lets running jobs end, then closes everything. */
  readonly stop: () => Promise<void>;
}

const READY_PROBE_MS = 1_000;

/** The books as they are now, and nightly what they were made of and what was paid for them. */
function reconciliationJobs(parts: WorkerParts, metrics: WorkerMetrics): readonly Job[] {
  const { env, db, log, now } = parts;
  const { STRIPE_SECRET_KEY: secretKey, STRIPE_API_BASE: apiBase, DATABASE_URL: url } = env;
  const audit = secretKey === undefined ? null : createPaymentAudit({ secretKey, apiBase, fetch });
  const common = { store: db.reconciliations, metrics, log };
  const checkAll = async (): Promise<readonly CheckResult[]> => [
    ...(await ledgerCheck({ url, form: 'full' })),
    await checkPayments(audit, { store: db.reconciliations, now }),
  ];
  return [
    reconcile({ ...common, form: 'full', everyMs: env.WORKER_RECONCILE_MS, check: checkAll }),
    reconcile({ ...common, form: 'light', everyMs: env.WORKER_LEDGER_CHECK_MS, check: () => ledgerCheck({ url }) }),
  ];
}

function outboxJobs({ env, db, log }: WorkerParts, mailer: Mailer): readonly Job[] {
  const parts = { db, mailer, dashboardUrl: env.BOURSE_DASHBOARD_URL, operatorEmails: env.BOURSE_OPERATOR_EMAILS };
  const thresholdDefault = nanodollarsFromUsd(env.WORKER_LOW_BALANCE_USD);
  return [
    watchBalances({ outbox: db.outbox, thresholdDefault, everyMs: env.WORKER_BALANCES_MS }),
    sendOutbox({
      outbox: db.outbox,
      deliver: (message) => deliver(message, parts),
      log,
      everyMs: env.WORKER_OUTBOX_MS,
    }),
    pruneOutbox({ outbox: db.outbox, everyMs: env.WORKER_PRUNE_MS }),
  ];
}

/** None without a key that pays for it. */
function probeJobs({ env, db, log, now }: WorkerParts): readonly Job[] {
  const { WORKER_PROBE_API_KEY: apiKey, BOURSE_GATEWAY_URL: gatewayUrl, WORKER_PROBE_MS: everyMs } = env;
  return apiKey === undefined ? [] : [probeEndpoints({ db, gatewayUrl, apiKey, fetch, log, now, everyMs })];
}

function createJobs(parts: WorkerParts, metrics: WorkerMetrics, mailer: Mailer): readonly Job[] {
  const { env, db, log, now } = parts;
  return [
    expireHolds({ ledger: db.ledger, metrics, everyMs: env.WORKER_EXPIRE_HOLDS_MS }),
    fenceLeases({ leases: db.leases, everyMs: env.WORKER_EXPIRE_HOLDS_MS, graceMs: env.WORKER_FENCE_GRACE_MS }),
    refreshRollups({ rankings: db.rankings, everyMs: env.WORKER_ROLLUP_MS }),
    ...reconciliationJobs(parts, metrics),
    ...outboxJobs(parts, mailer),
    watchCatalog({ proposals: db.catalogProposals, metrics, log, everyMs: env.WORKER_CATALOG_MS }),
    pruneIdempotency({ idempotency: db.idempotency, everyMs: env.WORKER_PRUNE_MS }),
    pruneRates({ limits: db.limits, everyMs: env.WORKER_PRUNE_MS }),
    pruneIdentity({ identity: db.identity, everyMs: env.WORKER_PRUNE_MS, now }),
    pruneHealth({ endpointHealth: db.endpointHealth, everyMs: env.WORKER_PRUNE_MS }),
    ...probeJobs(parts),
  ];
}

interface Listener {
  readonly port: number;
  readonly close: () => Promise<void>;
}

function listen(parts: WorkerParts, operations: { isServing: () => boolean; scheduler: Scheduler }): Promise<Listener> {
  const { env, metrics } = parts;
  const app = createApp({ isServing: operations.isServing, jobs: operations.scheduler.status, metrics });
  return new Promise((resolve, reject) => {
    const server = serve(
      { fetch: app.fetch, port: env.WORKER_PORT, hostname: env.WORKER_HOST, overrideGlobalObjects: false },
      ({ port }: AddressInfo) => {
        const close = () => new Promise<void>((closed) => server.close(() => closed()));
        resolve({ port, close });
      },
    );
    server.once('error', reject);
  });
}

/** Migrates, listens, starts the jobs. Rejects with one sentence when the database or the port is not to be had. */
export async function startWorker(parts: WorkerParts): Promise<Worker> {
  const { db, env, log, now, draw } = parts;
  await migrate({ url: env.DATABASE_URL });
  let isAnswering = true;
  let isStopping = false;
  const probe = setInterval(() => {
    db.health.ping().then(
      () => {
        isAnswering = true;
      },
      () => {
        isAnswering = false;
      },
    );
  }, READY_PROBE_MS);
  const metrics = createWorkerMetrics(parts.metrics);
  const mailer = createMailer({ smtpUrl: env.SMTP_URL, from: env.MAIL_FROM });
  const jobs = createJobs(parts, metrics, mailer);
  const scheduler = startScheduler(jobs, { tryLock: db.jobs.tryLock, metrics, log, now, draw, pause });
  const stopJobs = async (): Promise<void> => {
    clearInterval(probe);
    await scheduler.stop();
    mailer.close();
    await db.close();
  };
  try {
    const listener = await listen(parts, { isServing: () => isAnswering && !isStopping, scheduler });
    const stop = async (): Promise<void> => {
      isStopping = true;
      await stopJobs();
      await listener.close();
    };
    return { port: listener.port, stop };
  } catch (error) {
    await stopJobs(); // no jobs without a health page: whoever started us must see that we failed
    throw error;
  }
}
