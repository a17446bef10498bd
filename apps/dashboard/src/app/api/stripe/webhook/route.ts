import { recordStripeEvent } from '../../../../data/credits.ts';
import { payments } from '../../../../data/payments.ts';
import { log } from '../../../../log.ts';
import { receiveWebhook } from './receive-webhook.ts';

export const dynamic = 'force-dynamic';

/** Where Stripe says what became of a payment. */
export function POST(request: Request): Promise<Response> {
  return receiveWebhook(request, { payments: payments(), record: recordStripeEvent, log: log() });
}
