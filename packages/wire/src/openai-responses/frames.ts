import type { JsonObject } from '@bourse/generation';

/** The end mark, which OpenRouter's form of this dialect has and OpenAI's has not; every SDK takes both. */
export const END_FRAME = 'data: [DONE]\n\n';

/** The bytes of an event of this type. */
export function frame(type: string, data: string): string {
  return `event: ${type}\ndata: ${data}\n\n`;
}

/** Numbers the events of one stream, and writes them. */
export class FrameWriter {
  #sequence: number;

  constructor(first = 0) {
    this.#sequence = first;
  }

  write(type: string, members: JsonObject): string {
    return frame(type, JSON.stringify({ type, sequence_number: this.#next(), ...members }));
  }

  /** An event whose `response` is JSON text already. */
  writeResponse(type: string, response: string): string {
    return frame(type, `{"type":${JSON.stringify(type)},"sequence_number":${this.#next()},"response":${response}}`);
  }

  #next(): number {
    this.#sequence += 1;
    return this.#sequence - 1;
  }
}
