import type { LedgerStore } from '@bourse/db';
import type { Job } from '../job.ts';
import type { WorkerMetrics } from '../worker-metrics.ts';

/** Small enough that one batch holds its locks for milliseconds. */
const BATCH = 500;

/**
 * Gives back the money of holds whose time has passed: their gateway died, or could not reach the database in time. It never guesses
 * a charge; a settlement that comes later still lands once. Any number of workers may do this at once, each takes other rows.
 */
export function expireHolds(options: {
  readonly ledger: LedgerStore;
  readonly metrics: WorkerMetrics;
  readonly everyMs: number;
}): Job {
  const { ledger, metrics, everyMs } = options;
  return {
    name: 'expire-holds',
    everyMs,
    isExclusive: false,
    async run(stopping) {
      let expired = 0;
      while (!stopping.aborted) {
        const batch = await ledger.expireHolds(BATCH);
        expired += batch;
        if (batch < BATCH) break;
      }
      metrics.openHolds(await ledger.openHolds());
      return expired;
    },
  };
}
