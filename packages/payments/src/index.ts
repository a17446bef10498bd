/**
 * @bourse/payments — floor 2. Owns the conversation with Stripe: opens a checkout for a purchase of credits, and turns a signed webhook
 * into facts. Refuses: the database, granting anything (the caller hands the facts to the books), any event whose signature does not hold.
 */
export {
  type Checkout,
  type CheckoutRequest,
  createPayments,
  type Payments,
  type PaymentsOptions,
} from './payments.ts';
export { PURCHASE_CENTS_MAX, PURCHASE_CENTS_MIN, PURCHASE_CURRENCY, PURCHASE_FEE_CENTS_MIN } from './purchase-terms.ts';
export type { StripeEventFacts } from './stripe-event-facts.ts';
