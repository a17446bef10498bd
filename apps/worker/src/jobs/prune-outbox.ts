import type { OutboxStore } from '@bourse/db';
import type { Job } from '../job.ts';

const BATCH = 1_000;
/** How long what was done can be looked up, in milliseconds. */
const DONE_FOR_MS = 30 * 86_400_000;

/** Removes messages that were carried out a month ago. Those that were given up stay. */
export function pruneOutbox(options: { readonly outbox: OutboxStore; readonly everyMs: number }): Job {
  return {
    name: 'prune-outbox',
    everyMs: options.everyMs,
    isExclusive: true,
    async run(stopping) {
      let pruned = 0;
      while (!stopping.aborted) {
        const batch = await options.outbox.prune({ doneForMs: DONE_FOR_MS, limit: BATCH });
        pruned += batch;
        if (batch < BATCH) break;
      }
      return pruned;
    },
  };
}
