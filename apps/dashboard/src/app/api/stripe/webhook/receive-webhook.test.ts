import { createHmac } from 'node:crypto';
import { AppError } from '@bourse/errors';
import { createPayments, type StripeEventFacts } from '@bourse/payments';
import { expect, test } from 'vitest';
import type { StripeEventResult } from '../../../../data/credits.ts';
import { receiveWebhook } from './receive-webhook.ts';

const SECRET = 'whsec_0123456789abcdef';
const NOW_MS = 1_790_000_000_000;

const payments = createPayments({
  secretKey: 'sk_test_1',
  webhookSecret: SECRET,
  fetch: () => Promise.reject(new Error('no network in this test')),
  now: () => NOW_MS,
});

const body = JSON.stringify({
  id: 'evt_1',
  object: 'event',
  type: 'customer.created',
  livemode: false,
  data: { object: { id: 'cus_1', email: 'canary@example.com' } },
});

function signed(payload: string | Uint8Array<ArrayBuffer>): Request {
  const hmac = createHmac('sha256', SECRET)
    .update(`${NOW_MS / 1000}.`)
    .update(payload)
    .digest('hex');
  return new Request('http://localhost/api/stripe/webhook', {
    method: 'POST',
    headers: { 'stripe-signature': `t=${NOW_MS / 1000},v1=${hmac}` },
    body: payload,
  });
}

/** Books that give one answer, and everything that was filed and logged. */
function world(result: StripeEventResult | Error = { kind: 'ignored' }) {
  const filed: StripeEventFacts[] = [];
  const logged: string[] = [];
  const note = (...parts: readonly unknown[]) =>
    void logged.push(JSON.stringify(parts.map(String)) + JSON.stringify(parts));
  const record = async (facts: StripeEventFacts) => {
    filed.push(facts);
    if (result instanceof Error) throw result;
    return result;
  };
  return { filed, logged, deps: { payments, record, log: { info: note, warn: note, error: note } } };
}

test('an event of a type that means nothing to us is filed and answered with 200', async () => {
  const { filed, deps } = world();
  expect((await receiveWebhook(signed(body), deps)).status).toBe(200);
  expect(filed).toMatchObject([{ eventId: 'evt_1', outcome: null }]);
});

test.each<StripeEventResult>([{ kind: 'duplicate' }, { kind: 'refused', reason: 'other amount' }])(
  'an event that is %j is answered with 200, so that Stripe stops sending it',
  async (result) => {
    expect((await receiveWebhook(signed(body), world(result).deps)).status).toBe(200);
  },
);

test('a body that was not signed by Stripe is answered with 400, files nothing, and leaves no trace of itself', async () => {
  const { filed, logged, deps } = world();
  const forged = new Request('http://localhost/', {
    method: 'POST',
    body,
    headers: { 'stripe-signature': 't=1,v1=canary' },
  });
  const answer = await receiveWebhook(forged, deps);
  expect(answer.status).toBe(400);
  expect(filed).toEqual([]);
  expect([...logged, await answer.text()].join('')).not.toMatch(/canary/);
});

test.each([
  new AppError('service_unavailable', 'The database does not answer.'),
  new TypeError('canary of the database'),
])('when our books fail (%s) Stripe is asked to come again, and not told why', async (failure) => {
  const answer = await receiveWebhook(signed(body), world(failure).deps);
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toMatch(/canary/);
});

test('a body above one mebibyte is refused however it is signed', async () => {
  const { filed, deps } = world();
  expect((await receiveWebhook(signed(new Uint8Array(1024 * 1024 + 1).fill(32)), deps)).status).toBe(413);
  expect(filed).toEqual([]);
});

test('a delivery without a body is refused', async () => {
  const empty = new Request('http://localhost/', { method: 'POST' });
  expect((await receiveWebhook(empty, world().deps)).status).toBe(400);
});
