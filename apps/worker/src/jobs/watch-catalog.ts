import type { CatalogProposalStore } from '@bourse/db';
import type { Logger } from '@bourse/telemetry';
import type { Job } from '../job.ts';
import type { WorkerMetrics } from '../worker-metrics.ts';

/**
 * Tells operators what `pnpm catalog:sync` left behind, wherever that runs: how many proposals wait for a person, and whether the last look at the sources was
 * refused. Each look that was refused is logged once by each worker; the metric stays until a later look makes sense. Answers how many proposals wait.
 */
export function watchCatalog(options: {
  readonly proposals: Pick<CatalogProposalStore, 'state'>;
  readonly metrics: WorkerMetrics;
  readonly log: Logger;
  readonly everyMs: number;
}): Job {
  let told = 0;
  return {
    name: 'watch-catalog',
    everyMs: options.everyMs,
    isExclusive: false,
    async run() {
      const { lastSync, pending } = await options.proposals.state();
      options.metrics.catalogSync({ pending, lastSync });
      if (lastSync?.outcome === 'refused' && lastSync.at.getTime() > told) {
        told = lastSync.at.getTime();
        options.log.error('catalog.sync_refused', new Error(lastSync.problem ?? 'no reason'), {
          source: lastSync.source,
        });
      }
      return pending;
    },
  };
}
