import type { IdempotencyStore } from '@bourse/db';
import type { Job } from '../job.ts';

/** Answers are up to 4 MiB each: a batch frees what one transaction comfortably can. */
const BATCH = 200;

/** Removes answers whose day is over. They are given to nobody any more; they are removed so that they are nowhere. */
export function pruneIdempotency(options: { readonly idempotency: IdempotencyStore; readonly everyMs: number }): Job {
  return {
    name: 'prune-idempotency',
    everyMs: options.everyMs,
    isExclusive: true,
    async run(stopping) {
      let pruned = 0;
      while (!stopping.aborted) {
        const batch = await options.idempotency.prune(BATCH);
        pruned += batch;
        if (batch < BATCH) break;
      }
      return pruned;
    },
  };
}
