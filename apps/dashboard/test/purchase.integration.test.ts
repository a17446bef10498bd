import { nanodollars } from '@bourse/money';
import { createPayments } from '@bourse/payments';
import { createOrganization, createTestDatabase, type TestDatabase, type TestOrganization } from '@bourse/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { receiveWebhook } from '../src/app/api/stripe/webhook/receive-webhook.ts';
import { eventually, type SandboxProcess, startSandbox } from './sandbox-process.ts';
import { serveWebhook, type WebhookServer } from './webhook-server.ts';

const SECRET = 'whsec_0123456789abcdef';
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

let database: TestDatabase;
let sandbox: SandboxProcess;
let webhook: WebhookServer;
let buyer: TestOrganization;
let payments: ReturnType<typeof createPayments>;
/** While set, the books fail as if the database were away. */
let isDatabaseAway = false;

beforeAll(async () => {
  database = await createTestDatabase();
  webhook = await serveWebhook((request) =>
    receiveWebhook(request, {
      payments,
      log: silent,
      record: (facts) =>
        isDatabaseAway
          ? Promise.reject(new Error('the database is away'))
          : database.db.payments.recordStripeEventAndGrant(facts, { isLivemode: false }),
    }),
  );
  sandbox = await startSandbox({
    SANDBOX_STRIPE_WEBHOOK_URL: webhook.url,
    SANDBOX_STRIPE_WEBHOOK_SECRET: SECRET,
  });
  payments = createPayments({
    secretKey: 'sk_test_dashboard',
    webhookSecret: SECRET,
    apiBase: `${sandbox.url}/stripe`,
    fetch,
    now: Date.now,
  });
});

afterAll(async () => {
  await sandbox.stop();
  await webhook.stop();
  await database.drop();
});

beforeEach(async () => {
  isDatabaseAway = false;
  buyer = await createOrganization(database.db, { credits: nanodollars(0n) });
  await fetch(`${sandbox.url}/_sandbox/stripe/state`, { method: 'DELETE' });
});

async function behave(behaviour: object): Promise<void> {
  await fetch(`${sandbox.url}/_sandbox/stripe/behaviour`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(behaviour),
  });
}

async function openCheckout(amountCents = 2_500, feeCents = 138) {
  const topup = await database.db.payments.createTopup({
    organizationId: buyer.organizationId,
    userId: buyer.userId,
    amountCents,
    feeCents,
    currency: 'usd',
  });
  const checkout = await payments.createCheckout({
    topup,
    customerEmail: buyer.email,
    successUrl: `http://localhost:3000/settings/credits?topup=${topup.id}`,
    cancelUrl: 'http://localhost:3000/settings/credits',
  });
  await database.db.payments.attachCheckoutSession({ topupId: topup.id, checkoutSessionId: checkout.id });
  return { topup, checkout };
}

/** Fills in the page's form, as a person would. */
async function pay(url: string, number = '4242424242424242'): Promise<Response> {
  const form = new URLSearchParams({ email: buyer.email, number, expiry: '12 / 40', cvc: '123', name: '' });
  return fetch(url, { method: 'POST', body: form, redirect: 'manual' });
}

const posted = async () => (await database.db.ledger.balance(buyer.organizationId)).posted;

type Delivery = { id: string; type: string; delivery: string; attempts: readonly unknown[] };

async function deliveries(): Promise<readonly Delivery[]> {
  const answer = await fetch(`${sandbox.url}/_sandbox/stripe/state`);
  const state: { events: readonly Delivery[] } = await answer.json();
  return state.events;
}

/** Every event has been answered with success, as many times as it was sent. */
const allDelivered = () =>
  eventually(deliveries, (events) =>
    events.every(({ delivery }) => delivery === 'delivered' || delivery === 'not_wanted'),
  );

async function grants(): Promise<number> {
  const { rows } = await database.db.ledger.listEntries(buyer.organizationId, { limit: 100 });
  return rows.filter(({ kind }) => kind === 'topup').length;
}

test('what is paid at the checkout becomes credits, without the fee, and the purchase says so', async () => {
  const { topup, checkout } = await openCheckout();
  const answer = await pay(checkout.url);
  expect([answer.status, answer.headers.get('location')]).toEqual([
    303,
    `http://localhost:3000/settings/credits?topup=${topup.id}`,
  ]);
  await eventually(posted, (balance) => balance > 0n);
  expect(await posted()).toBe(25_000_000_000n);
  const found = await database.db.payments.find({ topupId: topup.id, organizationId: buyer.organizationId });
  expect(found).toMatchObject({ state: 'granted', checkoutSessionId: checkout.id });
});

test('asking for the checkout of a purchase twice gives the same page, so it cannot be paid twice', async () => {
  const { topup, checkout } = await openCheckout();
  const again = await payments.createCheckout({
    topup,
    customerEmail: buyer.email,
    successUrl: `http://localhost:3000/settings/credits?topup=${topup.id}`,
    cancelUrl: 'http://localhost:3000/settings/credits',
  });
  expect(again).toEqual(checkout);
});

test('every event delivered four times, newest first, grants once', async () => {
  await behave({ duplicate: 3, reorder: true });
  const { checkout } = await openCheckout();
  await pay(checkout.url);
  await eventually(posted, (balance) => balance > 0n);
  await allDelivered();
  expect([await posted(), await grants()]).toEqual([25_000_000_000n, 1]);
});

test('an event that is sent again days later, under the same id, changes nothing', async () => {
  const { checkout } = await openCheckout();
  await pay(checkout.url);
  await eventually(posted, (balance) => balance > 0n);
  const before = webhook.statuses.length;
  for (const { id } of await allDelivered())
    await fetch(`${sandbox.url}/_sandbox/stripe/redeliver/${id}`, { method: 'POST' });
  await eventually(
    async () => webhook.statuses.length,
    (count) => count > before,
  );
  await allDelivered();
  expect([await posted(), await grants()]).toEqual([25_000_000_000n, 1]);
});

test('while our books are away Stripe is answered 500, delivers again, and the credits arrive', async () => {
  isDatabaseAway = true;
  const { checkout } = await openCheckout();
  await pay(checkout.url);
  await eventually(
    async () => webhook.statuses.at(-1),
    (status) => status === 500,
  );
  expect(await posted()).toBe(0n);
  isDatabaseAway = false;
  for (const { id } of await deliveries())
    await fetch(`${sandbox.url}/_sandbox/stripe/redeliver/${id}`, { method: 'POST' });
  await eventually(posted, (balance) => balance > 0n);
  expect([await posted(), await grants()]).toEqual([25_000_000_000n, 1]);
});

test('a card that is declined buys nothing', async () => {
  const { checkout } = await openCheckout();
  expect((await pay(checkout.url, '4000000000000002')).status).toBe(402);
  await allDelivered();
  expect(await posted()).toBe(0n);
});

test('two purchases at once are two grants, each of its own amount', async () => {
  const [one, other] = await Promise.all([openCheckout(500, 80), openCheckout(1_000_000, 55_000)]);
  await Promise.all([pay(one.checkout.url), pay(other.checkout.url)]);
  await eventually(posted, (balance) => balance === 10_005_000_000_000n);
  expect(await grants()).toBe(2);
});
