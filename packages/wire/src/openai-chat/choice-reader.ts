import {
  type Citation,
  type GenerationEvent,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type ReasoningDelta,
  type ReasoningFormat,
  reasoningFormats,
} from '@bourse/generation';
import { textOfContent, textOfReasoning } from './answer-facts.ts';
import { finishOf } from './finish-reasons.ts';

/** More alternatives than anyone may ask for: an index beyond is a provider's mistake and must not size an array. */
const CHOICES_MAX = 128;

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
}

function textAt(object: JsonObject, key: string): string {
  const value = object[key];
  return typeof value === 'string' ? value : '';
}

function objectsAt(object: JsonObject, key: string): JsonObject[] {
  const list = object[key];
  return Array.isArray(list) ? list.filter(isJsonObject) : [];
}

/** A delta of reasoning before it is known to which block it belongs; `key` tells one item of a list from another. */
type LooseReasoning = Omit<ReasoningDelta, 'type' | 'choice' | 'block'> & { readonly key: string };

/** A piece of `reasoning_details`; null for a type that nobody here knows. What has no number has its place in the list for one. */
function reasoningOf(detail: JsonObject, position: number): LooseReasoning | null {
  const id = textAt(detail, 'id');
  const format: ReasoningFormat = reasoningFormats.find((known) => known === detail['format']) ?? 'unknown';
  const index = typeof detail['index'] === 'number' ? detail['index'] : position;
  const common = { format, ...(id === '' ? {} : { id }) };
  switch (textAt(detail, 'type')) {
    case 'reasoning.text': {
      const signature = textAt(detail, 'signature');
      const signed = signature === '' ? {} : { signature };
      return { kind: 'text', key: `text/${index}`, text: textAt(detail, 'text'), ...signed, ...common };
    }
    case 'reasoning.summary':
      return { kind: 'summary', key: `summary/${index}`, text: textAt(detail, 'summary'), ...common };
    case 'reasoning.encrypted':
      return { kind: 'encrypted', key: `encrypted/${index}/${id}`, text: textAt(detail, 'data'), ...common };
    default:
      return null;
  }
}

/** Google's compatible API puts the signature of a call there. */
function signatureOf(call: JsonObject): string {
  const { extra_content: extra } = call;
  const google = isJsonObject(extra) ? extra['google'] : undefined;
  return isJsonObject(google) ? textAt(google, 'thought_signature') : '';
}

/** The calls of a message, the legacy single `function_call` as one of them. */
function callsOf(message: JsonObject): JsonObject[] {
  const { tool_calls: calls, function_call: legacy } = message;
  const listed: JsonValue[] = Array.isArray(calls) ? [...calls] : [];
  if (isJsonObject(legacy)) listed.push({ index: -1, function: legacy });
  return listed.filter(isJsonObject);
}

/** True for the signature of a call that is told beside the call as well. */
function isToldTwice(detail: JsonObject, signatures: ReadonlySet<string>): boolean {
  const { type, format } = detail;
  return type === 'reasoning.encrypted' && format === 'google-gemini-v1' && signatures.has(textAt(detail, 'data'));
}

/** The reasoning of a message: the details where there are any, because providers that send both say the same twice. */
function reasoningIn(message: JsonObject): LooseReasoning[] {
  const signatures = new Set(callsOf(message).map(signatureOf));
  const details = objectsAt(message, 'reasoning_details').flatMap((detail, position) =>
    isToldTwice(detail, signatures) ? [] : (reasoningOf(detail, position) ?? []),
  );
  if (details.length > 0) return details;
  const text = textOfReasoning(message);
  return text === '' ? [] : [{ kind: 'text', key: 'text/0', text, format: 'unknown' }];
}

/** A source that is named; null for annotations of other kinds. */
function citationOf(annotation: JsonObject): Citation | null {
  const { url_citation: cited } = annotation;
  if (!isJsonObject(cited) || textAt(cited, 'url') === '') return null;
  const { start_index: start, end_index: end } = cited;
  const [title, content] = [textAt(cited, 'title'), textAt(cited, 'content')];
  return {
    url: textAt(cited, 'url'),
    ...(title === '' ? {} : { title }),
    ...(content === '' ? {} : { content }),
    start: typeof start === 'number' ? start : -1,
    end: typeof end === 'number' ? end : -1,
  };
}

/** What a message has besides text, reasoning and calls. */
function mediaOf(message: JsonObject, choice: number): GenerationEvent[] {
  const events: GenerationEvent[] = [];
  for (const image of objectsAt(message, 'images')) {
    const { image_url: source } = image;
    const url = isJsonObject(source) ? textAt(source, 'url') : '';
    if (url !== '') events.push({ type: 'image', choice, url });
  }
  const { audio } = message;
  if (isJsonObject(audio)) {
    const { expires_at: expires } = audio;
    const [id, base64, transcript] = [textAt(audio, 'id'), textAt(audio, 'data'), textAt(audio, 'transcript')];
    events.push({
      type: 'audio-delta',
      choice,
      ...(id === '' ? {} : { id }),
      ...(base64 === '' ? {} : { base64 }),
      ...(transcript === '' ? {} : { transcript }),
      ...(typeof expires === 'number' ? { expiresAtUnixSeconds: expires } : {}),
    });
  }
  for (const annotation of objectsAt(message, 'annotations')) {
    const citation = citationOf(annotation);
    if (citation !== null) events.push({ type: 'citation', choice, citation });
  }
  return events;
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
      const signature = signatureOf(call);
      const signed = signature === '' ? {} : { signature };
      events.push({ type: 'tool-call-start', choice, block, callId: open.id, name, ...signed });
    }
    last = key;
    if (argumentsText !== '') events.push({ type: 'tool-call-delta', choice, block: open.block, argumentsText });
    return events;
  };
}

/** Numbers the blocks of a choice: text goes on until something else begins, and so does each item of reasoning. */
function createBlocks() {
  let count = 0;
  let openText: number | null = null;
  const reasoning = new Map<string, number>();
  const next = () => {
    count += 1;
    return count - 1;
  };
  return {
    next() {
      openText = null;
      return next();
    },
    text() {
      openText ??= next();
      return openText;
    },
    /** A signature may come after the text has begun: it belongs to the block that is there already. */
    reasoning(key: string, isSignatureOnly: boolean) {
      const known = reasoning.get(key);
      const isOpen = known !== undefined && (known === count - 1 || isSignatureOnly);
      if (known !== undefined && isOpen) return known;
      openText = null;
      const block = next();
      reasoning.set(key, block);
      return block;
    },
  };
}

/** A reader for the choice with this index. */
function createChoiceReader(choice: number): ChoiceReader {
  const blocks = createBlocks();
  let isFinished = false;
  let hasCall = false;
  const readCall = createCallReader(choice, () => blocks.next());

  function readReasoning(message: JsonObject): GenerationEvent[] {
    return reasoningIn(message).map(({ key, ...delta }) => {
      const isSignatureOnly = delta.text === '' && delta.signature !== undefined;
      return { type: 'reasoning-delta', choice, block: blocks.reasoning(key, isSignatureOnly), ...delta };
    });
  }

  return {
    read(message) {
      const events = readReasoning(message);
      const text = textOfContent(message['content']);
      if (text !== '') events.push({ type: 'text-delta', choice, block: blocks.text(), text });
      const refusal = textAt(message, 'refusal');
      if (refusal !== '') events.push({ type: 'refusal-delta', choice, text: refusal });
      events.push(...mediaOf(message, choice));
      for (const [position, call] of callsOf(message).entries()) {
        events.push(...readCall(call, position));
        hasCall = true;
      }
      return events;
    },
    finish(raw) {
      if (isFinished) return [];
      isFinished = true;
      const known = finishOf(raw);
      // Several servers end with "stop" although they called a tool: clients act on the reason.
      const unified = known.unified === 'stop' && hasCall ? 'tool_calls' : known.unified;
      return [{ type: 'finish', choice, reason: { unified, raw } }];
    },
  };
}

function logprobsOf(choice: JsonObject): JsonObject[] {
  const { logprobs } = choice;
  return isJsonObject(logprobs) ? objectsAt(logprobs, 'content') : [];
}

/** Readers by choice index, made on first sight. */
export interface ChoiceReaders {
  /** The events of one entry of `choices`. `part` is "delta" in chunks and "message" in bodies. */
  read(choice: JsonValue, part: 'delta' | 'message'): GenerationEvent[];
  /** Finish events for the choices that never said a reason; none when there was no answer at all. */
  finishRest(): GenerationEvent[];
}

/** The readers of one answer. */
export function createChoiceReaders(): ChoiceReaders {
  const readers = new Map<number, ChoiceReader>();
  let hasAnswer = false;
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
      const entries = logprobsOf(choice);
      if (entries.length > 0) events.push({ type: 'logprobs', choice: index, entries });
      if (typeof reason === 'string' && reason !== '') events.push(...reader.finish(reason));
      hasAnswer ||= events.length > 0;
      return events;
    },
    finishRest() {
      return hasAnswer ? [...readers.values()].flatMap((reader) => reader.finish(null)) : [];
    },
  };
}
