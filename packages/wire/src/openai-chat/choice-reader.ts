import {
  type FinishReason,
  type GenerationEvent,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from '@bourse/generation';
import { textOfContent, textOfReasoning } from './answer-facts.ts';

/** More alternatives than anyone may ask for: an index beyond is a provider's mistake and must not size an array. */
const CHOICES_MAX = 128;

const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  max_tokens: 'length',
  model_length: 'length', // Mistral: the context is full.
  tool_calls: 'tool_calls',
  function_call: 'tool_calls',
  tool_use: 'tool_calls',
  content_filter: 'content_filter',
  refusal: 'content_filter',
};

interface OpenCall {
  readonly block: number;
  readonly id: string;
}

/** Turns the deltas (or the one message) of one choice into events, and keeps what they need to know of one another. */
interface ChoiceReader {
  /** Events of a delta or message, in a fixed order: reasoning, text, refusal, tool calls. */
  read(message: JsonObject): GenerationEvent[];
  /** The finish event for a raw reason; empty when the choice has finished before. */
  finish(raw: string | null): GenerationEvent[];
  readonly isFinished: boolean;
}

function textAt(object: JsonObject, key: string): string {
  const value = object[key];
  return typeof value === 'string' ? value : '';
}

/** The signature of a reasoning detail, when the message carries one. */
function signatureOf(message: JsonObject): string | undefined {
  const details = message['reasoning_details'];
  for (const detail of Array.isArray(details) ? details : []) {
    if (isJsonObject(detail) && typeof detail['signature'] === 'string') return detail['signature'];
  }
  return undefined;
}

/** The calls of a message, the legacy single `function_call` as one of them. */
function callsOf(message: JsonObject): JsonObject[] {
  const { tool_calls: calls, function_call: legacy } = message;
  const listed: JsonValue[] = Array.isArray(calls) ? [...calls] : [];
  if (isJsonObject(legacy)) listed.push({ index: -1, function: legacy });
  return listed.filter(isJsonObject);
}

/** Tool calls of one choice. Fragments join by `index`; servers that omit it send whole calls or continue the last one. */
function createCallReader(choice: number, nextBlock: () => number) {
  const calls = new Map<number, OpenCall>();
  const ids = new Set<string>();
  let last: number | null = null;

  function keyOf(call: JsonObject, position: number): number {
    if (typeof call['index'] === 'number') return call['index'];
    if (textAt(call, 'id') === '' && last !== null) return last;
    return calls.size === 0 ? position : Math.max(...calls.keys()) + 1;
  }

  /** Google's compatible API numbers all parallel calls 0: another id together with a name is another call. */
  function isAnother(known: OpenCall, id: string, name: string): boolean {
    return id !== '' && name !== '' && id !== known.id && !ids.has(id);
  }

  return (call: JsonObject, position: number): GenerationEvent[] => {
    const events: GenerationEvent[] = [];
    const called = isJsonObject(call['function']) ? call['function'] : {};
    const [id, name, argumentsText] = [textAt(call, 'id'), textAt(called, 'name'), textAt(called, 'arguments')];
    const key = keyOf(call, position);
    let open = calls.get(key);
    if (!open || isAnother(open, id, name)) {
      const block = nextBlock();
      open = { block, id: id === '' || ids.has(id) ? `call_${choice}_${block}` : id };
      ids.add(open.id);
      calls.set(key, open);
      events.push({ type: 'tool-call-start', choice, block, callId: open.id, name });
    }
    last = key;
    if (argumentsText !== '') events.push({ type: 'tool-call-delta', choice, block: open.block, argumentsText });
    return events;
  };
}

/** A reader for the choice with this index. */
function createChoiceReader(choice: number): ChoiceReader {
  let blocks = 0;
  let openKind: 'text' | 'reasoning' | null = null;
  let isFinished = false;
  let hasCall = false;
  const nextBlock = () => {
    blocks += 1;
    return blocks - 1;
  };
  const readCall = createCallReader(choice, nextBlock);
  const blockOf = (kind: 'text' | 'reasoning') => {
    if (openKind !== kind) nextBlock();
    openKind = kind;
    return blocks - 1;
  };

  return {
    read(message) {
      const events: GenerationEvent[] = [];
      const reasoning = textOfReasoning(message);
      const signature = signatureOf(message);
      if (reasoning !== '' || signature !== undefined) {
        const block = blockOf('reasoning');
        const signed = signature === undefined ? {} : { signature };
        events.push({ type: 'reasoning-delta', choice, block, text: reasoning, ...signed });
      }
      const { audio } = message;
      const transcript = isJsonObject(audio) ? textAt(audio, 'transcript') : '';
      for (const text of [textOfContent(message['content']), transcript]) {
        if (text !== '') events.push({ type: 'text-delta', choice, block: blockOf('text'), text });
      }
      const refusal = textAt(message, 'refusal');
      if (refusal !== '') events.push({ type: 'refusal-delta', choice, text: refusal });
      for (const [position, call] of callsOf(message).entries()) {
        events.push(...readCall(call, position));
        openKind = null;
        hasCall = true;
      }
      return events;
    },
    finish(raw) {
      if (isFinished) return [];
      isFinished = true;
      const known = FINISH_REASONS[raw ?? 'stop'] ?? 'stop';
      // Several servers end with "stop" although they called a tool: clients act on the reason.
      const unified = known === 'stop' && hasCall ? 'tool_calls' : known;
      return [{ type: 'finish', choice, reason: { unified, raw } }];
    },
    get isFinished() {
      return isFinished;
    },
  };
}

/** Readers by choice index, made on first sight. */
export interface ChoiceReaders {
  /** The events of one entry of `choices`. `part` is "delta" in chunks and "message" in bodies. */
  read(choice: JsonValue, part: 'delta' | 'message'): GenerationEvent[];
  /** Finish events for the choices that never said a reason. */
  finishRest(): GenerationEvent[];
  readonly hasFinished: boolean;
}

/** The readers of one answer. */
export function createChoiceReaders(): ChoiceReaders {
  const readers = new Map<number, ChoiceReader>();
  const readerAt = (index: number) => {
    const known = readers.get(index);
    if (known) return known;
    const reader = createChoiceReader(index);
    readers.set(index, reader);
    return reader;
  };
  return {
    read(choice, part) {
      if (!isJsonObject(choice)) return [];
      const { index: given, finish_reason: reason, [part]: message } = choice;
      const index = given === undefined || given === null ? 0 : given;
      if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= CHOICES_MAX) return [];
      const reader = readerAt(index);
      const events = isJsonObject(message) ? reader.read(message) : [];
      if (typeof reason === 'string' && reason !== '') events.push(...reader.finish(reason));
      return events;
    },
    finishRest() {
      return [...readers.values()].flatMap((reader) => reader.finish(null));
    },
    get hasFinished() {
      return [...readers.values()].some((reader) => reader.isFinished);
    },
  };
}
