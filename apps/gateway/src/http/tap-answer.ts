import type { Answer, BodyAnswer, Ended, StreamAnswer, StreamEnd } from '../generate/request.ts';

/** Who wants a copy of an answer. */
export interface Tap {
  /** Of more than this no copy is made. */
  readonly bytesMax: number;
  /**
   * Called once, before a body or the last words of a stream leave, and waited for: `copy` is all of it, null when it was too large; `ended`
   * is null when its source broke. Must not reject.
   */
  readonly onEnd: (copy: string | Uint8Array | null, ended: Ended | null) => Promise<void>;
}

async function tapBody(answer: BodyAnswer, { bytesMax, onEnd }: Tap): Promise<BodyAnswer> {
  const isTooLarge = Buffer.byteLength(answer.body) > bytesMax;
  await onEnd(isTooLarge ? null : answer.body, answer);
  return answer;
}

/** A copy of what passes, given up as soon as it is too large to be kept. */
class Copy {
  readonly #bytesMax: number;
  #pieces: string[] | null = [];
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  add(text: string): void {
    this.#bytes += Buffer.byteLength(text);
    if (this.#bytes > this.#bytesMax) this.#pieces = null;
    this.#pieces?.push(text);
  }

  read(): string | null {
    return this.#pieces?.join('') ?? null;
  }
}

async function* tapChunks({ chunks }: StreamAnswer, { bytesMax, onEnd }: Tap): AsyncGenerator<string, StreamEnd> {
  const copy = new Copy(bytesMax);
  let ended: StreamEnd | null = null;
  try {
    for (;;) {
      const next = await chunks.next();
      if (next.done === true) {
        ended = next.value;
        copy.add(ended.text);
        return ended;
      }
      copy.add(next.value);
      yield next.value;
    }
  } finally {
    // Before the last words leave, or because the source broke.
    await onEnd(copy.read(), ended);
  }
}

/**
 * The same answer, of which a copy is taken: of a body before any of it is sent, of a stream before its last words are. The chunks before
 * those pass without delay.
 */
export async function tapAnswer(answer: Answer, tap: Tap): Promise<Answer> {
  return answer.kind === 'body' ? tapBody(answer, tap) : { ...answer, chunks: tapChunks(answer, tap) };
}
