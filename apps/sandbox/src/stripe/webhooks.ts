import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventRecord, StripeStore } from './store.ts';

/** How webhooks misbehave, as the real ones sometimes do. */
export type WebhookBehaviour = {
  /** Extra deliveries of each event. */
  readonly duplicate: number;
  /** Deliver what happened together in the opposite order. */
  readonly reorder: boolean;
  /** Lose so many of the coming deliveries; they are retried. Counts down. */
  readonly dropFirst: number;
  /** Wait before the first try. */
  readonly delayMs: number;
};

/** How webhooks behave until told otherwise. */
export const GOOD_BEHAVIOUR: WebhookBehaviour = { duplicate: 0, reorder: false, dropFirst: 0, delayMs: 0 };

/** Where webhooks go and how they are signed and retried. */
export type WebhookSettings = {
  readonly url: string;
  readonly secret: string;
  /** Wait before the second try, in milliseconds; it doubles from try to try up to 30 s. */
  readonly retryFirstMs: number;
};

/** The sender of events. */
export type Webhooks = {
  /** Sends events that happened together, in their order, in the background. */
  readonly dispatch: (events: readonly EventRecord[]) => void;
  readonly behaviour: () => WebhookBehaviour;
  readonly setBehaviour: (behaviour: WebhookBehaviour) => void;
  readonly url: () => string;
  readonly setUrl: (url: string) => void;
  /** Stops all tries; what is pending is sent after a restart with the same state. */
  readonly close: () => Promise<void>;
};

const TRIES_MAX = 10;
const RETRY_MS_MAX = 30_000;
const ANSWER_MS_MAX = 10_000;

/** The `Stripe-Signature` of a body: HMAC-SHA256 over time and body, as the SDK's `constructEvent` checks it. */
export function signPayload(body: string, secret: string, timestamp: number): string {
  const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  return `t=${timestamp},v1=${signature}`;
}

type WebhookDeps = { readonly store: StripeStore; readonly settings: WebhookSettings; readonly now: () => number };
type Parcel = {
  readonly url: string;
  readonly secret: string;
  readonly nowSeconds: number;
  readonly signal: AbortSignal;
};

/** The status of the answer, or null when there was none. Redirects are answers, and not good ones. */
async function post(event: object, { url, secret, nowSeconds, signal }: Parcel): Promise<number | null> {
  // Stripe sends indented JSON; whoever checks a re-serialized body instead of the raw one must fail here as well.
  const body = JSON.stringify(event, null, 2);
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'Stripe/1.0 (simulated by the sandbox)',
    'stripe-signature': signPayload(body, secret, nowSeconds),
  };
  const limit = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS_MAX)]);
  try {
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: limit });
    await response.body?.cancel();
    return response.status;
  } catch {
    return null;
  }
}

const isTaken = (status: number | null): boolean => status !== null && status >= 200 && status < 300;

type Try = { readonly at: number; readonly status: number | null; readonly isLast: boolean };

/** The event's record after one more try. Once taken, a failing duplicate does not make it untaken. */
function withAttempt(record: EventRecord, { at, status, isLast }: Try): EventRecord {
  const isDelivered = isTaken(status) || record.delivery === 'delivered';
  return {
    ...record,
    event: { ...record.event, pending_webhooks: isDelivered ? 0 : 1 },
    delivery: isDelivered ? 'delivered' : isLast ? 'failed' : 'pending',
    attempts: [...record.attempts, { at, status }],
  };
}

/** A set of promises that can be waited for, and whose failures are at least printed. */
function createBackground() {
  const running = new Set<Promise<void>>();
  return {
    run: (task: Promise<void>) => {
      const tracked = task
        .catch((error: unknown) => console.error('sandbox: a webhook delivery failed in an unforeseen way', error))
        .finally(() => running.delete(tracked));
      running.add(tracked);
    },
    settled: () => Promise.allSettled(running),
  };
}

/** Tries events until they are taken. `send` gives the status of an answer, `wait` may end early when closing. */
function createDeliverer(deps: {
  readonly store: StripeStore;
  readonly send: (event: object) => Promise<number | null>;
  readonly wait: (ms: number) => Promise<unknown>;
  readonly nowSeconds: () => number;
  readonly isClosing: () => boolean;
  readonly retryFirstMs: number;
}) {
  const { store, send, wait, nowSeconds, isClosing, retryFirstMs } = deps;

  /** One try, written into the event's record. False when it must be tried again. */
  const attempt = async (id: string, isLast: boolean): Promise<boolean> => {
    const before = store.events.get(id);
    if (before === undefined || isClosing()) return true;
    const status = await send(before.event);
    const record = store.events.get(id);
    // Stopped in the middle of a try, or the state was cleared: nothing is known, so nothing is written.
    if (record === undefined || isClosing()) return true;
    store.events.put(withAttempt(record, { at: nowSeconds(), status, isLast }));
    await store.flush();
    return isTaken(status);
  };

  const retry = async (id: string): Promise<void> => {
    for (let tries = 1; tries < TRIES_MAX; tries += 1) {
      await wait(Math.min(retryFirstMs * 2 ** (tries - 1), RETRY_MS_MAX));
      if (await attempt(id, tries === TRIES_MAX - 1)) return;
    }
  };
  return { attempt, retry };
}

/** Builds the sender; `now` is in milliseconds since the epoch. */
export function createWebhooks({ store, settings, now }: WebhookDeps): Webhooks {
  const closing = new AbortController();
  const { signal } = closing;
  const background = createBackground();
  let behaviour = GOOD_BEHAVIOUR;
  let { url } = settings;
  const wait = (ms: number) => sleep(ms, undefined, { signal }).catch(() => undefined);
  const nowSeconds = () => Math.floor(now() / 1_000);

  const send = async (event: object): Promise<number | null> => {
    if (behaviour.dropFirst === 0)
      return post(event, { url, secret: settings.secret, nowSeconds: nowSeconds(), signal });
    behaviour = { ...behaviour, dropFirst: behaviour.dropFirst - 1 };
    return null;
  };
  const { retryFirstMs } = settings;
  const isClosing = () => signal.aborted;
  const { attempt, retry } = createDeliverer({ store, send, wait, nowSeconds, isClosing, retryFirstMs });

  const deliver = async (events: readonly EventRecord[]): Promise<void> => {
    const { duplicate, reorder, delayMs } = behaviour;
    const ordered = reorder ? events.toReversed() : events;
    const copies = ordered.flatMap(({ id }) => Array.from({ length: 1 + duplicate }, () => id));
    if (delayMs > 0) await wait(delayMs);
    for (const id of copies) {
      if (!(await attempt(id, false))) background.run(retry(id));
    }
  };

  return {
    dispatch: (events) => {
      const wanted = events.filter(({ delivery }) => delivery !== 'not_wanted');
      if (wanted.length > 0) background.run(deliver(wanted));
    },
    behaviour: () => behaviour,
    setBehaviour: (next) => {
      behaviour = next;
    },
    url: () => url,
    setUrl: (next) => {
      url = next;
    },
    close: async () => {
      closing.abort();
      await background.settled();
    },
  };
}
