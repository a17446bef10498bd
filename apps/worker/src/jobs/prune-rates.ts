import type { LimitStore } from '@bourse/db';
import type { Job } from '../job.ts';

const BATCH = 1_000;

/** Forgets who asked for sign-in links, keys and checkouts once it makes no difference any more. */
export function pruneRates(options: { readonly limits: LimitStore; readonly everyMs: number }): Job {
  return {
    name: 'prune-rates',
    everyMs: options.everyMs,
    isExclusive: true,
    async run(stopping) {
      let pruned = 0;
      while (!stopping.aborted) {
        const batch = await options.limits.prune(BATCH);
        pruned += batch;
        if (batch < BATCH) break;
      }
      return pruned;
    },
  };
}
