import type Stripe from 'stripe';
import { randomId } from '../identifiers.ts';
import { recordEvent } from './events.ts';
import { invalidParameter, missingResource, StripeFailure } from './failure.ts';
import { buildLineItems, buildSession } from './objects.ts';
import type { Params } from './params.ts';
import type { SessionRecord, StripeStore } from './store.ts';
import type { Webhooks } from './webhooks.ts';

/** What the simulated Stripe works with. */
export type StripeDeps = {
  readonly store: StripeStore;
  readonly webhooks: Webhooks;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/** The time as Stripe tells it, in whole seconds. */
export const seconds = (deps: Pick<StripeDeps, 'now'>): number => Math.floor(deps.now() / 1_000);

/** The name that the checkout page shows when the session brings none. */
const MERCHANT = 'Bourse';
/** Stripe takes no payment below this, in cents of USD; other currencies have limits of their own near it. */
const AMOUNT_MIN = 50;

function checkCreation(params: Params<'sessionCreate'>, store: StripeStore, now: number): void {
  const { customer, expires_at: expiresAt } = params;
  if (customer !== undefined && store.customers.get(customer) === undefined) {
    throw missingResource('customer', customer, { param: 'customer', status: 400 });
  }
  if (customer !== undefined && params.customer_email !== undefined) {
    throw invalidParameter('You may only specify one of these parameters: customer, customer_email.', 'customer');
  }
  if (expiresAt !== undefined && (expiresAt < now + 1_800 || expiresAt > now + 86_400)) {
    const message =
      'The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.';
    throw invalidParameter(message, 'expires_at');
  }
  const currencies = new Set(params.line_items.map((line) => line.price_data.currency));
  if (currencies.size > 1) {
    throw invalidParameter('All line items must have the same currency.', 'line_items[1][price_data][currency]');
  }
}

/** Creates an open session. `baseUrl` is where the payer's browser reaches the sandbox. */
export function createSession(
  params: Params<'sessionCreate'>,
  deps: StripeDeps,
  baseUrl: string,
): Stripe.Checkout.Session {
  const now = seconds(deps);
  checkCreation(params, deps.store, now);
  const lineItems = buildLineItems(params, now);
  const amountTotal = lineItems.reduce((sum, line) => sum + line.amount_total, 0);
  if (amountTotal < AMOUNT_MIN) {
    const message = "The Checkout Session's total amount due must add up to at least 50 of the smallest currency unit.";
    throw invalidParameter(message, 'line_items', 'amount_too_small');
  }
  const id = randomId('cs_test_', 58);
  const customer = params.customer === undefined ? undefined : deps.store.customers.get(params.customer);
  const customerEmail = params.customer_email ?? customer?.email ?? null;
  const [firstLine] = lineItems;
  const url = `${baseUrl}/stripe/checkout/${id}`;
  const session = buildSession(params, {
    id,
    url,
    now,
    currency: firstLine?.currency ?? 'usd',
    amountTotal,
    customerEmail,
  });
  const intent = params.payment_intent_data;
  deps.store.sessions.put({
    id,
    session,
    lineItems,
    intentData: {
      metadata: intent?.metadata ?? {},
      description: intent?.description ?? null,
      receiptEmail: intent?.receipt_email ?? null,
      setupFutureUsage: intent?.setup_future_usage ?? null,
      statementDescriptor: intent?.statement_descriptor ?? null,
    },
    merchant: params.branding_settings?.display_name ?? MERCHANT,
    wantsCustomer: params.customer_creation === 'always',
  });
  return session;
}

function close(record: SessionRecord, deps: StripeDeps): SessionRecord {
  const closed = deps.store.sessions.put({ ...record, session: { ...record.session, status: 'expired', url: null } });
  const event = recordEvent(deps.store, 'checkout.session.expired', { object: closed.session, now: seconds(deps) });
  deps.webhooks.dispatch([event]);
  return closed;
}

/** The session, expired first if its time is over; `undefined` when there is none. */
export function findSession(id: string, deps: StripeDeps): SessionRecord | undefined {
  const record = deps.store.sessions.get(id);
  const isOver = record?.session.status === 'open' && record.session.expires_at <= seconds(deps);
  return isOver ? close(record, deps) : record;
}

/** Throws `StripeFailure` 404 when there is no such session. */
export function requireSession(id: string, deps: StripeDeps): SessionRecord {
  const record = findSession(id, deps);
  if (record === undefined) throw missingResource('checkout.session', id, { param: 'session' });
  return record;
}

/** Closes an open session before its time. */
export function expireSession(id: string, deps: StripeDeps): Stripe.Checkout.Session {
  const record = requireSession(id, deps);
  if (record.session.status !== 'open') {
    const message = `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of ${record.session.status}.`;
    throw new StripeFailure(400, { type: 'invalid_request_error', message });
  }
  return close(record, deps).session;
}

/** All sessions that the filters let through, newest first. */
export function filterSessions(params: Params<'sessionList'>, deps: StripeDeps): Stripe.Checkout.Session[] {
  const { status, customer, payment_intent: intent, customer_details: details } = params;
  return deps.store.sessions
    .list()
    .map(({ id }) => requireSession(id, deps).session)
    .filter((session) => status === undefined || session.status === status)
    .filter((session) => customer === undefined || session.customer === customer)
    .filter((session) => intent === undefined || session.payment_intent === intent)
    .filter((session) => details === undefined || session.customer_details?.email === details.email);
}
