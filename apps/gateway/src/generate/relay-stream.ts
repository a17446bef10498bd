import {
  createSseParser,
  type ProviderFailure,
  type Relay,
  type RelayedEvent,
  type ResponseHead,
  type SseParser,
} from '@bourse/wire';
import type { ProviderResponse } from '../http/provider-call.ts';

function isMeaningful({ facts }: RelayedEvent): boolean {
  return facts.outputText !== '' || facts.hasToolCall || facts.finishReason !== null;
}

const EMPTY: ProviderFailure = {
  kind: 'invalid_response',
  status: 200,
  message: 'empty stream',
  code: null,
  retryAfterSeconds: null,
};

/** The relayed events of a provider's stream, pulled by their reader, one batch for each piece of bytes that came. */
export class RelayStream {
  readonly #source: Pick<ProviderResponse, 'next' | 'discard'>;
  readonly #parser: SseParser;
  #batch: RelayedEvent[] = [];
  #isOver = false;
  /** Read ahead by `peek`. */
  readonly #seen: (readonly RelayedEvent[])[] = [];

  constructor(source: Pick<ProviderResponse, 'next' | 'discard'>, relay: Relay, head: ResponseHead) {
    this.#source = source;
    this.#parser = createSseParser((event) => this.#batch.push(relay.event(event, head)), {
      skim: (text, from) => {
        const taken = relay.ahead(text, from, head);
        if (taken === null) return from;
        this.#batch.push(taken.event);
        return taken.end;
      },
    });
  }

  /** The next batch, never an empty one; null after the last. Rejects as the bytes do. */
  async next(): Promise<readonly RelayedEvent[] | null> {
    return this.#seen.shift() ?? this.#read();
  }

  /**
   * Waits for the first event that carries an answer, so that an earlier failure can still move to another endpoint: then null. What was
   * read meanwhile (a role, comments) comes out of `next` all the same. A stream that ends without any answer is a failure.
   */
  async peek(): Promise<ProviderFailure | null> {
    for (;;) {
      const batch = await this.#read();
      if (batch === null) return EMPTY;
      this.#seen.push(batch);
      if (batch.some(isMeaningful)) return null;
      const failed = batch.find((event) => event.facts.error !== null);
      if (failed?.facts.error) return failed.facts.error;
      if (batch.some((event) => event.isEnd)) return EMPTY;
    }
  }

  /** Nobody wants the rest: the provider is hung up on, unless its bytes are over. */
  abandon(): void {
    if (!this.#isOver) this.#source.discard();
  }

  async #read(): Promise<readonly RelayedEvent[] | null> {
    while (this.#batch.length === 0) {
      if (this.#isOver) return null;
      const bytes = await this.#source.next();
      if (bytes !== null) this.#parser.push(bytes);
      else {
        this.#isOver = true;
        this.#parser.end();
      }
    }
    const batch = this.#batch;
    this.#batch = [];
    return batch;
  }
}
