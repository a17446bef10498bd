import { beforeEach, describe, expect, test } from 'vitest';
import { json, poll, useSandbox } from './harness.ts';
import { pay, purchase, type Received, stripeClient, useEndpoint } from './stripe-harness.ts';

const SECRET = 'whsec_test_of_the_sandbox';
const endpoint = useEndpoint();
const world = useSandbox({ stripeWebhookSecret: SECRET, stripeRetryFirstMs: 5 });
const stripe = () => stripeClient(world.url);

const behave = (behaviour: object) => json(`${world.url}/_sandbox/stripe/behaviour`, { body: behaviour });
const eventOf = ({ body, signature }: Received) => stripe().webhooks.constructEvent(body, signature, SECRET);
const typesOf = (received: readonly Received[]) => received.map((each) => eventOf(each).type);

beforeEach(async () => {
  await behave({ webhookUrl: endpoint.url });
  endpoint.received.length = 0;
  endpoint.statuses.length = 0;
});

/** Buys something, and waits until so many webhooks have arrived. */
async function buy(webhooks = 3): Promise<{ id: string; received: readonly Received[] }> {
  const session = await stripe().checkout.sessions.create(purchase());
  await pay(session.url);
  const received = await poll(
    () => [...endpoint.received],
    (all) => all.length >= webhooks,
  );
  return { id: session.id, received };
}

/** What the sandbox knows of the delivery of the events of one kind. */
async function deliveries(type: string, isGood: (record: { delivery: string; attempts: unknown[] }) => boolean) {
  type State = { events: { id: string; type: string; delivery: string; attempts: { status: number | null }[] }[] };
  const state = await poll(
    async () => (await json(`${world.url}/_sandbox/stripe/state`)) as State,
    ({ events }) => events.filter((event) => event.type === type).every(isGood),
  );
  return state.events.filter((event) => event.type === type);
}

describe('a payment', () => {
  test('is told by three webhooks, in order, whose signatures the SDK accepts', async () => {
    const { id, received } = await buy();
    const events = received.map(eventOf);

    expect(events.map(({ type }) => type)).toEqual([
      'charge.succeeded',
      'payment_intent.succeeded',
      'checkout.session.completed',
    ]);
    expect(events[2]).toMatchObject({
      id: expect.stringMatching(/^evt_/),
      object: 'event',
      livemode: false,
      api_version: '2026-10-28.endive',
      data: { object: { id, payment_status: 'paid', amount_total: 2_110, metadata: { topupId: 'topup_1' } } },
    });
    expect(events[1]).toMatchObject({ data: { object: { status: 'succeeded', metadata: { topupId: 'topup_1' } } } });
  });

  test('is signed over the very bytes: another secret, body or time is refused', async () => {
    const { received } = await buy();
    const [first] = received;
    const body = first?.body ?? '';
    const signature = first?.signature ?? '';
    const { webhooks } = stripe();

    expect(() => webhooks.constructEvent(body, signature, 'whsec_another')).toThrow(/No signatures found/);
    expect(() => webhooks.constructEvent(`${body} `, signature, SECRET)).toThrow(/No signatures found/);
    expect(() => webhooks.constructEvent(JSON.stringify(JSON.parse(body)), signature, SECRET)).toThrow(/No signatures/);
    const later = Date.now() + 301_000;
    expect(() => webhooks.constructEvent(body, signature, SECRET, 300, undefined, later)).toThrow(/tolerance/);
  });

  test('that was declined is told by its own events', async () => {
    const session = await stripe().checkout.sessions.create(purchase());
    await pay(session.url, { number: '4000000000000002' });
    const received = await poll(
      () => [...endpoint.received],
      (all) => all.length >= 2,
    );

    expect(typesOf(received)).toEqual(['charge.failed', 'payment_intent.payment_failed']);
  });

  test('that is refunded, and a session that expires, are told as well', async () => {
    const { id } = await buy();
    const { payment_intent: intent } = await stripe().checkout.sessions.retrieve(id);
    await stripe().refunds.create({ payment_intent: String(intent) });
    const other = await stripe().checkout.sessions.create(purchase());
    await stripe().checkout.sessions.expire(other.id);
    const received = await poll(
      () => [...endpoint.received],
      (all) => all.length >= 6,
    );

    expect(typesOf(received).slice(3).sort()).toEqual([
      'charge.refunded',
      'checkout.session.expired',
      'refund.created',
    ]);
  });
});

describe('an endpoint that fails', () => {
  test('is tried again until it takes the event, with a new signature and the same event', async () => {
    endpoint.statuses.push(500, 400, 302);
    const { received } = await buy(6);
    const ids = received.map((each) => eventOf(each).id);

    expect(received).toHaveLength(6);
    expect(new Set(ids).size).toBe(3);
    const done = await deliveries('checkout.session.completed', ({ delivery }) => delivery === 'delivered');
    expect(done.every(({ delivery }) => delivery === 'delivered')).toBe(true);
  });

  test('is given up after ten tries', async () => {
    await json(`${world.url}/_sandbox/stripe/state`, { method: 'DELETE' });
    await behave({ webhookUrl: 'http://127.0.0.1:9/nobody' });
    await buy(0);
    const [record] = await deliveries('checkout.session.completed', ({ delivery }) => delivery === 'failed');

    expect(record).toMatchObject({ delivery: 'failed' });
    expect(record?.attempts.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => null));
    await json(`${world.url}/_sandbox/stripe/state`, { method: 'DELETE' });
  });
});

describe('on demand', () => {
  test('every webhook comes more than once', async () => {
    await behave({ duplicate: 2 });
    const { received } = await buy(9);

    expect(typesOf(received)).toEqual([
      ...Array.from({ length: 3 }, () => 'charge.succeeded'),
      ...Array.from({ length: 3 }, () => 'payment_intent.succeeded'),
      ...Array.from({ length: 3 }, () => 'checkout.session.completed'),
    ]);
    expect(new Set(received.map((each) => eventOf(each).id)).size).toBe(3);
  });

  test('webhooks come in the wrong order', async () => {
    await behave({ reorder: true });
    const { received } = await buy();

    expect(typesOf(received)).toEqual(['checkout.session.completed', 'payment_intent.succeeded', 'charge.succeeded']);
  });

  test('the first webhooks are lost, and come later', async () => {
    await behave({ dropFirst: 2 });
    const { received } = await buy();
    const [lost] = await deliveries('charge.succeeded', ({ delivery }) => delivery === 'delivered');

    expect(new Set(typesOf(received))).toEqual(
      new Set(['checkout.session.completed', 'charge.succeeded', 'payment_intent.succeeded']),
    );
    expect(lost?.attempts.map(({ status }) => status)).toEqual([null, 200]);
  });

  test('webhooks come late', async () => {
    await behave({ delayMs: 80 });
    const start = performance.now();
    await buy();

    expect(performance.now() - start).toBeGreaterThanOrEqual(80);
  });

  test('one event is sent again', async () => {
    const { received } = await buy();
    const event = received[2] === undefined ? undefined : eventOf(received[2]);
    await json(`${world.url}/_sandbox/stripe/redeliver/${event?.id}`, { method: 'POST' });
    const all = await poll(
      () => [...endpoint.received],
      (now) => now.length >= 4,
    );
    const unknown = await fetch(`${world.url}/_sandbox/stripe/redeliver/evt_none`, { method: 'POST' });

    expect(all[3] === undefined ? undefined : eventOf(all[3]).id).toBe(event?.id);
    expect(unknown.status).toBe(404);
  });

  test('nonsense is refused', async () => {
    const response = await fetch(`${world.url}/_sandbox/stripe/behaviour`, {
      method: 'POST',
      body: '{"duplicate":-1}',
    });

    expect(response.status).toBe(400);
  });
});
