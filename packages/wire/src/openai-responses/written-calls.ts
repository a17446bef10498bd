import type { JsonObject } from '@bourse/generation';
import { inputOf } from './custom-tools.ts';
import { Item, type ItemPlace, type ItemStatus } from './written-item.ts';

/** What a call is before its arguments. */
export interface CallHead {
  readonly callId: string;
  readonly name: string;
  readonly signature?: string;
}

/** A call of a function. */
export class CallItem extends Item {
  readonly #head: CallHead;
  #arguments = '';
  #status: ItemStatus | 'in_progress' = 'in_progress';

  constructor(place: ItemPlace, head: CallHead) {
    super(place);
    this.#head = head;
  }

  get json(): JsonObject {
    const { callId, name, signature } = this.#head;
    const signed = signature === undefined ? {} : { signature };
    const called = { call_id: callId, name, arguments: this.#arguments, ...signed };
    return { id: this.place.id, type: 'function_call', status: this.#status, ...called };
  }

  push(text: string): string {
    this.#arguments += text;
    return this.write('response.function_call_arguments.delta', { delta: text });
  }

  close(status: ItemStatus): string {
    // No arguments at all are an empty object: clients parse what they get.
    const filled = this.#arguments === '' && status === 'completed' ? this.push('{}') : '';
    this.#status = status;
    const { name } = this.#head;
    return (
      filled + this.write('response.function_call_arguments.done', { name, arguments: this.#arguments }) + this.done()
    );
  }
}

/** A call of a tool that takes free text: its text is known when the arguments are whole. */
export class CustomCallItem extends Item {
  readonly #head: CallHead;
  #arguments = '';
  #input = '';
  #status: ItemStatus | 'in_progress' = 'in_progress';

  constructor(place: ItemPlace, head: CallHead) {
    super(place);
    this.#head = head;
  }

  get json(): JsonObject {
    const { callId, name } = this.#head;
    const called = { call_id: callId, name, input: this.#input };
    return { id: this.place.id, type: 'custom_tool_call', status: this.#status, ...called };
  }

  push(text: string): string {
    this.#arguments += text;
    return '';
  }

  close(status: ItemStatus): string {
    this.#input = inputOf(this.#arguments);
    this.#status = status;
    return (
      this.write('response.custom_tool_call_input.delta', { delta: this.#input }) +
      this.write('response.custom_tool_call_input.done', { input: this.#input }) +
      this.done()
    );
  }
}

/** A picture that the model made. */
export class ImageItem extends Item {
  readonly #url: string;
  #status: ItemStatus | 'in_progress' = 'in_progress';

  constructor(place: ItemPlace, url: string) {
    super(place);
    this.#url = url;
  }

  get json(): JsonObject {
    const [, format, base64] = /^data:image\/([a-z0-9.+-]+);base64,(.*)$/is.exec(this.#url) ?? [];
    const isWhole = this.#status !== 'in_progress';
    return {
      id: this.place.id,
      type: 'image_generation_call',
      status: this.#status,
      ...(format === undefined ? {} : { output_format: format }),
      result: isWhole ? (base64 ?? this.#url) : null,
    };
  }

  close(status: ItemStatus): string {
    this.#status = status;
    return this.done();
  }
}
