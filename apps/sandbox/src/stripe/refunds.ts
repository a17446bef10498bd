import type Stripe from 'stripe';
import { recordEvent } from './events.ts';
import { invalidParameter, missingResource, StripeFailure } from './failure.ts';
import { buildBalanceTransaction, buildRefund } from './objects.ts';
import type { Params } from './params.ts';
import { type StripeDeps, seconds } from './sessions.ts';

function chargeToRefund(params: Params<'refundCreate'>, { store }: StripeDeps): Stripe.Charge {
  const { charge: chargeId, payment_intent: intentId } = params;
  if (chargeId === undefined && intentId === undefined) {
    throw invalidParameter(
      'One of the following params should be provided for this request: payment_intent or charge.',
      'charge',
    );
  }
  const intent = intentId === undefined ? undefined : store.paymentIntents.get(intentId);
  if (chargeId === undefined && intent === undefined) {
    throw missingResource('payment_intent', intentId ?? '', { param: 'payment_intent' });
  }
  const id = chargeId ?? (typeof intent?.latest_charge === 'string' ? intent.latest_charge : '');
  const charge = store.charges.get(id);
  if (charge === undefined) throw missingResource('charge', id, { param: 'charge' });
  if (charge.status !== 'succeeded') {
    throw new StripeFailure(400, {
      type: 'invalid_request_error',
      message: `Charge ${id} does not have a successful payment to refund.`,
    });
  }
  return charge;
}

/** Gives money back, once and never more than was paid. Throws `StripeFailure` 400 for anything beyond that. */
export function createRefund(params: Params<'refundCreate'>, deps: StripeDeps): Stripe.Refund {
  const { store, webhooks } = deps;
  const now = seconds(deps);
  const charge = chargeToRefund(params, deps);
  const left = charge.amount - charge.amount_refunded;
  if (left === 0) {
    const message = `Charge ${charge.id} has already been refunded.`;
    throw new StripeFailure(400, { type: 'invalid_request_error', code: 'charge_already_refunded', message });
  }
  const amount = params.amount ?? left;
  if (amount > left) {
    throw invalidParameter(`Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`, 'amount');
  }
  const unbooked = buildRefund(charge, amount, { now, params });
  const booking = store.balanceTransactions.put(buildBalanceTransaction(unbooked, 'refund', now));
  const refund = store.refunds.put({ ...unbooked, balance_transaction: booking.id });
  const refunded = store.charges.put({
    ...charge,
    amount_refunded: charge.amount_refunded + amount,
    refunded: amount === left,
  });
  webhooks.dispatch([
    recordEvent(store, 'refund.created', { object: refund, now }),
    recordEvent(store, 'charge.refunded', { object: refunded, now }),
  ]);
  return refund;
}
