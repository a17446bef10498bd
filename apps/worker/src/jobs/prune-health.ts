import type { EndpointHealthStore } from '@bourse/db';
import type { Job } from '../job.ts';

/** Charts look back so far, in milliseconds. */
const KEPT_MS = 90 * 86_400_000;

/** Removes hours of endpoints' health that no chart shows any more. */
export function pruneHealth(options: {
  readonly endpointHealth: Pick<EndpointHealthStore, 'prune'>;
  readonly everyMs: number;
}): Job {
  return {
    name: 'prune-health',
    everyMs: options.everyMs,
    isExclusive: true,
    run: () => options.endpointHealth.prune({ forMs: KEPT_MS }),
  };
}
