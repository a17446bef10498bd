import type { OutboxStore } from '@bourse/db';
import type { Nanodollars } from '@bourse/money';
import type { Job } from '../job.ts';

/**
 * Queues a notice for each organization whose credits fell below its threshold, once per fall. It looks at balances rather than at charges, so
 * that requests pay nothing for it; two falls within one interval are one notice.
 */
export function watchBalances(options: {
  readonly outbox: OutboxStore;
  readonly thresholdDefault: Nanodollars;
  readonly everyMs: number;
}): Job {
  const { outbox, thresholdDefault, everyMs } = options;
  return {
    name: 'watch-balances',
    everyMs,
    isExclusive: true,
    run: () => outbox.queueLowBalances({ thresholdDefault }),
  };
}
