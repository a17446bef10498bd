import type Stripe from 'stripe';
import { randomId } from '../identifiers.ts';
import { type CardInput, type CardResult, tryCard } from './cards.ts';
import { type EventType, recordEvent } from './events.ts';
import { buildBalanceTransaction, buildCharge, buildCustomer, buildPaymentIntent } from './objects.ts';
import { type StripeDeps, seconds } from './sessions.ts';
import type { EventRecord, SessionRecord } from './store.ts';

/** What the payer typed into the checkout page. */
export type PaymentInput = { readonly card: CardInput; readonly email: string; readonly name: string };

/** How a try to pay ended. `message` is for the payer. */
export type PaymentResult =
  | { readonly kind: 'paid'; readonly session: Stripe.Checkout.Session }
  | { readonly kind: 'refused'; readonly message: string }
  /** Somebody was faster, or the time is over. */
  | { readonly kind: 'not_open' };

type Recorder = (type: EventType, object: object) => void;
type Tried = Exclude<CardResult, { kind: 'malformed' }>;
type Payment = { readonly record: SessionRecord; readonly input: PaymentInput; readonly deps: StripeDeps };

/** The session's payment intent, made at its first try and kept for the next ones. */
function intentOf({ record, deps }: Payment, note: Recorder): Stripe.PaymentIntent {
  const id = record.session.payment_intent;
  const existing = typeof id === 'string' ? deps.store.paymentIntents.get(id) : undefined;
  if (existing !== undefined) return existing;
  const intent = deps.store.paymentIntents.put(buildPaymentIntent(record, seconds(deps)));
  note('payment_intent.created', intent);
  return intent;
}

function chargeCard(intent: Stripe.PaymentIntent, tried: Tried, { input, deps }: Payment): Stripe.Charge {
  return buildCharge(intent, {
    now: seconds(deps),
    card: input.card,
    brand: tried.brand,
    last4: tried.last4,
    email: input.email,
    name: input.name === '' ? null : input.name,
    paymentMethod: randomId('pm_', 24),
    ...(tried.kind === 'declined' ? { decline: tried } : {}),
  });
}

function decline(tried: Tried & { kind: 'declined' }, payment: Payment, note: Recorder): PaymentResult {
  const { record, deps } = payment;
  const intent = intentOf(payment, note);
  const charge = deps.store.charges.put(chargeCard(intent, tried, payment));
  const failed = deps.store.paymentIntents.put({
    ...intent,
    latest_charge: charge.id,
    last_payment_error: {
      type: 'card_error',
      charge: charge.id,
      code: tried.code,
      decline_code: tried.declineCode,
      message: tried.message,
    },
  });
  deps.store.sessions.put({ ...record, session: { ...record.session, payment_intent: intent.id } });
  note('charge.failed', charge);
  note('payment_intent.payment_failed', failed);
  return { kind: 'refused', message: tried.message };
}

/** Who pays, as the session's own customer or as one made for the occasion when the merchant asked for it. */
function customerOf({ record, input, deps }: Payment, note: Recorder): Stripe.Checkout.Session['customer'] {
  if (!record.wantsCustomer || record.session.customer !== null) return record.session.customer;
  const person = { email: input.email, ...(input.name === '' ? {} : { name: input.name }) };
  const customer = deps.store.customers.put(buildCustomer(person, seconds(deps)));
  note('customer.created', customer);
  return customer.id;
}

function approve(tried: Tried & { kind: 'approved' }, payment: Payment, note: Recorder): PaymentResult {
  const { record, input, deps } = payment;
  const { store } = deps;
  const now = seconds(deps);
  const customer = customerOf(payment, note);
  const intent = { ...intentOf(payment, note), customer };
  const unbooked = chargeCard(intent, tried, payment);
  const booking = store.balanceTransactions.put(buildBalanceTransaction(unbooked, 'charge', now));
  const charge = store.charges.put({ ...unbooked, balance_transaction: booking.id });
  const paid = store.paymentIntents.put({
    ...intent,
    amount_received: intent.amount,
    last_payment_error: null,
    latest_charge: charge.id,
    payment_method: charge.payment_method,
    status: 'succeeded',
  });
  const details = { address: null, business_name: null, individual_name: null, phone: null, tax_ids: [] };
  const { session } = store.sessions.put({
    ...record,
    session: {
      ...record.session,
      customer,
      customer_details: { ...details, email: input.email, name: charge.billing_details.name, tax_exempt: 'none' },
      payment_intent: paid.id,
      payment_status: 'paid',
      status: 'complete',
      url: null,
    },
  });
  note('charge.succeeded', charge);
  note('payment_intent.succeeded', paid);
  note('checkout.session.completed', session);
  return { kind: 'paid', session };
}

/** Tries to pay an open session with a card. Books the money and tells the webhook when the bank agrees. */
export function paySession(record: SessionRecord, input: PaymentInput, deps: StripeDeps): PaymentResult {
  if (record.session.status !== 'open') return { kind: 'not_open' };
  const tried = tryCard(input.card, deps.now());
  if (tried.kind === 'malformed') return { kind: 'refused', message: tried.message };
  const events: EventRecord[] = [];
  const note: Recorder = (type, object) => {
    events.push(recordEvent(deps.store, type, { object, now: seconds(deps) }));
  };
  const payment = { record, input, deps };
  const result = tried.kind === 'approved' ? approve(tried, payment, note) : decline(tried, payment, note);
  deps.webhooks.dispatch(events);
  return result;
}
