import { type Nanodollars, nanodollars, nanodollarsFromCents } from '@bourse/money';
import Stripe from 'stripe';
import { asAppError, fetchAt } from './stripe-http.ts';

/** A payment for one of our purchases, as Stripe has it. */
export interface SettledPayment {
  readonly paymentIntentId: string;
  /** Our id of the purchase, from the metadata that we gave the payment. */
  readonly topupId: string;
  readonly paidAt: Date;
  /** What was paid, fee included, less what was given back. */
  readonly net: Nanodollars;
  /** Lower-case ISO 4217. */
  readonly currency: string;
}

/** Reads what was paid; changes nothing. */
export interface PaymentAudit {
  /**
   * The payments for our purchases that were begun since then and succeeded, newest first. Payments of other products on the same account
   * are left out. Throws AppError `service_unavailable` when Stripe cannot be reached.
   */
  listSettled(since: Date): Promise<readonly SettledPayment[]>;
}

const PAGE = 100;
const TIMEOUT_MS = 15_000;

function settledOf(intent: Stripe.PaymentIntent): SettledPayment | null {
  const topupId = intent.metadata['topup_id'];
  const charge = intent.latest_charge;
  if (intent.status !== 'succeeded' || topupId === undefined || charge === null || typeof charge === 'string')
    return null;
  return {
    paymentIntentId: intent.id,
    topupId,
    paidAt: new Date(charge.created * 1_000),
    net: nanodollars(nanodollarsFromCents(intent.amount_received) - nanodollarsFromCents(charge.amount_refunded)),
    currency: intent.currency,
  };
}

async function listSettled(stripe: Stripe, since: Date): Promise<readonly SettledPayment[]> {
  const settled: SettledPayment[] = [];
  const gte = Math.floor(since.getTime() / 1_000);
  const intents = stripe.paymentIntents.list({ limit: PAGE, created: { gte }, expand: ['data.latest_charge'] });
  try {
    for await (const intent of intents) {
      const payment = settledOf(intent);
      if (payment !== null) settled.push(payment);
    }
  } catch (error) {
    throw asAppError(error);
  }
  return settled;
}

/** A reader of payments. `apiBase` is another address that speaks Stripe's API; its key needs to read payments only. */
export function createPaymentAudit(options: {
  readonly secretKey: string;
  readonly apiBase?: string | undefined;
  readonly fetch: typeof fetch;
}): PaymentAudit {
  const stripe = new Stripe(options.secretKey, {
    httpClient: Stripe.createFetchHttpClient(fetchAt(options.apiBase, options.fetch)),
    maxNetworkRetries: 2,
    telemetry: false,
    timeout: TIMEOUT_MS,
  });
  return { listSettled: (since) => listSettled(stripe, since) };
}
