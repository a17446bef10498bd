import {
  type GenerationEvent,
  isJsonObject,
  type JsonObject,
  type Prompt,
  type ReasoningFormat,
} from '@bourse/generation';
import { dataUrl } from '../data-url.ts';
import { toolNamesOf } from '../request/tool-names.ts';
import { answerFormOf } from './answer-form.ts';
import { finishOf } from './finish-reasons.ts';
import type { ConverseTraits } from './model-traits.ts';

/** Turns the blocks of an answer into events, whether they come whole or in deltas. */
export interface BlockReader {
  /** `contentBlockStart`: only calls announce themselves. */
  start(index: number, start: JsonObject): GenerationEvent[];
  /** `contentBlockDelta`. */
  delta(index: number, delta: JsonObject): GenerationEvent[];
  /** `contentBlockStop`. */
  stop(index: number): GenerationEvent[];
  /** A block of a whole answer. */
  whole(index: number, block: JsonObject): GenerationEvent[];
  /** What was held back, and the finish. */
  finish(raw: string | null): GenerationEvent[];
}

function textAt(object: JsonObject, key: string): string {
  const value = object[key];
  return typeof value === 'string' ? value : '';
}

function objectAt(object: JsonObject, key: string): JsonObject | null {
  const value = object[key];
  return isJsonObject(value) ? value : null;
}

/** What a model shows in the place of thoughts that it keeps to itself (Nova 2): no words of its own. */
const HIDDEN = '[REDACTED]';

/** A call while it is read: the client's, the form of the answer, which it sees as text, or a second such, which would spoil the first. */
interface OpenCall {
  readonly as: 'call' | 'text' | 'nothing';
  readonly block: number;
  hasArguments: boolean;
}

class Reader implements BlockReader {
  readonly #format: ReasoningFormat;
  /** The name of the tool that is the form of the answer; null where there is none. */
  readonly #formTool: string | null;
  readonly #toClient: (name: string) => string;
  readonly #blocks = new Map<string, number>();
  readonly #calls = new Map<number, OpenCall>();
  readonly #ids = new Set<string>();
  #nextBlock = 0;
  #hasCall = false;
  #hasForm = false;
  /** Words before the tool that is the answer are no part of it; without that tool they are the answer. */
  #held: string[] = [];

  constructor(prompt: Prompt, traits: ConverseTraits) {
    const form = answerFormOf(prompt, traits);
    this.#formTool = form.kind === 'tool' ? form.name : null;
    this.#format = traits.family === 'claude' ? 'anthropic-claude-v1' : 'unknown';
    const names = toolNamesOf(prompt);
    this.#toClient = (name) => names.toClient(name);
  }

  start(index: number, start: JsonObject): GenerationEvent[] {
    const call = objectAt(start, 'toolUse');
    return call === null ? [] : this.#startCall(index, call);
  }

  delta(index: number, delta: JsonObject): GenerationEvent[] {
    const call = objectAt(delta, 'toolUse');
    if (call !== null) return this.#arguments(index, textAt(call, 'input'));
    const reasoning = objectAt(delta, 'reasoningContent');
    if (reasoning !== null) return this.#reasoning(index, reasoning);
    return this.#text(index, textAt(delta, 'text'));
  }

  stop(index: number): GenerationEvent[] {
    const call = this.#calls.get(index);
    return call === undefined || call.hasArguments ? [] : this.#arguments(index, '{}');
  }

  whole(index: number, block: JsonObject): GenerationEvent[] {
    const call = objectAt(block, 'toolUse');
    if (call !== null) {
      const started = this.#startCall(index, call);
      return [...started, ...this.#arguments(index, JSON.stringify(call['input'] ?? {}))];
    }
    const reasoning = objectAt(block, 'reasoningContent');
    if (reasoning !== null) return this.#reasoning(index, objectAt(reasoning, 'reasoningText') ?? reasoning);
    const image = objectAt(block, 'image');
    if (image !== null) return this.#image(image);
    const cited = objectAt(block, 'citationsContent');
    if (cited !== null) return this.#cited(index, cited);
    return this.#text(index, textAt(block, 'text'));
  }

  finish(raw: string | null): GenerationEvent[] {
    const held = this.#hasForm ? [] : this.#release();
    return [...held, { type: 'finish', choice: 0, reason: finishOf(raw, this.#hasCall) }];
  }

  /** The number of a block. One index may hold two kinds of things where a model confuses them. */
  #block(index: number, kind: string): number {
    const key = `${kind}/${index}`;
    const block = this.#blocks.get(key) ?? this.#nextBlock;
    if (block === this.#nextBlock) this.#nextBlock += 1;
    this.#blocks.set(key, block);
    return block;
  }

  #text(index: number, text: string): GenerationEvent[] {
    if (text === '') return [];
    if (this.#formTool === null || this.#hasCall) {
      return [{ type: 'text-delta', choice: 0, block: this.#block(index, 'text'), text }];
    }
    this.#held.push(text);
    return [];
  }

  /** What was held turns out to be part of the answer. */
  #release(): GenerationEvent[] {
    const text = this.#held.join('');
    this.#held = [];
    return text === '' ? [] : [{ type: 'text-delta', choice: 0, block: this.#block(-1, 'held'), text }];
  }

  #startCall(index: number, call: JsonObject): GenerationEvent[] {
    const [given, name] = [textAt(call, 'toolUseId'), textAt(call, 'name')];
    if (this.#calls.has(index)) return [];
    if (name === this.#formTool) {
      const as = this.#hasForm ? 'nothing' : 'text';
      this.#hasForm = true;
      this.#calls.set(index, { as, block: this.#block(index, 'form'), hasArguments: false });
      return [];
    }
    const released = this.#release();
    this.#hasCall = true;
    const block = this.#block(index, 'call');
    const callId = given === '' || this.#ids.has(given) ? `tooluse_${block}` : given;
    this.#ids.add(callId);
    this.#calls.set(index, { as: 'call', block, hasArguments: false });
    return [...released, { type: 'tool-call-start', choice: 0, block, callId, name: this.#toClient(name) }];
  }

  #arguments(index: number, argumentsText: string): GenerationEvent[] {
    const call = this.#calls.get(index);
    if (call === undefined || argumentsText === '' || call.as === 'nothing') return [];
    call.hasArguments = true;
    const { as, block } = call;
    if (as === 'text') return [{ type: 'text-delta', choice: 0, block, text: argumentsText }];
    return [{ type: 'tool-call-delta', choice: 0, block, argumentsText }];
  }

  /** A signature comes last and alone; an encrypted thought is a block of its own. */
  #reasoning(index: number, reasoning: JsonObject): GenerationEvent[] {
    const [text, signature, encrypted] = ['text', 'signature', 'redactedContent'].map((key) => textAt(reasoning, key));
    const common = { type: 'reasoning-delta', choice: 0, format: this.#format } as const;
    if (encrypted) {
      return [{ ...common, block: this.#block(index, 'encrypted'), kind: 'encrypted', text: encrypted }];
    }
    if ((!text && !signature) || (text === HIDDEN && !signature)) return [];
    const signed = signature ? { signature } : {};
    return [{ ...common, block: this.#block(index, 'reasoning'), kind: 'text', text: text ?? '', ...signed }];
  }

  #image(image: JsonObject): GenerationEvent[] {
    const bytes = textAt(objectAt(image, 'source') ?? {}, 'bytes');
    return bytes === ''
      ? []
      : [{ type: 'image', choice: 0, url: dataUrl(`image/${textAt(image, 'format') || 'png'}`, bytes) }];
  }

  /** Text that names its sources; the sources are documents of the request, which have no address. */
  #cited(index: number, cited: JsonObject): GenerationEvent[] {
    const { content } = cited;
    const texts = Array.isArray(content) ? content.filter(isJsonObject).map((part) => textAt(part, 'text')) : [];
    return this.#text(index, texts.join(''));
  }
}

/** A reader for one answer to this prompt. */
export function createBlockReader(prompt: Prompt, traits: ConverseTraits): BlockReader {
  return new Reader(prompt, traits);
}
