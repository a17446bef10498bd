import type { LeaseStore } from '@bourse/db';
import type { Job } from '../job.ts';

const BATCH = 500;
/**
 * Frees the credit of leases that their gateway did not renew in time: it died, or cannot reach the database. What such a gateway still
 * settles later is charged without the lease. Any number of workers may do this at once.
 */
export function fenceLeases(options: {
  readonly leases: LeaseStore;
  readonly everyMs: number;
  /** Beyond a lease's end: at least twice the largest step that a database's clock may make. */
  readonly graceMs: number;
}): Job {
  return {
    name: 'fence-leases',
    everyMs: options.everyMs,
    isExclusive: false,
    async run(stopping) {
      let fenced = 0;
      while (!stopping.aborted) {
        const batch = await options.leases.fence({ graceMs: options.graceMs, limit: BATCH });
        fenced += batch;
        if (batch < BATCH) break;
      }
      return fenced;
    },
  };
}
