import {
  type CalledFormat,
  createSseParser,
  type Lane,
  type LaneEvent,
  type ProviderFailure,
  type SseParser,
} from '@bourse/wire';
import type { ProviderResponse } from '../http/provider-call.ts';

function isMeaningful({ facts }: LaneEvent): boolean {
  return facts.hasOutput || facts.finish !== null;
}

const EMPTY: ProviderFailure = {
  kind: 'invalid_response',
  status: 200,
  message: 'empty stream',
  code: null,
  retryAfterSeconds: null,
};

/** A provider's stream on its lane to the client, pulled by its reader, one batch for each piece of bytes that came. */
export class LaneStream {
  readonly lane: Lane;
  readonly #source: Pick<ProviderResponse, 'next' | 'discard'>;
  readonly #parser: SseParser;
  #batch: LaneEvent[] = [];
  #isOver = false;
  /** Read ahead by `peek`. */
  readonly #seen: (readonly LaneEvent[])[] = [];

  constructor(
    source: Pick<ProviderResponse, 'next' | 'discard'>,
    lane: Lane,
    createParser: NonNullable<CalledFormat['createParser']> = createSseParser,
  ) {
    this.#source = source;
    this.lane = lane;
    this.#parser = createParser((event) => this.#batch.push(lane.event(event)), {
      skim: (text, from) => {
        const taken = lane.ahead?.(text, from) ?? null;
        if (taken === null) return from;
        this.#batch.push(taken.event);
        return taken.end;
      },
    });
  }

  /** The next batch, never an empty one; null after the last. Rejects as the bytes do. */
  async next(): Promise<readonly LaneEvent[] | null> {
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

  async #read(): Promise<readonly LaneEvent[] | null> {
    while (this.#batch.length === 0) {
      if (this.#isOver) return null;
      const bytes = await this.#source.next();
      if (bytes !== null) this.#parser.push(bytes);
      else {
        this.#isOver = true;
        this.#parser.end();
        this.#batch.push(this.lane.end());
      }
    }
    const batch = this.#batch;
    this.#batch = [];
    return batch;
  }
}
