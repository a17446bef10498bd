import 'server-only';
import { createPayments, type Payments } from '@bourse/payments';
import { currentTime } from '../clock.ts';
import { env } from '../env.ts';

let opened: Payments | undefined;

/** The conversation with Stripe, opened at the first call. Its secrets were checked when the server started (src/env.ts). */
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
