import type { RankingStore } from '@bourse/db';
import type { Job } from '../job.ts';

/** Brings the hours and days of the rankings up to the generations recorded since the last run; answers how many hours changed. */
export function refreshRollups(options: { readonly rankings: RankingStore; readonly everyMs: number }): Job {
  return {
    name: 'refresh-rollups',
    everyMs: options.everyMs,
    isExclusive: true,
    run: async () => (await options.rankings.refreshRollups()).hours,
  };
}
