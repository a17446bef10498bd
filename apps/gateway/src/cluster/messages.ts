/** What one process of a gateway asks of the others: that charges be booked, or what they counted. */
export type Question =
  | { readonly kind: 'settle'; readonly organizationId: string }
  /** Answered with prom-client's JSON. */
  | { readonly kind: 'metrics' };

/** News that needs no answer; the primary passes it on to all processes but the one that tells it. */
export interface Word {
  readonly bourse: 'word';
  readonly topic: string;
  readonly text: string;
}

/** Between a worker process and the primary, in both directions; `id` ties an answer to its question. */
export type Message =
  | { readonly bourse: 'question'; readonly id: number; readonly question: Question }
  | { readonly bourse: 'answer'; readonly id: number; readonly answer: unknown };

/** Anything else on the channel is Node's own. */
export function isMessage(value: unknown): value is Message {
  return (
    typeof value === 'object' &&
    value !== null &&
    'bourse' in value &&
    (value.bourse === 'question' || value.bourse === 'answer') &&
    'id' in value &&
    typeof value.id === 'number'
  );
}

/** News from a neighbour. */
export function isWord(value: unknown): value is Word {
  return (
    typeof value === 'object' &&
    value !== null &&
    'bourse' in value &&
    value.bourse === 'word' &&
    'topic' in value &&
    typeof value.topic === 'string' &&
    'text' in value &&
    typeof value.text === 'string'
  );
}

/** Questions that wait for their answers. One that is not answered in time is answered with null: a neighbour may just have died. */
export class Questions {
  readonly #waiting = new Map<number, (answer: unknown) => void>();
  #lastId = 0;

  /** Sends a question through `send` and resolves with its answer. */
  ask(question: Question, send: (message: Message) => void, patienceMs: number): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const timer = setTimeout(() => this.answered(id, null), patienceMs);
    this.#waiting.set(id, (answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
    send({ bourse: 'question', id, question });
    return promise;
  }

  /** Takes an answer in. */
  answered(id: number, answer: unknown): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.(answer);
  }
}
