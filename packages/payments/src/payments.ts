import { invariant } from '@bourse/errors';
import { formatUsd, nanodollarsFromCents } from '@bourse/money';
import Stripe from 'stripe';
import { type StripeEventFacts, stripeEventFacts } from './stripe-event-facts.ts';
import { asAppError, fetchAt } from './stripe-http.ts';
import { parseWebhookSecrets, type SignedWebhook, verifiedEvent } from './webhook-signature.ts';

/** How to talk to Stripe. */
export interface PaymentsOptions {
  /** `sk_...` or a restricted `rk_...`. */
  readonly secretKey: string;
  /** `whsec_...`; several separated by commas while one is being replaced. */
  readonly webhookSecret: string;
  /** Another address that speaks Stripe's API, for instance `http://localhost:4010/stripe`; Stripe's own by default. */
  readonly apiBase?: string | undefined;
  readonly fetch: typeof fetch;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** A purchase that wants to be paid. `id` names it for ever: asking twice gives the same checkout. */
export interface CheckoutRequest {
  readonly topup: {
    readonly id: string;
    readonly amountCents: number;
    readonly feeCents: number;
    /** Lower-case ISO 4217. */
    readonly currency: string;
  };
  /** Filled in on the checkout page. */
  readonly customerEmail: string;
  /** Where the customer comes back to after paying. It proves nothing: only the webhook does. */
  readonly successUrl: string;
  readonly cancelUrl: string;
}

/** A page where the customer pays. */
export interface Checkout {
  readonly id: string;
  readonly url: string;
}

/** The conversation with Stripe. */
export interface Payments {
  /** Whether the key moves real money; events of the other world are not ours. */
  readonly isLivemode: boolean;
  /** Opens a checkout. Throws AppError `service_unavailable` when Stripe cannot be reached; the same call may then be repeated. */
  createCheckout(request: CheckoutRequest): Promise<Checkout>;
  /** The facts of a webhook. Throws AppError `invalid_request` when the signature does not hold. */
  verifyWebhook(webhook: SignedWebhook): StripeEventFacts;
}

const TIMEOUT_MS = 15_000;

/** Throws an Error with a sentence for operators when a secret is missing: an app without them must not start. */
export function createPayments(options: PaymentsOptions): Payments {
  const { secretKey, now } = options;
  if (secretKey.trim() === '') throw new Error('STRIPE_SECRET_KEY is empty: without it nobody can buy credits.');
  const secrets = parseWebhookSecrets(options.webhookSecret);
  const stripe = new Stripe(secretKey, {
    httpClient: Stripe.createFetchHttpClient(fetchAt(options.apiBase, options.fetch)),
    maxNetworkRetries: 2,
    telemetry: false,
    timeout: TIMEOUT_MS,
  });
  return {
    isLivemode: /^[a-z]+_live_/.test(secretKey),
    createCheckout: (request) => createCheckout(stripe, request),
    verifyWebhook: (webhook) => stripeEventFacts(verifiedEvent(webhook, { stripe, secrets, now }), webhook.rawBody),
  };
}

async function createCheckout(stripe: Stripe, request: CheckoutRequest): Promise<Checkout> {
  const { topup } = request;
  try {
    const session = await stripe.checkout.sessions.create(
      {
        mode: 'payment',
        client_reference_id: topup.id,
        customer_email: request.customerEmail,
        success_url: request.successUrl,
        cancel_url: request.cancelUrl,
        line_items: [
          lineItem(topup.currency, `Bourse credits: $${dollars(topup.amountCents)}`, topup.amountCents),
          lineItem(topup.currency, 'Purchase fee', topup.feeCents),
        ],
        // A hint for the event of the payment, which carries no reference of ours. Amounts are never read from it.
        metadata: { topup_id: topup.id },
        payment_intent_data: { metadata: { topup_id: topup.id } },
      },
      { idempotencyKey: `checkout:${topup.id}` },
    );
    invariant(session.url, `checkout session ${session.id} has no page`);
    return { id: session.id, url: session.url };
  } catch (error) {
    throw asAppError(error);
  }
}

function lineItem(currency: string, name: string, cents: number): Stripe.Checkout.SessionCreateParams.LineItem {
  return { quantity: 1, price_data: { currency, unit_amount: cents, product_data: { name } } };
}

function dollars(cents: number): string {
  const [whole = '0', fraction = ''] = formatUsd(nanodollarsFromCents(cents)).split('.');
  return fraction === '' ? whole : `${whole}.${fraction.padEnd(2, '0')}`;
}
