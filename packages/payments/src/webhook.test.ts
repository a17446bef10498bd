import { createHash, createHmac } from 'node:crypto';
import { isAppError } from '@bourse/errors';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPayments } from './payments.ts';

const SECRET = 'whsec_current_0123456789';
const OLD_SECRET = 'whsec_previous_0123456789';
const NOW_MS = 1_790_000_000_000;

const unreachable: typeof fetch = () => Promise.reject(new Error('no network in this test'));
const payments = (webhookSecret = SECRET) =>
  createPayments({ secretKey: 'sk_test_1234', webhookSecret, fetch: unreachable, now: () => NOW_MS });

const session = (changes: object = {}) => ({
  id: 'cs_1',
  object: 'checkout.session',
  client_reference_id: 'top_1',
  payment_intent: 'pi_1',
  payment_status: 'paid',
  amount_total: 1080,
  currency: 'usd',
  ...changes,
});

const event = (type: string, object: object) =>
  JSON.stringify({ id: 'evt_1', object: 'event', type, livemode: false, data: { object } });

const bytes = (text: string) => new TextEncoder().encode(text);

/** Signs as Stripe documents it, without the SDK, so that the test does not believe what it tests. */
function signature(body: string, { secret = SECRET, atSeconds = NOW_MS / 1000, scheme = 'v1' } = {}): string {
  return `t=${atSeconds},${scheme}=${createHmac('sha256', secret).update(`${atSeconds}.${body}`).digest('hex')}`;
}

const completed = event('checkout.session.completed', session());
const verify = (body: string, signatureHeader: string | null, webhookSecret?: string) =>
  payments(webhookSecret).verifyWebhook({ rawBody: bytes(body), signatureHeader });

function refusalOf(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return isAppError(error) ? error.code : error;
  }
  return 'accepted';
}

describe('a signature', () => {
  test('that holds gives the facts, with the digest of the raw body', () => {
    expect(verify(completed, signature(completed))).toEqual({
      eventId: 'evt_1',
      type: 'checkout.session.completed',
      isLivemode: false,
      objectId: 'cs_1',
      payloadSha256: createHash('sha256').update(completed).digest('hex'),
      outcome: 'paid',
      topupId: 'top_1',
      checkoutSessionId: 'cs_1',
      paymentIntentId: 'pi_1',
      amountTotalCents: 1080,
      currency: 'usd',
    });
  });

  test.each([
    ['no header', null],
    ['an empty header', ''],
    ['another secret', signature(completed, { secret: 'whsec_of_somebody_else' })],
    ['the signature of another body', signature(completed.replace('1080', '9080'))],
    ['a scheme that proves nothing', signature(completed, { scheme: 'v0' })],
    ['a time but no signature', `t=${NOW_MS / 1000}`],
    ['a signature but no time', signature(completed).replace(/^t=\d+,/, '')],
    ['a time that is not a number', signature(completed).replace(/^t=\d+/, 't=now')],
  ])('is refused with %s', (_case, header) => {
    expect(refusalOf(() => verify(completed, header))).toBe('invalid_request');
  });

  test('is refused after any single change of the body', () => {
    fc.assert(
      fc.property(fc.nat(completed.length - 1), fc.integer({ min: 1, max: 255 }), (position, flip) => {
        const rawBody = bytes(completed);
        rawBody[position] = (rawBody[position] ?? 0) ^ flip;
        const check = () => payments().verifyWebhook({ rawBody, signatureHeader: signature(completed) });
        expect(refusalOf(check)).toBe('invalid_request');
      }),
    );
  });

  test.each([
    [-301, 'invalid_request'],
    [-300, 'accepted'],
    [300, 'accepted'],
    [301, 'invalid_request'],
    [10 ** 9, 'invalid_request'],
  ])('made %i s from now is %s', (offset, outcome) => {
    const header = signature(completed, { atSeconds: NOW_MS / 1000 + offset });
    expect(refusalOf(() => verify(completed, header))).toBe(outcome);
  });

  test('cannot borrow a second time to pass as fresh', () => {
    const stale = signature(completed, { atSeconds: NOW_MS / 1000 - 4000 });
    expect(refusalOf(() => verify(completed, `${stale},t=${NOW_MS / 1000}`))).toBe('invalid_request');
    const future = signature(completed, { atSeconds: NOW_MS / 1000 + 4000 });
    expect(refusalOf(() => verify(completed, `t=${NOW_MS / 1000},${future}`))).toBe('invalid_request');
  });

  test('of either secret holds while one is being replaced, and of no other', () => {
    const both = `${SECRET}, ${OLD_SECRET}`;
    expect(refusalOf(() => verify(completed, signature(completed, { secret: OLD_SECRET }), both))).toBe('accepted');
    expect(refusalOf(() => verify(completed, signature(completed), both))).toBe('accepted');
    expect(refusalOf(() => verify(completed, signature(completed, { secret: OLD_SECRET })))).toBe('invalid_request');
  });
});

describe('a secret', () => {
  test.each(['', '   ', 'short', `${SECRET},`, `${SECRET},short`])('of %j stops the construction', (secret) => {
    expect(() => payments(secret)).toThrow(/STRIPE_WEBHOOK_SECRET must be/);
  });

  test('key that is empty stops the construction, and only a live key is live', () => {
    const withKey = (secretKey: string) =>
      createPayments({ secretKey, webhookSecret: SECRET, fetch: unreachable, now: () => NOW_MS });
    expect(() => withKey(' ')).toThrow(/STRIPE_SECRET_KEY is empty/);
    expect(withKey('sk_live_1').isLivemode).toBe(true);
    expect(withKey('rk_live_1').isLivemode).toBe(true);
    expect(withKey('sk_test_live_1').isLivemode).toBe(false);
  });
});

describe('an event', () => {
  const facts = (type: string, object: object) => {
    const body = event(type, object);
    return verify(body, signature(body));
  };

  test.each([
    ['checkout.session.completed', 'paid', 'paid'],
    ['checkout.session.completed', 'unpaid', null],
    ['checkout.session.async_payment_succeeded', 'paid', 'paid'],
    ['checkout.session.async_payment_failed', 'unpaid', 'failed'],
    ['checkout.session.expired', 'unpaid', 'expired'],
  ])('%s of a session that is %s means %j', (type, paymentStatus, outcome) => {
    expect(facts(type, session({ payment_status: paymentStatus }))).toMatchObject({ outcome, topupId: 'top_1' });
  });

  test('of a payment carries our id from its metadata and what was received', () => {
    const intent = {
      id: 'pi_1',
      metadata: { topup_id: 'top_1' },
      amount: 1080,
      amount_received: 1080,
      currency: 'usd',
    };
    expect(facts('payment_intent.succeeded', intent)).toMatchObject({
      outcome: 'paid',
      objectId: 'pi_1',
      topupId: 'top_1',
      checkoutSessionId: null,
      paymentIntentId: 'pi_1',
      amountTotalCents: 1080,
    });
  });

  test('of a payment that is not ours names no purchase', () => {
    const intent = { id: 'pi_2', metadata: {}, amount_received: 5, currency: 'usd' };
    expect(facts('payment_intent.succeeded', intent)).toMatchObject({ topupId: null, paymentIntentId: 'pi_2' });
  });

  test('of an expanded payment intent gives its id', () => {
    expect(facts('checkout.session.completed', session({ payment_intent: { id: 'pi_9' } })).paymentIntentId).toBe(
      'pi_9',
    );
  });

  test('of a type that we do not know is filed and means nothing', () => {
    expect(facts('customer.created', { id: 'cus_1' })).toMatchObject({
      outcome: null,
      objectId: 'cus_1',
      topupId: null,
    });
  });
});
