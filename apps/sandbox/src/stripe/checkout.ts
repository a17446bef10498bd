import { type Context, Hono } from 'hono';
import { type Markup, pageHeaders } from '../page/layout.ts';
import { type CheckoutForm, expiredPage, openPage, paidPage, TEST_CARD, unknownPage } from './checkout-page.ts';
import { paySession } from './payments.ts';
import { findSession, type StripeDeps } from './sessions.ts';
import type { SessionRecord } from './store.ts';

/** The merchant's page after payment, with `{CHECKOUT_SESSION_ID}` filled in. */
function successUrlOf({ session }: SessionRecord): string | null {
  return session.success_url?.replaceAll('{CHECKOUT_SESSION_ID}', session.id) ?? null;
}

/** Browsers hold a form to its policy through redirects as well, so the way back to the merchant must be allowed. */
function originsOf({ session }: SessionRecord): string[] {
  return session.success_url === null ? [] : [new URL(session.success_url).origin];
}

async function show(
  c: Context,
  markup: Markup,
  { status = 200, record }: { status?: number; record?: SessionRecord } = {},
) {
  const headers = pageHeaders({ formActions: record === undefined ? [] : originsOf(record) });
  return new Response(c.req.method === 'HEAD' ? null : `${await markup}`, { status, headers });
}

function pageOfState(record: SessionRecord, form: CheckoutForm): Markup {
  if (record.session.status === 'open') return openPage(record, form);
  return record.session.status === 'complete' ? paidPage(record, successUrlOf(record)) : expiredPage(record);
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value.trim().slice(0, 512) : '');

/** The page where a person pays, to be mounted at `/stripe/checkout`. */
export function createCheckoutRoutes(deps: StripeDeps) {
  const routes = new Hono();

  routes.get('/:id', async (c) => {
    const record = findSession(c.req.param('id'), deps);
    await deps.store.flush();
    if (record === undefined) return show(c, unknownPage(), { status: 404 });
    const email = record.session.customer_details?.email ?? '';
    return show(c, pageOfState(record, { ...TEST_CARD, email, name: '' }), { record });
  });

  routes.post('/:id', async (c) => {
    const body = await c.req.parseBody();
    const record = findSession(c.req.param('id'), deps);
    if (record === undefined) return show(c, unknownPage(), { status: 404 });
    const card = { number: textOf(body['number']), expiry: textOf(body['expiry']), cvc: textOf(body['cvc']) };
    const input = { card, email: textOf(body['email']), name: textOf(body['name']) };
    const result = paySession(record, input, deps);
    await deps.store.flush();
    if (result.kind === 'paid') return c.redirect(successUrlOf(record) ?? `/stripe/checkout/${record.id}`, 303);
    const form = { ...card, email: input.email, name: input.name };
    if (result.kind === 'not_open') return show(c, pageOfState(record, form), { status: 409, record });
    return show(c, openPage(record, { ...form, refusal: result.message }), { status: 402, record });
  });
  return routes;
}
