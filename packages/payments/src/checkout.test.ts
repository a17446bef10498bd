import { isAppError } from '@bourse/errors';
import { expect, test } from 'vitest';
import { createPayments } from './payments.ts';

type Sent = { readonly url: string; readonly headers: Headers; readonly form: URLSearchParams };

const request = {
  topup: { id: 'top_1', amountCents: 1050, feeCents: 80, currency: 'usd' },
  customerEmail: 'buyer@example.com',
  successUrl: 'http://localhost:3000/settings/credits?topup=top_1',
  cancelUrl: 'http://localhost:3000/settings/credits',
};

/** A Stripe that gives one answer and keeps what it was asked. */
function stripeThatAnswers(status: number, body: object) {
  const sent: Sent[] = [];
  const answer: typeof fetch = (input, init) => {
    const headers = new Headers(init?.headers);
    sent.push({ url: String(input), headers, form: new URLSearchParams(String(init?.body)) });
    return Promise.resolve(Response.json(body, { status, headers: { 'stripe-should-retry': 'false' } }));
  };
  return { sent, answer };
}

const payments = (answer: typeof fetch, apiBase?: string) =>
  createPayments({
    secretKey: 'sk_test_1234',
    webhookSecret: 'whsec_0123456789abcdef',
    apiBase,
    fetch: answer,
    now: () => 0,
  });

test('a checkout shows credits and fee as two lines, names our purchase, and is keyed on it', async () => {
  const { sent, answer } = stripeThatAnswers(200, { id: 'cs_1', url: 'https://checkout.stripe.com/c/1' });
  expect(await payments(answer).createCheckout(request)).toEqual({
    id: 'cs_1',
    url: 'https://checkout.stripe.com/c/1',
  });
  const [only] = sent;
  expect(sent).toHaveLength(1);
  expect(only?.url).toBe('https://api.stripe.com/v1/checkout/sessions');
  expect(only?.headers.get('idempotency-key')).toBe('checkout:top_1');
  expect(only?.headers.get('authorization')).toBe('Bearer sk_test_1234');
  expect(Object.fromEntries(only?.form ?? [])).toMatchObject({
    mode: 'payment',
    client_reference_id: 'top_1',
    customer_email: 'buyer@example.com',
    success_url: request.successUrl,
    cancel_url: request.cancelUrl,
    'line_items[0][price_data][unit_amount]': '1050',
    'line_items[0][price_data][product_data][name]': 'Bourse credits: $10.50',
    'line_items[0][quantity]': '1',
    'line_items[1][price_data][unit_amount]': '80',
    'line_items[1][price_data][product_data][name]': 'Purchase fee',
    'metadata[topup_id]': 'top_1',
    'payment_intent_data[metadata][topup_id]': 'top_1',
  });
});

test('the key goes to the address that was configured, path included, and nowhere else', async () => {
  const { sent, answer } = stripeThatAnswers(200, { id: 'cs_1', url: 'http://localhost:4010/stripe/pay/1' });
  await payments(answer, 'http://localhost:4010/stripe/').createCheckout(request);
  expect(sent.map(({ url }) => url)).toEqual(['http://localhost:4010/stripe/v1/checkout/sessions']);
});

async function refusalOf(attempt: Promise<unknown>): Promise<string> {
  const error = await attempt.then(
    () => null,
    (reason: unknown) => reason,
  );
  return isAppError(error) ? `${error.code}: ${error.message}` : String(error);
}

test.each([
  [503, { type: 'api_error' }, /^service_unavailable: .*nothing was paid/i],
  [429, { type: 'rate_limit_error' }, /^service_unavailable: .*nothing was paid/i],
  [401, { type: 'invalid_request_error' }, /^internal: .*nothing was paid/i],
  [400, { type: 'invalid_request_error', message: 'No such param: secret-detail' }, /^internal: (?!.*secret-detail)/],
])('status %i of Stripe becomes a sentence that says nothing was paid', async (status, error, sentence) => {
  const { answer } = stripeThatAnswers(status, { error });
  expect(await refusalOf(payments(answer).createCheckout(request))).toMatch(sentence);
});

test('a Stripe that cannot be reached is an outage that may be tried again', async () => {
  const refuse: typeof fetch = () => Promise.reject(new TypeError('fetch failed'));
  expect(await refusalOf(payments(refuse).createCheckout(request))).toMatch(/^service_unavailable/);
});
