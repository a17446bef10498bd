import type { CheckResult, ReconciliationRun, SyncRun } from '@bourse/db';
import type { Metrics } from '@bourse/telemetry';

/** How a run of a job ended. `skipped`: another worker was at it. */
export type RunOutcome = 'done' | 'skipped' | 'failed';

/** What the worker counts. Labels are the names of jobs, which are few. */
export interface WorkerMetrics {
  readonly run: (run: { job: string; outcome: RunOutcome; count: number }, seconds: number) => void;
  readonly openHolds: (holds: { count: number; overdue: number }) => void;
  /** The latest run of each form; where both looked at a promise, the later one counts. */
  readonly reconciled: (runs: readonly ReconciliationRun[]) => void;
  /** Proposals that wait for a person, and the last look at the sources of the catalog. */
  readonly catalogSync: (state: { readonly pending: number; readonly lastSync: SyncRun | null }) => void;
}

const SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300];

function differencesByRule(runs: readonly ReconciliationRun[]): ReadonlyMap<string, number> {
  const results = new Map<string, CheckResult>();
  for (const run of runs.toSorted((one, other) => one.finishedAt.getTime() - other.finishedAt.getTime()))
    for (const result of run.results) results.set(result.name, result);
  const differences = new Map<string, number>();
  for (const result of results.values()) {
    if (!result.isConfigured) continue;
    differences.set(result.rule, (differences.get(result.rule) ?? 0) + result.differences);
  }
  return differences;
}

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
  let reconciliations: readonly ReconciliationRun[] = [];
  let catalog: { readonly pending: number; readonly lastSync: SyncRun | null } = { pending: 0, lastSync: null };
  metrics.gauge(
    'bourse_catalog_proposals_pending',
    'Changes of the catalog that wait for a person',
    () => catalog.pending,
  );
  metrics.gauge('bourse_catalog_sync_refused', '1 when the last look at the sources of the catalog was refused', () =>
    catalog.lastSync?.outcome === 'refused' ? 1 : 0,
  );
  metrics.gauge('bourse_catalog_sync_seconds', 'When the sources were last looked at, since 1970; 0 = never', () =>
    catalog.lastSync === null ? 0 : catalog.lastSync.at.getTime() / 1_000,
  );
  metrics.gauge('bourse_open_holds', 'Holds that are neither settled nor given back', () => seen.count);
  metrics.gauge('bourse_overdue_holds', 'Open holds whose time has passed', () => seen.overdue);
  // Anything but 0 is money that does not add up: page somebody. A promise that nothing can be compared with has no value.
  metrics.gauges('bourse_reconciliation_differences', 'Differences that the last reconciliation found', {
    label: 'rule',
    read: () => differencesByRule(reconciliations),
  });
  metrics.gauges('bourse_reconciliation_finished_seconds', 'When the last run of a form ended, since 1970', {
    label: 'form',
    read: () => new Map(reconciliations.map(({ form, finishedAt }) => [form, finishedAt.getTime() / 1_000])),
  });
  return {
    run: ({ job, outcome, count }, seconds) => {
      runs.series(job, outcome).observe(seconds);
      counts.inc({ job }, count);
    },
    openHolds: (holds) => {
      seen = holds;
    },
    reconciled: (runs) => {
      reconciliations = runs;
    },
    catalogSync: (state) => {
      catalog = state;
    },
  };
}
