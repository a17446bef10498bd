import Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { useSandbox } from './harness.ts';
import { pay, purchase, stripeClient } from './stripe-harness.ts';

const world = useSandbox({ stripeWebhookUrl: 'http://127.0.0.1:9/nobody', stripeRetryFirstMs: 1_000_000 });
const stripe = () => stripeClient(world.url);
const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(() => null).catch((error: unknown) => error);

describe('a checkout session', () => {
  test('is created open and unpaid, with the total of its lines and a page to pay on', async () => {
    const session = await stripe().checkout.sessions.create(purchase());
    const again = await stripe().checkout.sessions.retrieve(session.id, { expand: ['line_items'] });

    expect(session).toMatchObject({
      object: 'checkout.session',
      id: expect.stringMatching(/^cs_test_[A-Za-z0-9]{58}$/),
      livemode: false,
      mode: 'payment',
      status: 'open',
      payment_status: 'unpaid',
      amount_total: 2_110,
      currency: 'usd',
      client_reference_id: 'org_1',
      customer_email: 'ada@example.com',
      metadata: { topupId: 'topup_1' },
      payment_intent: null,
      url: `${world.url}/stripe/checkout/${session.id}`,
    });
    expect(session.line_items).toBeUndefined();
    expect(again.line_items?.data.map((line) => [line.description, line.quantity, line.amount_total])).toEqual([
      ['Credits', 2, 2_000],
      ['Fee', 1, 110],
    ]);
    const lines = await stripe().checkout.sessions.listLineItems(session.id);
    expect(lines.data).toHaveLength(2);
  });

  test('that is paid has a succeeded payment intent with a charge, and sends the payer back', async () => {
    const session = await stripe().checkout.sessions.create(purchase());
    const response = await pay(session.url);
    const paid = await stripe().checkout.sessions.retrieve(session.id, { expand: ['payment_intent.latest_charge'] });

    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe(`http://localhost:3000/credits?session=${session.id}&paid=1`);
    expect(paid).toMatchObject({
      status: 'complete',
      payment_status: 'paid',
      url: null,
      customer_details: { email: 'ada@example.com' },
      payment_intent: {
        id: expect.stringMatching(/^pi_/),
        status: 'succeeded',
        amount: 2_110,
        amount_received: 2_110,
        metadata: { topupId: 'topup_1' },
        latest_charge: {
          id: expect.stringMatching(/^ch_/),
          status: 'succeeded',
          paid: true,
          amount: 2_110,
          payment_method_details: { card: { brand: 'visa', last4: '4242' } },
        },
      },
    });
  });

  test('is charged once, however often Pay is pressed', async () => {
    const session = await stripe().checkout.sessions.create(purchase());
    const responses = await Promise.all(Array.from({ length: 8 }, () => pay(session.url)));
    const intents = await stripe().paymentIntents.list({ limit: 100 });
    const paid = await stripe().checkout.sessions.retrieve(session.id);

    expect(responses.map(({ status }) => status).sort()).toEqual([303, ...Array.from({ length: 7 }, () => 409)]);
    expect(intents.data.filter(({ id }) => id === paid.payment_intent)).toHaveLength(1);
    const charges = await stripe().balanceTransactions.list({ type: 'charge', limit: 100 });
    expect(new Set(charges.data.map(({ source }) => source)).size).toBe(charges.data.length);
  });

  test('survives a declined card, and can be paid with another', async () => {
    const session = await stripe().checkout.sessions.create(purchase());
    const declined = await pay(session.url, { number: '4000 0000 0000 0002' });
    const page = await declined.text();
    const between = await stripe().checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] });
    const paid = await pay(session.url);

    expect(declined.status).toBe(402);
    expect(page).toContain('Your card was declined.');
    expect(page).toContain('value="4000 0000 0000 0002"');
    expect(between).toMatchObject({
      status: 'open',
      payment_status: 'unpaid',
      payment_intent: { status: 'requires_payment_method', last_payment_error: { code: 'card_declined' } },
    });
    expect(paid.status).toBe(303);
    const after = await stripe().checkout.sessions.retrieve(session.id);
    expect(after.payment_status).toBe('paid');
    expect(between.payment_intent).toMatchObject({ id: after.payment_intent });
  });

  test.each([
    ['4242 4242 4242 4241', 'number is invalid'],
    ['4000 0000 0000 9995', 'insufficient funds'],
    ['4111 1111 1111 1111', 'only test cards work here'],
  ])('is not paid with the card %s', async (number, message) => {
    const session = await stripe().checkout.sessions.create(purchase());
    const response = await pay(session.url, { number });

    expect(response.status).toBe(402);
    expect(await response.text()).toContain(message);
    expect((await stripe().checkout.sessions.retrieve(session.id)).status).toBe('open');
  });

  test('that is expired can be neither paid nor expired again', async () => {
    const session = await stripe().checkout.sessions.create(purchase());
    const expired = await stripe().checkout.sessions.expire(session.id);
    const response = await pay(session.url);
    const failure = await failureOf(stripe().checkout.sessions.expire(session.id));

    expect(expired).toMatchObject({ status: 'expired', url: null });
    expect(response.status).toBe(409);
    expect(await response.text()).toContain('This checkout has expired');
    expect(failure).toBeInstanceOf(Stripe.errors.StripeInvalidRequestError);
  });

  test('for a customer carries it through to the payment', async () => {
    const customer = await stripe().customers.create({
      email: 'grace@example.com',
      metadata: { organizationId: 'org_1' },
    });
    const { customer_email: _, ...rest } = purchase();
    const session = await stripe().checkout.sessions.create({ ...rest, customer: customer.id });
    const page = await (await fetch(session.url ?? '')).text();
    await pay(session.url, { email: 'grace@example.com' });
    const intents = await stripe().paymentIntents.list({ customer: customer.id });
    const mine = await stripe().checkout.sessions.list({ customer: customer.id });
    const found = await stripe().customers.retrieve(customer.id);

    expect(page).toContain('value="grace@example.com"');
    expect(intents.data.map(({ status }) => status)).toEqual(['succeeded']);
    expect(mine.data.map(({ id }) => id)).toEqual([session.id]);
    expect(found).toMatchObject({ id: customer.id, metadata: { organizationId: 'org_1' } });
  });

  test('makes a customer when it is asked to', async () => {
    const session = await stripe().checkout.sessions.create({ ...purchase(), customer_creation: 'always' });
    await pay(session.url, { name: 'Ada L.' });
    const paid = await stripe().checkout.sessions.retrieve(session.id, { expand: ['customer'] });

    expect(paid.customer).toMatchObject({ object: 'customer', email: 'ada@example.com', name: 'Ada L.' });
  });
});

describe('refusals', () => {
  test.each<[string, object, string, string | undefined]>([
    ['no lines', { line_items: undefined }, 'line_items', 'parameter_missing'],
    ['no success_url', { success_url: undefined }, 'success_url', 'parameter_missing'],
    ['a script as success_url', { success_url: 'javascript:alert(1)' }, 'success_url', undefined],
    ['a misspelt parameter', { client_referense_id: 'x' }, 'client_referense_id', 'parameter_unknown'],
    ['an unknown customer', { customer: 'cus_none', customer_email: undefined }, 'customer', 'resource_missing'],
    ['an expiry in the past', { expires_at: 1 }, 'expires_at', undefined],
    [
      'a fraction of a cent',
      { line_items: [{ price_data: { currency: 'usd', unit_amount: 0.5, product_data: { name: 'x' } }, quantity: 1 }] },
      'line_items[0][price_data][unit_amount]',
      undefined,
    ],
    [
      'less than 50 cents',
      { line_items: [{ price_data: { currency: 'usd', unit_amount: 49, product_data: { name: 'x' } }, quantity: 1 }] },
      'line_items',
      'amount_too_small',
    ],
  ])('a session with %s is a 400 that names the parameter', async (_, change, param, code) => {
    const failure = await failureOf(stripe().checkout.sessions.create({ ...purchase(), ...change }));

    expect(failure).toBeInstanceOf(Stripe.errors.StripeInvalidRequestError);
    expect(failure).toMatchObject({ statusCode: 400, param, code, requestId: expect.stringMatching(/^req_/) });
  });

  test('a key that is not a test key is refused', async () => {
    const failure = await failureOf(stripeClient(world.url, 'sk_live_1234567890').customers.create());

    expect(failure).toBeInstanceOf(Stripe.errors.StripeAuthenticationError);
  });

  test('unknown objects and unknown paths are 404 with the shape of Stripe', async () => {
    const failure = await failureOf(stripe().checkout.sessions.retrieve('cs_test_none'));
    const elsewhere = await fetch(`${world.url}/stripe/v1/subscriptions`, {
      headers: { authorization: 'Bearer sk_test_1' },
    });
    const page = await fetch(`${world.url}/stripe/checkout/cs_test_none`);

    expect(failure).toMatchObject({ statusCode: 404, code: 'resource_missing' });
    expect([elsewhere.status, page.status]).toEqual([404, 404]);
    expect(await elsewhere.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
  });
});

describe('an idempotency key', () => {
  test('gives the first answer again, and makes nothing new', async () => {
    const options = { idempotencyKey: 'key-1' };
    const first = await stripe().checkout.sessions.create(purchase(), options);
    const second = await stripe().checkout.sessions.create(purchase(), options);
    const all = await stripe().checkout.sessions.list({ limit: 100 });

    expect(second.id).toBe(first.id);
    expect(second.lastResponse.headers['idempotent-replayed']).toBe('true');
    expect(all.data.filter(({ id }) => id === first.id)).toHaveLength(1);
  });

  test('makes one object when the same request comes many times at once', async () => {
    const sessions = await Promise.all(
      Array.from({ length: 10 }, () => stripe().checkout.sessions.create(purchase(), { idempotencyKey: 'key-2' })),
    );

    expect(new Set(sessions.map(({ id }) => id)).size).toBe(1);
  });

  test('with other parameters is refused, and with a corrected mistake is not', async () => {
    const options = { idempotencyKey: 'key-3' };
    await failureOf(stripe().checkout.sessions.create({ ...purchase(), customer: 'cus_none' }, options));
    await stripe().checkout.sessions.create(purchase(), options);
    const failure = await failureOf(
      stripe().checkout.sessions.create({ ...purchase(), client_reference_id: 'x' }, options),
    );

    expect(failure).toBeInstanceOf(Stripe.errors.StripeIdempotencyError);
    expect(failure).toMatchObject({ statusCode: 400 });
  });
});

describe('a refund', () => {
  async function paidIntent(): Promise<string> {
    const session = await stripe().checkout.sessions.create(purchase());
    await pay(session.url);
    const { payment_intent: intent } = await stripe().checkout.sessions.retrieve(session.id);
    return typeof intent === 'string' ? intent : '';
  }

  test('gives back a part, then the rest, and never more', async () => {
    const intent = await paidIntent();
    const part = await stripe().refunds.create({ payment_intent: intent, amount: 110 });
    const tooMuch = await failureOf(stripe().refunds.create({ payment_intent: intent, amount: 2_001 }));
    const rest = await stripe().refunds.create({ payment_intent: intent });
    const again = await failureOf(stripe().refunds.create({ payment_intent: intent }));
    const charge = await stripe().charges.retrieve(typeof rest.charge === 'string' ? rest.charge : '');

    expect([part.amount, rest.amount]).toEqual([110, 2_000]);
    expect(part).toMatchObject({ id: expect.stringMatching(/^re_/), status: 'succeeded', payment_intent: intent });
    expect(tooMuch).toMatchObject({ statusCode: 400, param: 'amount' });
    expect(again).toMatchObject({ code: 'charge_already_refunded' });
    expect(charge).toMatchObject({ amount_refunded: 2_110, refunded: true });
  });

  test('and its payment are in the balance: gross, fee and net add up', async () => {
    const intent = await paidIntent();
    const refund = await stripe().refunds.create({ payment_intent: intent });
    const [charged] = (await stripe().balanceTransactions.list({ source: String(refund.charge) })).data;
    const [returned] = (await stripe().balanceTransactions.list({ source: refund.id })).data;

    expect(charged).toMatchObject({ type: 'charge', amount: 2_110, fee: 91, net: 2_019 });
    expect(returned).toMatchObject({ type: 'refund', amount: -2_110, fee: 0, net: -2_110 });
  });

  test('of nothing is refused', async () => {
    expect(await failureOf(stripe().refunds.create({}))).toMatchObject({ statusCode: 400 });
    expect(await failureOf(stripe().refunds.create({ payment_intent: 'pi_none' }))).toMatchObject({ statusCode: 404 });
  });
});

describe('lists', () => {
  test('are cut into pages that meet every object once, newest first', async () => {
    for (let count = 0; count < 5; count += 1) await stripe().checkout.sessions.create(purchase());
    const whole = await stripe().checkout.sessions.list({ limit: 100 });
    const walked: string[] = [];
    for await (const session of stripe().checkout.sessions.list({ limit: 2 })) walked.push(session.id);
    const back = await stripe().checkout.sessions.list({ limit: 1, ending_before: whole.data[3]?.id ?? '' });

    expect(walked).toEqual(whole.data.map(({ id }) => id));
    expect(back.data.map(({ id }) => id)).toEqual([whole.data[2]?.id]);
    expect(back.has_more).toBe(true);
  });

  test('of events are filtered by type and time, and each event can be read alone', async () => {
    const session = await stripe().checkout.sessions.create(purchase());
    await pay(session.url);
    const events = await stripe().events.list({ type: 'checkout.session.completed', limit: 1 });
    const none = await stripe().events.list({ created: { gt: 4_000_000_000 } });
    const [event] = events.data;
    const found = await stripe().events.retrieve(event?.id ?? '');

    expect(event).toMatchObject({
      object: 'event',
      livemode: false,
      data: { object: { id: session.id, payment_status: 'paid' } },
    });
    expect(found.id).toBe(event?.id);
    expect(none.data).toEqual([]);
  });
});

describe('the checkout page', () => {
  test('shows merchant, lines and total, offers both ways out, and escapes what it is given', async () => {
    const session = await stripe().checkout.sessions.create({
      ...purchase(),
      line_items: [
        {
          quantity: 1,
          price_data: { currency: 'usd', unit_amount: 500, product_data: { name: '<b>"Five" & more</b>' } },
        },
      ],
    });
    const response = await fetch(session.url ?? '');
    const page = await response.text();

    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(response.headers.get('content-security-policy')).toContain("form-action 'self' http://localhost:3000");
    expect(page).toContain('Pay Bourse');
    expect(page).toContain('$5.00');
    expect(page).toContain('&lt;b&gt;&quot;Five&quot; &amp; more&lt;/b&gt;');
    expect(page).toContain('value="4242 4242 4242 4242"');
    expect(page).toContain('href="http://localhost:3000/credits"');
    expect(page).not.toContain('<script');
  });

  test('of a paid session says so and leads back', async () => {
    const session = await stripe().checkout.sessions.create(purchase());
    await pay(session.url);
    const page = await (await fetch(session.url ?? '')).text();

    expect(page).toContain('This payment is done');
    expect(page).toContain(`/credits?session=${session.id}&amp;paid=1`);
  });
});
