import type { CheckResult, ReconciliationForm, ReconciliationStore } from '@bourse/db';
import type { Logger } from '@bourse/telemetry';
import type { Job } from '../job.ts';
import type { WorkerMetrics } from '../worker-metrics.ts';

/** How long rows of runs are kept: a quarter of nights, a week of hours. */
const KEEP_MS: Readonly<Record<ReconciliationForm, number>> = { full: 90 * 86_400_000, light: 7 * 86_400_000 };
/** How often a worker looks whether a run is due, and what the last one found; most looks do nothing else. */
const LOOK_MS = 60_000;

/**
 * Reconciles when it is time: the rhythm is in the database, so that any number of workers, and their restarts, share one. Every promise leaves
 * a row, kept or not. A broken one is logged as an error and stays in the metric of every worker until a later run finds it kept. Nothing is
 * repaired here: that takes a person.
 */
export function reconcile(options: {
  readonly form: ReconciliationForm;
  readonly everyMs: number;
  readonly check: () => Promise<readonly CheckResult[]>;
  readonly store: ReconciliationStore;
  readonly metrics: WorkerMetrics;
  readonly log: Logger;
}): Job {
  const { form, everyMs, check, store, metrics, log } = options;
  const runNow = async (): Promise<number> => {
    const id = await store.start(form);
    const results = await check();
    await store.finish({ id, results });
    const broken = results.filter(({ differences }) => differences > 0);
    for (const { rule, name, differences, examples } of broken)
      log.error('reconcile.difference', new Error(examples.join('; ')), { rule, promise: name, differences });
    await store.prune({ form, forMs: KEEP_MS[form] });
    return broken.reduce((sum, { differences }) => sum + differences, 0);
  };
  return {
    name: form === 'full' ? 'reconcile' : 'reconcile-light',
    everyMs: Math.min(everyMs, LOOK_MS),
    isExclusive: true,
    async run() {
      const differences = (await store.isDue({ form, everyMs })) ? await runNow() : 0;
      metrics.reconciled(await store.latest());
      return differences;
    },
  };
}
