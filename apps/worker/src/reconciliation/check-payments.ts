import type { CheckResult, ReconciliationStore } from '@bourse/db';
import { isAppError } from '@bourse/errors';
import type { PaymentAudit } from '@bourse/payments';
import { comparePayments, paymentsPromise } from './compare-payments.ts';

const DAY_MS = 86_400_000;
/** Longer than any card payment can be disputed without our notice, and short enough to be listed every night. */
const DAYS_BACK = 35;
/** A checkout stays open for a day, so a purchase may be older than its payment. */
const CHECKOUT_MS = 2 * DAY_MS;

/**
 * R6: what was granted beside what was paid. Null for `audit`: there is no card processor to ask here. One that does not answer is a
 * difference: not knowing is not the same as being right.
 */
export async function checkPayments(
  audit: PaymentAudit | null,
  deps: { readonly store: Pick<ReconciliationStore, 'bookedPurchases'>; readonly now: () => number },
): Promise<CheckResult> {
  if (audit === null) return { ...paymentsPromise, isConfigured: false, differences: 0, examples: [] };
  const now = new Date(deps.now());
  const since = new Date(now.getTime() - DAYS_BACK * DAY_MS);
  try {
    const settled = await audit.listSettled(since);
    // Read after the payments: a purchase that is granted in between is in the books in any case.
    const purchases = await deps.store.bookedPurchases(new Date(since.getTime() - CHECKOUT_MS));
    return comparePayments({ settled, purchases, since, now });
  } catch (error) {
    const reason = isAppError(error) ? (error.detail ?? error.message) : String(error);
    return {
      ...paymentsPromise,
      isConfigured: true,
      differences: 1,
      examples: [`the payments could not be read: ${reason}`],
    };
  }
}
