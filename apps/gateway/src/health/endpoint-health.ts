import type { EndpointHealthStore } from '@bourse/db';
import {
  type BreakerState,
  DeltaTally,
  type EndpointStats,
  HealthBook,
  type HealthDelta,
  type EndpointHealth as HealthNow,
  type HealthSample,
} from '@bourse/routing';
import type { Logger } from '@bourse/telemetry';
import type { HealthChannel } from './health-channel.ts';

/** What this gateway knows of endpoints: what its own attempts taught, and what other gateways tell. Errors that users cause are not reported to it. */
export interface EndpointHealth {
  /** What a plan may know of an endpoint; no work. */
  readonly of: (endpointId: string) => HealthNow;
  /** What is shown of an endpoint; sums up with every call. */
  readonly stats: (endpointId: string) => EndpointStats;
  readonly record: (endpointId: string, sample: HealthSample) => void;
  /** Whether too many calls of an endpoint wait far longer than is usual there, at this moment. */
  readonly setLate: (endpointId: string, isLate: boolean) => void;
  /** Whether its callers keep away from an endpoint. */
  readonly setBreaker: (endpointId: string, state: BreakerState) => void;
  /** Writes what is left to the history. Never rejects. */
  readonly close: () => Promise<void>;
}

/** What it needs of the world. */
export interface EndpointHealthParts {
  readonly now: () => number;
  readonly store: EndpointHealthStore;
  readonly channel: HealthChannel;
  readonly log: Logger;
}

const REFRESH_MS = 250;
const TELL_MS = 1_000;
const FLUSH_MS = 30_000;
const DAY_HOURS = 24;
/** What the history could not take is kept for so many tries; then a chart has a gap. */
const BATCHES_KEPT = 10;

/** Brings what this gateway saw to the history, batch by batch. */
class History {
  readonly #tally = new DeltaTally();
  readonly #store: EndpointHealthStore;
  readonly #log: Logger;
  #waiting: (readonly HealthDelta[])[] = [];

  constructor(store: EndpointHealthStore, log: Logger) {
    this.#store = store;
    this.#log = log;
  }

  add(endpointId: string, sample: HealthSample): void {
    this.#tally.add(endpointId, sample);
  }

  /** Never rejects: a batch that was not taken waits for the next time. */
  async flush(): Promise<void> {
    const batches = [...this.#waiting, this.#tally.take()].slice(-BATCHES_KEPT);
    this.#waiting = [];
    for (const [index, batch] of batches.entries()) {
      try {
        await this.#store.add(batch);
      } catch (error) {
        this.#waiting = batches.slice(index);
        this.#log.warn('health.history_failed', { reason: String(error) });
        return;
      }
    }
  }
}

/** Takes the last day from the history, so that a process that has just started knows more than nothing. Never rejects. */
async function recall(book: HealthBook, { store, now, log }: EndpointHealthParts): Promise<void> {
  try {
    const hours = await store.attempts(DAY_HOURS);
    book.remember(
      hours.map(({ endpointId, hourAt, ok, failed }) => ({ endpointId, ok, failed, atMs: hourAt.getTime() })),
      now(),
    );
  } catch (error) {
    log.warn('health.recall_failed', { reason: String(error) });
  }
}

/** Starts to know. Readings are brought up to date four times a second, neighbours are told each second, the history each half minute. */
export function startEndpointHealth(parts: EndpointHealthParts): EndpointHealth {
  const { now, channel, store, log } = parts;
  const book = new HealthBook();
  const news = new DeltaTally();
  const history = new History(store, log);
  void recall(book, parts);
  const deaf = channel.listen((deltas) => book.absorb(deltas, now()));
  const timers = [
    setInterval(() => book.refresh(now()), REFRESH_MS),
    setInterval(() => {
      const deltas = news.take();
      if (deltas.length > 0) channel.tell(deltas);
    }, TELL_MS),
    setInterval(() => void history.flush(), FLUSH_MS),
  ];
  for (const timer of timers) timer.unref();
  return {
    of: (endpointId) => book.of(endpointId),
    stats: (endpointId) => book.stats(endpointId, now()),
    record: (endpointId, sample) => {
      book.record(endpointId, sample, now());
      history.add(endpointId, sample);
      if (channel.hasListeners) news.add(endpointId, sample);
    },
    setLate: (endpointId, isLate) => book.setLate(endpointId, isLate, now()),
    setBreaker: (endpointId, state) => book.setBreaker(endpointId, state, now()),
    close: async () => {
      for (const timer of timers) clearInterval(timer);
      deaf();
      await history.flush();
    },
  };
}
