import { AppError } from '@bourse/errors';
import type Stripe from 'stripe';

/** How far the time in a signature may be from ours, either way. */
const TOLERANCE_SECONDS = 300;

/** Shorter secrets can be guessed, and an empty one can be signed with by anybody. */
const SECRET_LENGTH_MIN = 16;

/**
 * The secrets that webhooks may be signed with: several, separated by commas, while one is being replaced. Throws an Error with
 * a sentence for operators when there is none, or one is too short to be a secret.
 */
export function parseWebhookSecrets(text: string): readonly string[] {
  const secrets = text.split(',').map((secret) => secret.trim());
  if (secrets.some((secret) => secret.length < SECRET_LENGTH_MIN)) {
    throw new Error(
      `STRIPE_WEBHOOK_SECRET must be the signing secret of the webhook (at least ${SECRET_LENGTH_MIN} characters; several separated by commas): ` +
        'without it anybody could grant themselves credits.',
    );
  }
  return secrets;
}

/** What is needed to check a webhook. */
export interface SignedWebhook {
  readonly rawBody: Uint8Array;
  /** `Stripe-Signature`; null when the request has none. */
  readonly signatureHeader: string | null;
}

/**
 * The event, when one of the secrets signed it within the last 300 s. Throws AppError `invalid_request` otherwise: forged, altered,
 * replayed, or not an event at all. The SDK compares in constant time and accepts any time in the future, so that side is checked here.
 */
export function verifiedEvent(
  webhook: SignedWebhook,
  deps: { readonly stripe: Stripe; readonly secrets: readonly string[]; readonly now: () => number },
): Stripe.Event {
  const signatureHeader = webhook.signatureHeader ?? '';
  const body = Buffer.from(webhook.rawBody);
  for (const secret of deps.secrets) {
    const event = eventSignedWith({ secret, signatureHeader, body }, deps);
    if (event !== null) {
      assertNotFromTheFuture(signatureHeader, deps.now());
      return event;
    }
  }
  throw refusal('no secret matches');
}

function eventSignedWith(
  signed: { readonly secret: string; readonly signatureHeader: string; readonly body: Buffer },
  deps: { readonly stripe: Stripe; readonly now: () => number },
): Stripe.Event | null {
  try {
    return deps.stripe.webhooks.constructEvent(
      signed.body,
      signed.signatureHeader,
      signed.secret,
      TOLERANCE_SECONDS,
      undefined,
      deps.now(),
    );
  } catch {
    return null; // To try the next secret. Why it failed is of use to a forger only, and the cause carries the body.
  }
}

/** Of several times in one header the SDK takes the last, so a header with more than one is refused rather than guessed at. */
function assertNotFromTheFuture(signatureHeader: string, nowMs: number): void {
  const times = signatureHeader.split(',').filter((part) => part.trim().startsWith('t='));
  const seconds = Number(times[0]?.trim().slice('t='.length));
  const isInTime = times.length === 1 && seconds * 1000 <= nowMs + TOLERANCE_SECONDS * 1000;
  if (!isInTime) throw refusal('signed in the future');
}

function refusal(detail: string): AppError {
  return new AppError('invalid_request', 'The signature of this webhook does not hold.', { detail });
}
