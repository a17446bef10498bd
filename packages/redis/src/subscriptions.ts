import type { Logger } from '@bourse/telemetry';

/** Takes what is published in a channel. */
export type Listener = (text: string) => void;

/** The part of a client that listens. */
interface Subscriber {
  readonly isReady: boolean;
  subscribe(channel: string, listener: Listener): Promise<unknown>;
  unsubscribe(channel: string): Promise<unknown>;
}

/**
 * Who listens to what on one connection. A channel that could not be asked for is asked for again with the next connection; one that
 * was confirmed the client itself asks for again.
 */
export class Subscriptions {
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #asked = new Set<string>();
  readonly #subscriber: Subscriber;
  readonly #log: Logger;

  constructor(subscriber: Subscriber, log: Logger) {
    this.#subscriber = subscriber;
    this.#log = log;
  }

  /** Returns what ends it. */
  add(channel: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners.add(listener));
    this.askAll();
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0 || !this.#listeners.delete(channel)) return;
      this.#asked.delete(channel);
      this.#subscriber.unsubscribe(channel).catch(() => undefined); // without a connection there is nothing to end
    };
  }

  /** To be called when the connection is ready. */
  askAll(): void {
    if (!this.#subscriber.isReady) return;
    for (const channel of this.#listeners.keys()) if (!this.#asked.has(channel)) this.#ask(channel);
  }

  #ask(channel: string): void {
    this.#asked.add(channel);
    this.#subscriber
      .subscribe(channel, (text) => this.#tell(channel, text))
      .catch(() => {
        this.#asked.delete(channel);
      });
  }

  #tell(channel: string, text: string): void {
    for (const listener of this.#listeners.get(channel) ?? []) {
      try {
        listener(text);
      } catch (error) {
        // One listener's failure is not the next one's, nor the connection's.
        this.#log.error('redis.listener_failed', error, { channel });
      }
    }
  }
}
