import { createHash } from 'node:crypto';
import type Stripe from 'stripe';

/** What a verified webhook event says about a purchase. The books have the same shape; adapters do not import one another. */
export interface StripeEventFacts {
  readonly eventId: string;
  readonly type: string;
  readonly isLivemode: boolean;
  /** Id of the event's object: a checkout session, a payment intent, or whatever an event that we only file is about. */
  readonly objectId: string;
  /** Hex SHA-256 of the raw body. */
  readonly payloadSha256: string;
  /** What it means for a purchase; null = an event to file and nothing else. */
  readonly outcome: 'paid' | 'expired' | 'failed' | null;
  /** Our id of the purchase; null when the event does not carry it. */
  readonly topupId: string | null;
  readonly checkoutSessionId: string | null;
  readonly paymentIntentId: string | null;
  /** What was paid in all, fee included. */
  readonly amountTotalCents: number | null;
  /** Lower-case ISO 4217. */
  readonly currency: string | null;
}

type PurchaseFacts = Pick<
  StripeEventFacts,
  'objectId' | 'outcome' | 'topupId' | 'checkoutSessionId' | 'paymentIntentId' | 'amountTotalCents' | 'currency'
>;

/** The facts of an event whose signature holds. `rawBody` is what was signed. */
export function stripeEventFacts(event: Stripe.Event, rawBody: Uint8Array): StripeEventFacts {
  return {
    eventId: event.id,
    type: event.type,
    isLivemode: event.livemode,
    payloadSha256: createHash('sha256').update(rawBody).digest('hex'),
    ...purchaseFacts(event),
  };
}

function purchaseFacts(event: Stripe.Event): PurchaseFacts {
  // Stripe has hundreds of types of events and adds more; those that are not about a purchase are only filed.
  if (event.type === 'checkout.session.completed' || event.type === 'checkout.session.async_payment_succeeded') {
    // A session completes unpaid when the method takes days (bank debits); its money is announced by an event of its own.
    return sessionFacts(event.data.object, event.data.object.payment_status === 'paid' ? 'paid' : null);
  }
  if (event.type === 'checkout.session.expired') return sessionFacts(event.data.object, 'expired');
  if (event.type === 'checkout.session.async_payment_failed') return sessionFacts(event.data.object, 'failed');
  if (event.type === 'payment_intent.succeeded') return intentFacts(event.data.object);
  return unrelatedFacts(event.data.object);
}

function sessionFacts(session: Stripe.Checkout.Session, outcome: PurchaseFacts['outcome']): PurchaseFacts {
  return {
    objectId: session.id,
    outcome,
    topupId: session.client_reference_id ?? null,
    checkoutSessionId: session.id,
    paymentIntentId: idOf(session.payment_intent),
    amountTotalCents: session.amount_total ?? null,
    currency: session.currency ?? null,
  };
}

/** A payment intent has no reference of ours but the metadata that we gave it; the books check it against amount and currency. */
function intentFacts(intent: Stripe.PaymentIntent): PurchaseFacts {
  return {
    objectId: intent.id,
    outcome: 'paid',
    topupId: intent.metadata['topup_id'] ?? null,
    checkoutSessionId: null,
    paymentIntentId: intent.id,
    amountTotalCents: intent.amount_received,
    currency: intent.currency,
  };
}

function unrelatedFacts(object: object): PurchaseFacts {
  return {
    objectId: 'id' in object && typeof object.id === 'string' ? object.id : '',
    outcome: null,
    topupId: null,
    checkoutSessionId: null,
    paymentIntentId: null,
    amountTotalCents: null,
    currency: null,
  };
}

function idOf(reference: string | { readonly id: string } | null | undefined): string | null {
  if (reference === null || reference === undefined) return null;
  return typeof reference === 'string' ? reference : reference.id;
}
