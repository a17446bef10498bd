import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSandbox } from '../src/index.ts';
import { poll } from './harness.ts';
import { pay, purchase, stripeClient, useEndpoint } from './stripe-harness.ts';

const endpoint = useEndpoint();
let stateDir = '';
beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'sandbox-state-'));
});
afterAll(() => rm(stateDir, { recursive: true }));

const NOBODY = 'http://127.0.0.1:9/nobody';

test('a restart keeps sessions and idempotency keys, and sends the webhooks that are still owed', async () => {
  const before = createSandbox({ stateDir, stripeWebhookUrl: NOBODY, stripeRetryFirstMs: 1_000_000 });
  const first = stripeClient((await before.listen()).url);
  const options = { idempotencyKey: 'over-a-restart' };
  const open = await first.checkout.sessions.create(purchase(), options);
  const paid = await first.checkout.sessions.create(purchase());
  await pay(paid.url);
  await before.close();

  const after = createSandbox({ stateDir, stripeWebhookUrl: endpoint.url, stripeRetryFirstMs: 5 });
  const second = stripeClient((await after.listen()).url);
  const again = await second.checkout.sessions.create(purchase(), options);
  const found = await second.checkout.sessions.retrieve(paid.id, { expand: ['line_items', 'payment_intent'] });
  const received = await poll(
    () => endpoint.received.map(({ body }) => JSON.parse(body) as { type: string }),
    (events) => events.length >= 3,
  );
  await after.close();

  expect(again.id).toBe(open.id);
  expect(found).toMatchObject({ status: 'complete', payment_intent: { status: 'succeeded' } });
  expect(received.map(({ type }) => type).sort()).toEqual([
    'charge.succeeded',
    'checkout.session.completed',
    'payment_intent.succeeded',
  ]);
  expect(await readdir(stateDir)).toEqual(['stripe.json']);
});

test('a state that is not ours stops the start instead of being overwritten', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'sandbox-state-'));
  await writeFile(join(directory, 'stripe.json'), '{"version":7}');
  const sandbox = createSandbox({ stateDir: directory });

  await expect(sandbox.listen()).rejects.toThrow(/version/);
  await rm(directory, { recursive: true });
});

test('without payments there is no trace of them', async () => {
  const sandbox = createSandbox({ hasStripe: false });
  const { url } = await sandbox.listen();
  const headers = { authorization: 'Bearer sk_test_1' };
  const statuses = [];
  for (const path of ['/v1/events', '/stripe/v1/events', '/stripe/checkout/cs_test_1', '/_sandbox/stripe/state']) {
    statuses.push((await fetch(url + path, { headers })).status);
  }
  await sandbox.close();

  expect(statuses).toEqual([404, 404, 404, 404]);
});

test('a port that is taken is told at the start, and nothing is left running', async () => {
  const first = createSandbox({ smtpPort: null });
  const { port } = await first.listen();
  const second = createSandbox();

  await expect(second.listen(port)).rejects.toThrow(/EADDRINUSE/);
  await first.close();
});
