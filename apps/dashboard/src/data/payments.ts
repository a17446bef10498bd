import 'server-only';
import { createPayments, type Payments } from '@bourse/payments';
import { currentTime } from '../clock.ts';
import { env } from '../env.ts';

let opened: Payments | undefined;

/** The conversation with Stripe. The first call is made when the server starts, so that a missing secret stops it there. */
export function payments(): Payments {
  const { STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET, STRIPE_API_BASE } = env();
  opened ??= createPayments({
    secretKey: STRIPE_SECRET_KEY,
    webhookSecret: STRIPE_WEBHOOK_SECRET,
    apiBase: STRIPE_API_BASE,
    fetch,
    now: () => currentTime().getTime(),
  });
  return opened;
}
