import {
  type GenerationEvent,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type ReasoningDelta,
} from '@bourse/generation';
import { parseJson } from '../parse-json.ts';
import { dataFor, dataForCall, signatureFor } from './foreign-reasoning.ts';
import { eventFrame } from './frames.ts';
import { createCallIds } from './names.ts';

const CONTENT = [
  'text-delta',
  'reasoning-delta',
  'refusal-delta',
  'tool-call-start',
  'tool-call-delta',
  'citation',
] as const;

/** Events that make content. */
type ContentEvent = Extract<GenerationEvent, { type: (typeof CONTENT)[number] }>;
type CallStart = Extract<ContentEvent, { type: 'tool-call-start' }>;

/** True for an event that clients of this dialect are shown. There is one answer, and no word for pictures and sound. */
export function isContent(event: GenerationEvent): event is ContentEvent {
  return CONTENT.some((type) => type === event.type) && 'choice' in event && event.choice === 0;
}

/** A citation in Anthropic's words. */
export function citationBlock({ citation }: Extract<GenerationEvent, { type: 'citation' }>): JsonObject {
  const { url, title, content } = citation;
  return {
    type: 'web_search_result_location',
    url,
    title: title ?? null,
    cited_text: content ?? '',
    encrypted_index: '',
  };
}

/** A text; its sources come later, when there are any. */
export function textBlock(text: string): JsonObject {
  return { type: 'text', text, citations: null };
}

/** A call that the model itself made: `caller` is a member that must be there. */
export function callBlock(id: string, name: string, input: JsonValue): JsonObject {
  return { type: 'tool_use', id, name, input, caller: { type: 'direct' } };
}

/** The block that is open. Anthropic's clients know one at a time. */
interface OpenBlock {
  readonly key: string;
  readonly index: number;
  readonly isText: boolean;
  /** What came of a call's arguments; null for a block that is no call. */
  argumentsText: string | null;
}

/** False for a call whose arguments are still coming. */
function isWhole({ argumentsText }: OpenBlock): boolean {
  return argumentsText === null || isJsonObject(parseJson(argumentsText));
}

function delta(index: number, what: JsonObject): string {
  return eventFrame({ type: 'content_block_delta', index, delta: what });
}

/**
 * Writes the frames of an answer's content, one block after the other. Another block may begin while the arguments of a call are
 * unfinished (two calls in turns): it waits until the answer is over, because a closed block cannot be opened again.
 */
export class BlockWriter {
  readonly #isThoughtHidden: boolean;
  readonly #ids = createCallIds();
  #open: OpenBlock | null = null;
  #count = 0;
  #hasCall = false;
  #waiting: ContentEvent[] = [];

  /** `isThoughtHidden`: the client gets signatures without words. */
  constructor(isThoughtHidden: boolean) {
    this.#isThoughtHidden = isThoughtHidden;
  }

  /** A tool was called. */
  get hasCall(): boolean {
    return this.#hasCall;
  }

  write(event: ContentEvent): string {
    const key = this.#keyOf(event);
    const open = this.#open;
    const isWaiting = open !== null && key !== open.key && (this.#waiting.length > 0 || !isWhole(open));
    if (!isWaiting) return this.#put(key, event);
    this.#waiting.push(event);
    return '';
  }

  /** Ends what is open, and writes what waited for that. */
  end(): string {
    const byKey = Map.groupBy(this.#waiting, (event) => this.#keyOf(event));
    this.#waiting = [];
    let text = '';
    for (const [key, events] of byKey) for (const event of events) text += this.#put(key, event);
    return text + this.#close();
  }

  #keyOf(event: ContentEvent): string {
    switch (event.type) {
      case 'text-delta':
        return `text/${event.block}`;
      case 'reasoning-delta':
        return `${event.kind}/${event.block}`;
      case 'tool-call-start':
      case 'tool-call-delta':
        return `call/${event.block}`;
      case 'refusal-delta':
        return 'refusal';
      case 'citation':
        return this.#open?.isText ? this.#open.key : 'citations';
    }
  }

  #put(key: string, event: ContentEvent): string {
    if (this.#open?.key === key) return this.#deltas(this.#open, event);
    // Arguments of a call that is over, or never began: nobody waits for them.
    if (event.type === 'tool-call-delta') return '';
    const closed = this.#close();
    const begun = this.#begin(key, event);
    return closed + begun.text + this.#deltas(begun.open, event);
  }

  #close(): string {
    if (this.#open === null) return '';
    const { index } = this.#open;
    this.#open = null;
    return eventFrame({ type: 'content_block_stop', index });
  }

  #openBlock(key: string, block: JsonObject): { readonly text: string; readonly open: OpenBlock } {
    const isText = block['type'] === 'text';
    const open = { key, index: this.#count, isText, argumentsText: block['type'] === 'tool_use' ? '' : null };
    this.#count += 1;
    this.#open = open;
    return { text: eventFrame({ type: 'content_block_start', index: open.index, content_block: block }), open };
  }

  #begin(key: string, event: Exclude<ContentEvent, { type: 'tool-call-delta' }>) {
    switch (event.type) {
      case 'reasoning-delta': {
        if (event.kind !== 'encrypted') return this.#openBlock(key, { type: 'thinking', thinking: '', signature: '' });
        const data = dataFor({ data: event.text, format: event.format, id: event.id });
        return this.#openBlock(key, { type: 'redacted_thinking', data });
      }
      case 'tool-call-start':
        return this.#beginCall(key, event);
      case 'text-delta':
      case 'refusal-delta':
      case 'citation':
        return this.#openBlock(key, textBlock(''));
    }
  }

  #beginCall(key: string, { callId, name, signature }: CallStart) {
    this.#hasCall = true;
    const id = this.#ids.call(callId);
    let signed = '';
    if (signature !== undefined) {
      const data = dataForCall({ callId: id, signature });
      signed = this.#openBlock(`signature of ${key}`, { type: 'redacted_thinking', data }).text + this.#close();
    }
    const { text, open } = this.#openBlock(key, callBlock(id, name, {}));
    return { text: signed + text, open };
  }

  #deltas(open: OpenBlock, event: ContentEvent): string {
    const { index } = open;
    switch (event.type) {
      case 'text-delta':
      case 'refusal-delta':
        return event.text === '' ? '' : delta(index, { type: 'text_delta', text: event.text });
      case 'reasoning-delta':
        return this.#thought(index, event);
      case 'tool-call-start':
        return '';
      case 'tool-call-delta':
        open.argumentsText = (open.argumentsText ?? '') + event.argumentsText;
        return delta(index, { type: 'input_json_delta', partial_json: event.argumentsText });
      case 'citation':
        return delta(index, { type: 'citations_delta', citation: citationBlock(event) });
    }
  }

  #thought(index: number, event: ReasoningDelta): string {
    if (event.kind === 'encrypted') return '';
    const { text, format, id } = event;
    const signature = signatureFor({ signature: event.signature, format, id });
    return (
      (text === '' || this.#isThoughtHidden ? '' : delta(index, { type: 'thinking_delta', thinking: text })) +
      (signature === '' ? '' : delta(index, { type: 'signature_delta', signature }))
    );
  }
}
