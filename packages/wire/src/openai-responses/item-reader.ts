import type { GenerationEvent, JsonObject, ReasoningDelta, ReasoningFormat } from '@bourse/generation';
import { customInput } from './custom-tools.ts';
import { objectsAt, textAt } from './json-fields.ts';
import { detailsOfItem } from './reasoning-items.ts';

/** A piece of an item that grows: how much of it was told, and as which block. */
interface Slot {
  readonly block: number;
  sent: number;
}

type Kind = 'text' | 'refusal' | 'summary' | 'reasoning' | 'arguments';

/** Turns one output item into events, whatever is told piece by piece and whatever only at its end. Nothing is told twice. */
export class ItemReader {
  readonly type: string;
  readonly id: string;
  readonly #family: ReasoningFormat;
  readonly #nextBlock: () => number;
  readonly #slots = new Map<string, Slot>();
  readonly #told = new Set<string>();

  constructor(item: JsonObject, { family, nextBlock }: { family: ReasoningFormat; nextBlock: () => number }) {
    this.type = textAt(item, 'type');
    this.id = textAt(item, 'id');
    this.#family = family;
    this.#nextBlock = nextBlock;
  }

  /** The beginning of a call, once; `callId` is unique within the answer. */
  begin(item: JsonObject, callId: (block: number) => string): GenerationEvent[] {
    if (this.type !== 'function_call' && this.type !== 'custom_tool_call') return [];
    if (!this.#isNew('start')) return [];
    const { block } = this.#slot('arguments', 0);
    const signature = textAt(item, 'signature');
    const signed = signature === '' ? {} : { signature };
    return [
      { type: 'tool-call-start', choice: 0, block, callId: callId(block), name: textAt(item, 'name'), ...signed },
    ];
  }

  /** A piece that follows what was told of a part. */
  piece(kind: Kind, part: number, text: string): GenerationEvent[] {
    if (text === '' || !this.#hasBegun(kind)) return [];
    const slot = this.#slot(kind, part);
    slot.sent += text.length;
    return [this.#event(kind, slot.block, text)];
  }

  /** A part as a whole: what of it was not told yet. Servers may leave out every delta. */
  whole(kind: Kind, part: number, text: string): GenerationEvent[] {
    return this.piece(kind, part, text.slice(this.#slots.get(`${kind}/${part}`)?.sent ?? 0));
  }

  /** Free text for a tool, which is known only when it is whole. */
  input(text: string): GenerationEvent[] {
    return this.#hasBegun('arguments') && this.#isNew('input') ? this.piece('arguments', 0, customInput(text)) : [];
  }

  /** An annotation of a part, once. */
  citation(part: number, index: number, annotation: JsonObject): GenerationEvent[] {
    const url = textAt(annotation, 'url');
    if (url === '' || !this.#isNew(`citation/${part}/${index}`)) return [];
    const { start_index: start, end_index: end } = annotation;
    const [title, content] = [textAt(annotation, 'title'), textAt(annotation, 'content')];
    const about = { ...(title === '' ? {} : { title }), ...(content === '' ? {} : { content }) };
    const places = { start: typeof start === 'number' ? start : -1, end: typeof end === 'number' ? end : -1 };
    return [{ type: 'citation', choice: 0, citation: { url, ...about, ...places } }];
  }

  /** The probabilities of a piece of text; the whole part has them again. */
  logprobs(part: number, entries: readonly JsonObject[], isWhole: boolean): GenerationEvent[] {
    const isFirst = this.#isNew(`logprobs/${part}`);
    if (entries.length === 0 && !isWhole) this.#told.delete(`logprobs/${part}`);
    return entries.length === 0 || (isWhole && !isFirst) ? [] : [{ type: 'logprobs', choice: 0, entries }];
  }

  /** The item as it is in the end. */
  complete(item: JsonObject): GenerationEvent[] {
    switch (this.type) {
      case 'message':
        return objectsAt(item, 'content').flatMap((part, index) => this.#completePart(part, index));
      case 'reasoning':
        return this.#completeReasoning(item);
      case 'function_call':
        return this.whole('arguments', 0, textAt(item, 'arguments'));
      case 'custom_tool_call':
        return this.input(textAt(item, 'input'));
      case 'image_generation_call':
        return this.#completeImage(item);
      default:
        return [];
    }
  }

  #completePart(part: JsonObject, index: number): GenerationEvent[] {
    if (part['type'] === 'refusal') return this.whole('refusal', index, textAt(part, 'refusal'));
    return [
      ...this.whole('text', index, textAt(part, 'text')),
      ...this.logprobs(index, objectsAt(part, 'logprobs'), true),
      ...objectsAt(part, 'annotations').flatMap((annotation, place) => this.citation(index, place, annotation)),
    ];
  }

  #completeReasoning(item: JsonObject): GenerationEvent[] {
    const events = [
      ...objectsAt(item, 'summary').flatMap((part, index) => this.whole('summary', index, textAt(part, 'text'))),
      ...objectsAt(item, 'content').flatMap((part, index) => this.whole('reasoning', index, textAt(part, 'text'))),
    ];
    for (const detail of detailsOfItem(item, this.#family)) {
      if (detail.type === 'encrypted' && this.#isNew('encrypted')) {
        events.push(this.#reasoning('encrypted', this.#nextBlock(), detail.data));
      }
    }
    return events;
  }

  #completeImage(item: JsonObject): GenerationEvent[] {
    const base64 = textAt(item, 'result');
    if (base64 === '' || !this.#isNew('image')) return [];
    const format = textAt(item, 'output_format') || 'png';
    return [
      { type: 'image', choice: 0, url: base64.startsWith('data:') ? base64 : `data:image/${format};base64,${base64}` },
    ];
  }

  /** Arguments of a call that has not begun belong to nobody. */
  #hasBegun(kind: Kind): boolean {
    return kind !== 'arguments' || this.#told.has('start');
  }

  #isNew(what: string): boolean {
    if (this.#told.has(what)) return false;
    this.#told.add(what);
    return true;
  }

  #slot(kind: Kind, part: number): Slot {
    const key = `${kind}/${part}`;
    const known = this.#slots.get(key);
    if (known) return known;
    // A refusal is no block of the hub.
    const slot = { block: kind === 'refusal' ? 0 : this.#nextBlock(), sent: 0 };
    this.#slots.set(key, slot);
    return slot;
  }

  #reasoning(kind: ReasoningDelta['kind'], block: number, text: string): GenerationEvent {
    const named = this.id === '' ? {} : { id: this.id };
    return { type: 'reasoning-delta', choice: 0, block, kind, text, ...named, format: this.#family };
  }

  #event(kind: Kind, block: number, text: string): GenerationEvent {
    switch (kind) {
      case 'text':
        return { type: 'text-delta', choice: 0, block, text };
      case 'refusal':
        return { type: 'refusal-delta', choice: 0, text };
      case 'summary':
      case 'reasoning':
        return this.#reasoning(kind === 'summary' ? 'summary' : 'text', block, text);
      case 'arguments':
        return { type: 'tool-call-delta', choice: 0, block, argumentsText: text };
    }
  }
}
