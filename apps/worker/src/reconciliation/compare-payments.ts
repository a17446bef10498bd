import type { BookedPurchase, CheckResult } from '@bourse/db';
import type { SettledPayment } from '@bourse/payments';

/** Both sides of R6. */
export interface PaymentsInput {
  /** What the card processor has, of payments begun since `since`. */
  readonly settled: readonly SettledPayment[];
  /** What the books have, of purchases made since a little earlier. */
  readonly purchases: readonly BookedPurchase[];
  readonly since: Date;
  readonly now: Date;
}

/** A webhook may be on its way for so long before its payment counts as forgotten. */
const WEBHOOK_PATIENCE_MS = 600_000;
const EXAMPLES_MAX = 5;

/** R6 without a difference. */
export const paymentsPromise = {
  rule: 'R6',
  name: 'purchases equal the card payments, less what was given back',
} as const;

function disagreement(payment: SettledPayment, purchase: BookedPurchase | undefined, now: Date): string | null {
  const { paymentIntentId, topupId, net, currency } = payment;
  if (currency !== 'usd') return `payment ${paymentIntentId} is in ${currency}`;
  if (purchase !== undefined && purchase.clearing === net) return null;
  const isFresh = now.getTime() - payment.paidAt.getTime() < WEBHOOK_PATIENCE_MS;
  if (isFresh && (purchase === undefined || purchase.clearing === 0n)) return null;
  if (purchase === undefined) return `payment ${paymentIntentId} of ${net} is for the unknown purchase ${topupId}`;
  return `payment ${paymentIntentId} comes to ${net}, the books have ${purchase.clearing} for ${topupId}`;
}

/**
 * Compares each payment with its purchase, both ways. Amounts are nanodollars, fees included, less what was given back; so a refund that
 * only one side knows of is found as well.
 */
export function comparePayments({ settled, purchases, since, now }: PaymentsInput): CheckResult {
  const purchaseById = new Map(purchases.map((purchase) => [purchase.topupId, purchase]));
  const paid = new Set(settled.map(({ topupId }) => topupId));
  const twice = settled.filter(
    ({ topupId }, index) => settled.findIndex((other) => other.topupId === topupId) !== index,
  );
  const found = [
    ...settled.map((payment) => disagreement(payment, purchaseById.get(payment.topupId), now)),
    ...twice.map(({ paymentIntentId, topupId }) => `payment ${paymentIntentId} pays the purchase ${topupId} again`),
    ...purchases
      .filter(({ topupId, clearing, createdAt }) => clearing !== 0n && createdAt >= since && !paid.has(topupId))
      .map(({ topupId, clearing }) => `the books have ${clearing} for ${topupId}, which nobody paid`),
  ].filter((text) => text !== null);
  return { ...paymentsPromise, isConfigured: true, differences: found.length, examples: found.slice(0, EXAMPLES_MAX) };
}
