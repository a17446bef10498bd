import { invalidParameter } from './failure.ts';
import type { StripeStore } from './store.ts';

/** Finds the object behind an id of any kind. Lines of a session are found through `lineItemsOf`. */
function findObject(store: StripeStore, id: string): object | undefined {
  return (
    store.paymentIntents.get(id) ??
    store.charges.get(id) ??
    store.customers.get(id) ??
    store.balanceTransactions.get(id) ??
    store.refunds.get(id)
  );
}

/** The lines of a session as the list that the API shows. */
export function lineItemsOf(store: StripeStore, sessionId: string): object {
  const data = store.sessions.get(sessionId)?.lineItems ?? [];
  return { object: 'list', data, has_more: false, url: `/v1/checkout/sessions/${sessionId}/line_items` };
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function expandPath(store: StripeStore, target: object, path: readonly string[]): object {
  const [key = '', ...rest] = path;
  if (key === 'line_items' && 'id' in target && typeof target.id === 'string') {
    return { ...target, line_items: lineItemsOf(store, target.id) };
  }
  if (!(key in target)) throw invalidParameter(`This property cannot be expanded (${key}).`, 'expand');
  const value: unknown = Reflect.get(target, key);
  const found = typeof value === 'string' ? (findObject(store, value) ?? value) : value;
  if (!isObject(found) || rest.length === 0) return { ...target, [key]: found };
  const deeper = Array.isArray(found)
    ? found.filter(isObject).map((each) => expandPath(store, each, rest))
    : expandPath(store, found, rest);
  return { ...target, [key]: deeper };
}

/** Puts whole objects where the answer has ids, for each path such as `payment_intent.latest_charge` or `data.customer`. */
export function expandObject(store: StripeStore, target: object, paths: readonly string[] = []): object {
  return paths.reduce((expanded, path) => expandPath(store, expanded, path.split('.').slice(0, 5)), target);
}
