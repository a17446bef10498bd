import { Hono } from 'hono';
import { type BaseUrl, createStripeApi } from './api.ts';
import { createCheckoutRoutes } from './checkout.ts';
import { createStripeControl } from './control.ts';
import { createStripeStore } from './store.ts';
import { createWebhooks, type WebhookSettings } from './webhooks.ts';

/** How the simulated Stripe is set up. */
export type StripeOptions = {
  readonly webhook: WebhookSettings;
  /** Where `stripe.json` is kept; without it everything is forgotten at the end. */
  readonly directory: string | undefined;
  readonly baseUrl: BaseUrl;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/** A Stripe of one's own: routes to mount at the root, and its life. */
export type SimulatedStripe = {
  readonly routes: Hono;
  /** Reads the state of an earlier run and sends the webhooks that it still owed. */
  readonly start: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Builds the simulated Stripe; nothing is read or sent before `start`. */
export function createStripe({ webhook, directory, baseUrl, now }: StripeOptions): SimulatedStripe {
  const store = createStripeStore(directory);
  const webhooks = createWebhooks({ store, settings: webhook, now });
  const deps = { store, webhooks, now };
  const api = createStripeApi(deps, baseUrl);
  const routes = new Hono();
  routes.route('/_sandbox/stripe', createStripeControl(deps));
  routes.route('/stripe/checkout', createCheckoutRoutes(deps));
  routes.route('/stripe/v1', api);
  // The SDK can be told a host and a port, but not a path.
  routes.route('/v1', api);
  return {
    routes,
    start: async () => {
      await store.load();
      webhooks.dispatch(
        store.events
          .list()
          .filter(({ delivery }) => delivery === 'pending')
          .reverse(),
      );
    },
    close: async () => {
      await webhooks.close();
      await store.flush();
    },
  };
}
