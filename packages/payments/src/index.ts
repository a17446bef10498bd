/**
 * @bourse/payments — floor 2. Owns the conversation with Stripe: opens a checkout for a purchase of credits, turns a signed webhook
 * into facts, and lists what was paid. Refuses: the database, granting anything (the caller hands the facts to the books), any event whose signature does not hold.
 */
export { createPaymentAudit, type PaymentAudit, type SettledPayment } from './payment-audit.ts';
export {
  type Checkout,
  type CheckoutRequest,
  createPayments,
  type Payments,
  type PaymentsOptions,
} from './payments.ts';
export { PURCHASE_CENTS_MAX, PURCHASE_CENTS_MIN, PURCHASE_CURRENCY, PURCHASE_FEE_CENTS_MIN } from './purchase-terms.ts';
export type { StripeEventFacts } from './stripe-event-facts.ts';
