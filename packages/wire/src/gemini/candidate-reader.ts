import { type GenerationEvent, isJsonObject, type JsonObject, type JsonValue } from '@bourse/generation';
import { dataUrl } from '../data-url.ts';
import { finishOf } from './finish-reasons.ts';
import { citationsOf } from './grounding.ts';
import type { ToolNames } from './tool-names.ts';

/** What the candidates of one answer share. */
export interface AnswerScope {
  readonly names: ToolNames;
  /** Makes an id for a call that has none, or one that another has. Unique within the answer. */
  callId(given: string): string;
}

/** Turns the pieces of one candidate into events, and keeps what they need to know of one another. */
export interface CandidateReader {
  read(candidate: JsonObject): GenerationEvent[];
  readonly isFinished: boolean;
  /** Something of an answer has come. */
  readonly hasOutput: boolean;
}

function textAt(object: JsonObject, key: string): string {
  const value = object[key];
  return typeof value === 'string' ? value : '';
}

function objectsIn(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function tokenOf({ token, logProbability }: JsonObject): JsonObject {
  return { token: token ?? '', logprob: logProbability ?? 0, bytes: null };
}

/** `logprobsResult` as entries of OpenAI's `logprobs.content`. */
function logprobsOf(result: JsonValue | undefined): JsonObject[] {
  if (!isJsonObject(result)) return [];
  const tops = objectsIn(result['topCandidates']);
  return objectsIn(result['chosenCandidates']).map((chosen, index) => ({
    ...tokenOf(chosen),
    top_logprobs: objectsIn(tops[index]?.['candidates']).map(tokenOf),
  }));
}

type OpenBlock = { readonly kind: 'text' | 'thought'; readonly block: number } | null;

class Reader implements CandidateReader {
  readonly #choice: number;
  readonly #scope: AnswerScope;
  #blocks = 0;
  #open: OpenBlock = null;
  #text = '';
  #hasCall = false;
  #grounding: JsonObject = {};
  isFinished = false;
  hasOutput = false;

  constructor(choice: number, scope: AnswerScope) {
    this.#choice = choice;
    this.#scope = scope;
  }

  read(candidate: JsonObject): GenerationEvent[] {
    const choice = this.#choice;
    const { content, groundingMetadata: grounding, finishReason: reason } = candidate;
    const parts = isJsonObject(content) ? objectsIn(content['parts']) : [];
    const events = parts.flatMap((part) => this.#part(part));
    this.hasOutput ||= events.length > 0;
    const entries = logprobsOf(candidate['logprobsResult']);
    if (entries.length > 0) events.push({ type: 'logprobs', choice, entries });
    if (isJsonObject(grounding)) this.#grounding = { ...this.#grounding, ...grounding };
    if (typeof reason === 'string' && reason !== '' && reason !== 'FINISH_REASON_UNSPECIFIED' && !this.isFinished) {
      this.isFinished = true;
      const citations = citationsOf(this.#grounding, this.#text);
      events.push(...citations.map((citation) => ({ type: 'citation', choice, citation }) as const));
      events.push({ type: 'finish', choice, reason: finishOf(reason, this.#hasCall) });
    }
    return events;
  }

  /** What is neither text nor a call nor media (code that Google ran, and its result) has no place in other dialects. */
  #part(part: JsonObject): GenerationEvent[] {
    const { functionCall: call, inlineData: data, text } = part;
    const signature = textAt(part, 'thoughtSignature') || textAt(part, 'thought_signature');
    const signed = signature === '' ? {} : { signature };
    if (isJsonObject(call)) return this.#call(call, signed);
    if (isJsonObject(data)) return part['thought'] === true ? [] : this.#media(data);
    if (typeof text !== 'string' || (text === '' && signature === '')) return [];
    const choice = this.#choice;
    if (part['thought'] === true) {
      const block = this.#blockOf('thought');
      const format = 'google-gemini-v1' as const;
      return [{ type: 'reasoning-delta', choice, block, kind: 'text', text, format, ...signed }];
    }
    this.#text += text;
    return [{ type: 'text-delta', choice, block: this.#blockOf('text'), text, ...signed }];
  }

  /** Text goes on until something else begins. */
  #blockOf(kind: 'text' | 'thought'): number {
    if (this.#open?.kind !== kind) this.#open = { kind, block: this.#next() };
    return this.#open.block;
  }

  #next(): number {
    this.#blocks += 1;
    return this.#blocks - 1;
  }

  #call(call: JsonObject, signed: { readonly signature?: string }): GenerationEvent[] {
    const choice = this.#choice;
    const block = this.#next();
    this.#open = null;
    this.#hasCall = true;
    const callId = this.#scope.callId(textAt(call, 'id'));
    const argumentsText = isJsonObject(call['args']) ? JSON.stringify(call['args']) : '{}';
    return [
      {
        type: 'tool-call-start',
        choice,
        block,
        callId,
        name: this.#scope.names.toClient(textAt(call, 'name')),
        ...signed,
      },
      { type: 'tool-call-delta', choice, block, argumentsText },
    ];
  }

  #media(data: JsonObject): GenerationEvent[] {
    const choice = this.#choice;
    const [type, base64] = [textAt(data, 'mimeType'), textAt(data, 'data')];
    if (base64 === '') return [];
    if (type.startsWith('image/')) return [{ type: 'image', choice, url: dataUrl(type, base64) }];
    return type.startsWith('audio/') ? [{ type: 'audio-delta', choice, base64 }] : [];
  }
}

/** A reader for the candidate with this index. */
export function createCandidateReader(choice: number, scope: AnswerScope): CandidateReader {
  return new Reader(choice, scope);
}
