import { Hono } from 'hono';
import { z } from 'zod';
import type { StripeDeps } from './sessions.ts';
import { GOOD_BEHAVIOUR } from './webhooks.ts';

const behaviourSchema = z.strictObject({
  duplicate: z.int().min(0).max(20).default(GOOD_BEHAVIOUR.duplicate),
  reorder: z.boolean().default(GOOD_BEHAVIOUR.reorder),
  dropFirst: z.int().min(0).max(1_000).default(GOOD_BEHAVIOUR.dropFirst),
  delayMs: z.int().min(0).max(600_000).default(GOOD_BEHAVIOUR.delayMs),
  webhookUrl: z.url().optional(),
});

/** What everything looks like, for tests and curious people. */
function stateOf({ store, webhooks }: StripeDeps) {
  return {
    behaviour: webhooks.behaviour(),
    webhookUrl: webhooks.url(),
    customers: store.customers.list(),
    sessions: store.sessions.list().map(({ session, lineItems }) => ({ ...session, line_items: lineItems })),
    paymentIntents: store.paymentIntents.list(),
    charges: store.charges.list(),
    refunds: store.refunds.list(),
    balanceTransactions: store.balanceTransactions.list(),
    events: store.events
      .list()
      .map(({ id, event, delivery, attempts }) => ({ id, type: event.type, delivery, attempts })),
  };
}

/** The levers and gauges of the simulated Stripe, to be mounted at `/_sandbox/stripe`. */
export function createStripeControl(deps: StripeDeps) {
  const { store, webhooks } = deps;
  const routes = new Hono();

  routes.get('/state', (c) => c.json(stateOf(deps)));
  routes.delete('/state', async (c) => {
    store.clear();
    webhooks.setBehaviour(GOOD_BEHAVIOUR);
    await store.flush();
    return c.json(stateOf(deps));
  });

  routes.get('/behaviour', (c) => c.json({ ...webhooks.behaviour(), webhookUrl: webhooks.url() }));
  routes.post('/behaviour', async (c) => {
    const parsed = behaviourSchema.safeParse(await c.req.json().catch(() => null));
    if (!parsed.success) return c.json({ error: z.prettifyError(parsed.error) }, 400);
    const { webhookUrl, ...behaviour } = parsed.data;
    webhooks.setBehaviour(behaviour);
    if (webhookUrl !== undefined) webhooks.setUrl(webhookUrl);
    return c.json({ ...webhooks.behaviour(), webhookUrl: webhooks.url() });
  });

  routes.post('/redeliver/:eventId', (c) => {
    const record = store.events.get(c.req.param('eventId'));
    if (record === undefined) return c.json({ error: `There is no event ${c.req.param('eventId')}.` }, 404);
    webhooks.dispatch([{ ...record, delivery: 'pending' }]);
    return c.json({ id: record.id, type: record.event.type }, 202);
  });
  return routes;
}
