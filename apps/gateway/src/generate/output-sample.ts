/** An answer's output as it was metered: all of it is counted, only its beginning is kept. */
export interface MeteredOutput {
  /** The beginning, or all of it. Never stored, never logged. */
  readonly text: string;
  /** Of the whole output: UTF-16 units, and bytes of UTF-8. */
  readonly characters: number;
  readonly bytes: number;
}

/** The output of what gave none. */
export const NO_OUTPUT: MeteredOutput = { text: '', characters: 0, bytes: 0 };

/** Enough for an estimate of the rest. A reader that stalls on a long answer holds no more of our memory than this and its buffers. */
const KEPT_BYTES_MAX = 32 * 1024;
/** Text that comes in small pieces is a chain of them; it is made one, as plain bytes, before the chain outweighs it. */
const PIECE_CHARACTERS = 2_048;
const HIGH_SURROGATE_MIN = 0xd800;
const HIGH_SURROGATE_MAX = 0xdbff;

function endsInHighSurrogate(text: string): boolean {
  const last = text.charCodeAt(text.length - 1);
  return last >= HIGH_SURROGATE_MIN && last <= HIGH_SURROGATE_MAX;
}

/** Takes an answer's output in as it passes, in bounded memory. */
export class OutputSample {
  readonly #kept: Buffer[] = [];
  #keptBytes = 0;
  /** Of what was taken out of the tail. */
  #bytes = 0;
  #characters = 0;
  #tail = '';

  add(text: string): void {
    this.#characters += text.length;
    this.#tail += text;
    // A pair that is cut in two would become two strange characters.
    if (this.#tail.length < PIECE_CHARACTERS || endsInHighSurrogate(this.#tail)) return;
    this.#takeTail();
  }

  read(): MeteredOutput {
    if (this.#bytes === 0) {
      const text = this.#tail;
      return { text, characters: this.#characters, bytes: Buffer.byteLength(text) };
    }
    this.#takeTail();
    const text = Buffer.concat(this.#kept).toString('utf8');
    return { text, characters: this.#characters, bytes: this.#bytes };
  }

  #takeTail(): void {
    const tail = this.#tail;
    this.#tail = '';
    this.#bytes += Buffer.byteLength(tail);
    const room = KEPT_BYTES_MAX - this.#keptBytes;
    if (room <= 0) return;
    const bytes = Buffer.from(tail.slice(0, room));
    this.#kept.push(bytes);
    this.#keptBytes += bytes.byteLength;
  }
}
