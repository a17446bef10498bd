import { recordEvent } from './events.ts';
import { missingResource } from './failure.ts';
import type { FormValue } from './form.ts';
import { buildCustomer } from './objects.ts';
import { pageOf } from './pages.ts';
import { paramSchemas, parseParams } from './params.ts';
import { createRefund } from './refunds.ts';
import { createSession, expireSession, filterSessions, requireSession, type StripeDeps, seconds } from './sessions.ts';

/** One request: its form or query, the id in its path or '', and where a browser reaches the sandbox. */
export type Call = { readonly form: { [key: string]: FormValue }; readonly id: string; readonly baseUrl: string };
/** Answers a request with an object of the API, or throws `StripeFailure`. */
export type Handler = (call: Call) => object;

function required<T>(found: T | undefined, kind: string, id: string): T {
  if (found === undefined) throw missingResource(kind, id);
  return found;
}

/** A handler that gives one object by its id. */
function retrieve(find: (id: string) => object): Handler {
  return ({ form, id }) => {
    parseParams(paramSchemas.retrieve, form);
    return find(id);
  };
}

function createListHandlers(deps: StripeDeps): Readonly<Record<string, Handler>> {
  const { store } = deps;
  return {
    '/checkout/sessions': ({ form }) => {
      const params = parseParams(paramSchemas.sessionList, form);
      return pageOf(filterSessions(params, deps), params, '/v1/checkout/sessions');
    },
    '/checkout/sessions/:id/line_items': ({ id, form }) => {
      const params = parseParams(paramSchemas.lineItemList, form);
      return pageOf(requireSession(id, deps).lineItems, params, `/v1/checkout/sessions/${id}/line_items`);
    },
    '/payment_intents': ({ form }) => {
      const params = parseParams(paramSchemas.paymentIntentList, form);
      const intents = store.paymentIntents.list().filter(({ customer }) => (params.customer ?? customer) === customer);
      return pageOf(intents, params, '/v1/payment_intents');
    },
    '/events': ({ form }) => {
      const params = parseParams(paramSchemas.eventList, form);
      const types = params.type === undefined ? params.types : [params.type];
      const events = store.events.list().map(({ event }) => event);
      const wanted = events.filter(({ type }) => types === undefined || types.includes(type));
      return pageOf(wanted, params, '/v1/events');
    },
    '/balance_transactions': ({ form }) => {
      const params = parseParams(paramSchemas.balanceTransactionList, form);
      const { type, source, currency } = params;
      const matching = store.balanceTransactions
        .list()
        .filter((each) => (type ?? each.type) === each.type && (source ?? each.source) === each.source)
        .filter((each) => (currency ?? each.currency) === each.currency);
      return pageOf(matching, params, '/v1/balance_transactions');
    },
  };
}

/** What answers `GET`, by path. */
export function createReaders(deps: StripeDeps): Readonly<Record<string, Handler>> {
  const { store } = deps;
  return {
    ...createListHandlers(deps),
    '/checkout/sessions/:id': retrieve((id) => requireSession(id, deps).session),
    '/customers/:id': retrieve((id) => required(store.customers.get(id), 'customer', id)),
    '/payment_intents/:id': retrieve((id) => required(store.paymentIntents.get(id), 'payment_intent', id)),
    '/charges/:id': retrieve((id) => required(store.charges.get(id), 'charge', id)),
    '/refunds/:id': retrieve((id) => required(store.refunds.get(id), 'refund', id)),
    '/events/:id': retrieve((id) => required(store.events.get(id)?.event, 'event', id)),
    '/balance_transactions/:id': retrieve((id) =>
      required(store.balanceTransactions.get(id), 'balance_transaction', id),
    ),
  };
}

/** What answers `POST`, by path. Each runs to its end without waiting, so that two requests never mix. */
export function createWriters(deps: StripeDeps): Readonly<Record<string, Handler>> {
  const { store, webhooks } = deps;
  return {
    '/customers': ({ form }) => {
      const now = seconds(deps);
      const customer = store.customers.put(buildCustomer(parseParams(paramSchemas.customerCreate, form), now));
      webhooks.dispatch([recordEvent(store, 'customer.created', { object: customer, now })]);
      return customer;
    },
    '/checkout/sessions': ({ form, baseUrl }) =>
      createSession(parseParams(paramSchemas.sessionCreate, form), deps, baseUrl),
    '/checkout/sessions/:id/expire': ({ form, id }) => {
      parseParams(paramSchemas.retrieve, form);
      return expireSession(id, deps);
    },
    '/refunds': ({ form }) => createRefund(parseParams(paramSchemas.refundCreate, form), deps),
  };
}
