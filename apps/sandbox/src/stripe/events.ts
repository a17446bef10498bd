import type Stripe from 'stripe';
import { randomId } from '../identifiers.ts';
import { API_VERSION } from './objects.ts';
import type { EventRecord, StripeStore } from './store.ts';

/** The events that the endpoint is subscribed to. Others are recorded, and can be listed, but are not sent. */
const WANTED: ReadonlySet<string> = new Set([
  'checkout.session.completed',
  'checkout.session.expired',
  'payment_intent.succeeded',
  'payment_intent.payment_failed',
  'charge.succeeded',
  'charge.failed',
  'charge.refunded',
  'refund.created',
]);

/** The events that the simulation can tell of. */
export type EventType =
  | 'customer.created'
  | 'checkout.session.completed'
  | 'checkout.session.expired'
  | 'payment_intent.created'
  | 'payment_intent.succeeded'
  | 'payment_intent.payment_failed'
  | 'charge.succeeded'
  | 'charge.failed'
  | 'charge.refunded'
  | 'refund.created';

/** Records that something happened to an object, which is copied as it is at this moment. `now` is in seconds. */
export function recordEvent(
  store: StripeStore,
  type: EventType,
  { object, now }: { readonly object: object; readonly now: number },
): EventRecord {
  const isWanted = WANTED.has(type);
  const event = {
    id: randomId('evt_', 24),
    object: 'event',
    api_version: API_VERSION,
    created: now,
    data: { object: structuredClone(object) },
    livemode: false,
    pending_webhooks: isWanted ? 1 : 0,
    request: { id: null, idempotency_key: null },
    type,
    // The SDK's union has one member per type, which a type chosen at run time cannot pick; the fields are those of all.
  } as Stripe.Event;
  return store.events.put({ id: event.id, event, delivery: isWanted ? 'pending' : 'not_wanted', attempts: [] });
}
