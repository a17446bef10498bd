import { toAppError } from '@bourse/errors';
import type { Payments, StripeEventFacts } from '@bourse/payments';
import type { Logger } from '@bourse/telemetry';
import type { StripeEventResult } from '../../../../data/credits.ts';
import { readLimited } from './read-limited.ts';

/** What a webhook needs. */
export interface WebhookDeps {
  readonly payments: Pick<Payments, 'verifyWebhook'>;
  readonly record: (facts: StripeEventFacts) => Promise<StripeEventResult>;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
}

const BODY_BYTES_MAX = 1024 * 1024;

/**
 * One delivery from Stripe. 200: it is in the books, or was before, or means nothing to us. 400: not signed by Stripe. 500: our books
 * failed, so that Stripe delivers it again. Neither body nor signature reaches a log or the answer.
 */
export async function receiveWebhook(request: Request, deps: WebhookDeps): Promise<Response> {
  try {
    const rawBody = await readLimited(request.body, BODY_BYTES_MAX);
    const facts = deps.payments.verifyWebhook({ rawBody, signatureHeader: request.headers.get('stripe-signature') });
    const result = await deps.record(facts);
    report(facts, result, deps.log);
    return answer(200, { received: true });
  } catch (error) {
    const failure = toAppError(error);
    const { status } = failure.rule;
    if (status < 500) deps.log.warn('stripe_webhook_refused', { code: failure.code, detail: failure.detail });
    else deps.log.error('stripe_webhook_failed', failure);
    return answer(Math.min(status, 500), { error: { code: status, message: failure.message } });
  }
}

function report(facts: StripeEventFacts, result: StripeEventResult, log: WebhookDeps['log']): void {
  const { eventId, type } = facts;
  if (result.kind === 'refused') log.warn('stripe_event_refused', { eventId, type, reason: result.reason });
  else log.info('stripe_event', { eventId, type, outcome: result.kind });
}

function answer(status: number, body: object): Response {
  return Response.json(body, { status, headers: { 'cache-control': 'no-store' } });
}
