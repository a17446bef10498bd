import { AppError } from '@bourse/errors';
import Stripe from 'stripe';

/** The SDK knows a host and a port but no path before `/v1`, so the address is exchanged below it. */
export function fetchAt(apiBase: string | undefined, send: typeof fetch): typeof fetch {
  if (apiBase === undefined) return send;
  const base = apiBase.replace(/\/+$/, '');
  return (input, init) => {
    const { pathname, search } = new URL(input instanceof Request ? input.url : input);
    return send(`${base}${pathname}${search}`, init);
  };
}

/** An outage passes and may be told; a refusal of our key or of our request is our mistake and stays masked. */
export function asAppError(error: unknown): unknown {
  if (!(error instanceof Stripe.errors.StripeError)) return error;
  const detail = `stripe ${error.type} ${error.statusCode ?? '-'} ${error.code ?? '-'} ${error.requestId ?? '-'}`;
  const isOutage =
    error instanceof Stripe.errors.StripeConnectionError ||
    error instanceof Stripe.errors.StripeAPIError ||
    error instanceof Stripe.errors.StripeRateLimitError;
  return isOutage
    ? new AppError(
        'service_unavailable',
        'The payment service does not answer. Nothing was paid; try again in a moment.',
        {
          detail,
        },
      )
    : new AppError('internal', 'The checkout could not be opened. This is on our side; nothing was paid.', { detail });
}
