import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Stripe from 'stripe';
import { afterAll, beforeAll } from 'vitest';

/** The official SDK, unmodified, pointed at a sandbox. It does not retry, so that a test sees each answer. */
export function stripeClient(url: string, key = 'sk_test_sandbox'): Stripe {
  const { hostname, port } = new URL(url);
  return new Stripe(key, { host: hostname, port: Number(port), protocol: 'http', maxNetworkRetries: 0 });
}

/** One webhook as it arrived. */
export type Received = { readonly body: string; readonly signature: string };

/** An endpoint for webhooks. `statuses` are the answers to the coming ones; after them, 200. */
export function useEndpoint(): { readonly url: string; readonly received: Received[]; readonly statuses: number[] } {
  const received: Received[] = [];
  const statuses: number[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      received.push({
        body: Buffer.concat(pieces).toString(),
        signature: String(request.headers['stripe-signature'] ?? ''),
      });
      response.writeHead(statuses.shift() ?? 200).end();
    });
  });
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve())));
  afterAll(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return {
    get url() {
      // A TCP server's address is an object once it listens.
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhook`;
    },
    received,
    statuses,
  };
}

/** What a person types into the checkout page, with a card that is approved. */
export const goodCard = {
  email: 'ada@example.com',
  name: '',
  number: '4242 4242 4242 4242',
  expiry: '12 / 40',
  cvc: '123',
};

/** Presses Pay on the checkout page and does not follow where it leads. */
export function pay(checkoutUrl: string | null, card: Partial<typeof goodCard> = {}): Promise<Response> {
  const body = new URLSearchParams({ ...goodCard, ...card });
  return fetch(checkoutUrl ?? '', { method: 'POST', body, redirect: 'manual' });
}

/** The parameters of an ordinary purchase of credits. */
export const purchase = (): Stripe.Checkout.SessionCreateParams => ({
  mode: 'payment',
  client_reference_id: 'org_1',
  customer_email: 'ada@example.com',
  metadata: { topupId: 'topup_1' },
  payment_intent_data: { metadata: { topupId: 'topup_1' } },
  success_url: 'http://localhost:3000/credits?session={CHECKOUT_SESSION_ID}&paid=1',
  cancel_url: 'http://localhost:3000/credits',
  line_items: [
    { quantity: 2, price_data: { currency: 'usd', unit_amount: 1_000, product_data: { name: 'Credits' } } },
    { quantity: 1, price_data: { currency: 'usd', unit_amount: 110, product_data: { name: 'Fee' } } },
  ],
});
