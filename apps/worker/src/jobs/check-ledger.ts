import type { CheckResult } from '@bourse/db';
import type { Logger } from '@bourse/telemetry';
import type { Job } from '../job.ts';
import type { WorkerMetrics } from '../worker-metrics.ts';

/**
 * Recomputes the books from their entries. A difference is money that does not add up: it is logged as an error, one line per broken
 * promise, and stays in the metric until a later check finds none. Nothing is repaired here: that takes a person.
 */
export function checkLedger(options: {
  readonly check: () => Promise<readonly CheckResult[]>;
  readonly metrics: WorkerMetrics;
  readonly log: Logger;
  readonly everyMs: number;
}): Job {
  const { check, metrics, log, everyMs } = options;
  return {
    name: 'check-ledger',
    everyMs,
    isExclusive: true,
    async run() {
      const broken = (await check()).filter(({ differences }) => differences > 0);
      for (const { name, differences, examples } of broken) {
        log.error('ledger.difference', new Error(examples.join('; ')), { promise: name, differences });
      }
      const differences = broken.reduce((sum, result) => sum + result.differences, 0);
      metrics.ledgerDifferences(differences);
      return differences;
    },
  };
}
