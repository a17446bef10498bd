import type { LeaseStore } from '@bourse/db';
import type { Job } from '../job.ts';

const BATCH = 500;
/** Twice the largest step that a database's clock may make: a gateway stops spending before its lease ends, by its own clock. */
const GRACE_MS = 10_000;

/**
 * Frees the credit of leases that their gateway did not renew in time: it died, or cannot reach the database. What such a gateway still
 * settles later is charged without the lease. Any number of workers may do this at once.
 */
export function fenceLeases(options: { readonly leases: LeaseStore; readonly everyMs: number }): Job {
  return {
    name: 'fence-leases',
    everyMs: options.everyMs,
    isExclusive: false,
    async run(stopping) {
      let fenced = 0;
      while (!stopping.aborted) {
        const batch = await options.leases.fence({ graceMs: GRACE_MS, limit: BATCH });
        fenced += batch;
        if (batch < BATCH) break;
      }
      return fenced;
    },
  };
}
