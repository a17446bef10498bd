import type { IdentityStore } from '@bourse/db';
import type { Job } from '../job.ts';

/** Removes sessions and e-mail links that are over. They open nothing any more; they are removed so that they cannot leak. */
export function pruneIdentity(options: {
  readonly identity: IdentityStore;
  readonly everyMs: number;
  readonly now: () => number;
}): Job {
  return {
    name: 'prune-identity',
    everyMs: options.everyMs,
    isExclusive: true,
    run: () => options.identity.deleteExpired(new Date(options.now())),
  };
}
