import type { Metrics } from '@bourse/telemetry';

/** How a run of a job ended. `skipped`: another worker was at it. */
export type RunOutcome = 'done' | 'skipped' | 'failed';

/** What the worker counts. Labels are the names of jobs, which are few. */
export interface WorkerMetrics {
  readonly run: (run: { job: string; outcome: RunOutcome; count: number }, seconds: number) => void;
  readonly openHolds: (holds: { count: number; overdue: number }) => void;
  /** Anything but 0 is money that does not add up: page somebody. */
  readonly ledgerDifferences: (count: number) => void;
}

const SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300];

/** Registers the worker's metrics once per process. */
export function createWorkerMetrics(metrics: Metrics): WorkerMetrics {
  const runs = metrics.histogram('bourse_job_seconds', 'Time of a run of a job', {
    labels: ['job', 'outcome'],
    buckets: SECONDS,
  });
  const counts = metrics.counter('bourse_job_count_total', 'Things that a job did: holds expired, hours rolled up', [
    'job',
  ]);
  let seen = { count: 0, overdue: 0 };
  let differences = 0;
  metrics.gauge('bourse_open_holds', 'Holds that are neither settled nor given back', () => seen.count);
  metrics.gauge('bourse_overdue_holds', 'Open holds whose time has passed', () => seen.overdue);
  metrics.gauge('bourse_ledger_differences', 'Differences that the last ledger check found', () => differences);
  return {
    run: ({ job, outcome, count }, seconds) => {
      runs.observe({ job, outcome }, seconds);
      counts.inc({ job }, count);
    },
    openHolds: (holds) => {
      seen = holds;
    },
    ledgerDifferences: (count) => {
      differences = count;
    },
  };
}
