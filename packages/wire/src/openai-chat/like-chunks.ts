import { isJsonObject, type JsonObject, type JsonValue } from '@bourse/generation';
import { noFacts } from '../facts.ts';
import { parseJson } from '../parse-json.ts';
import type { AnswerFacts } from '../wire-format.ts';
import { hasMore, readFacts } from './answer-facts.ts';

/** A chunk on its way: the data for the client (null = swallow it) and what it told. Data of several has their frames' ends in it. */
export interface RelayedChunk {
  readonly data: string | null;
  readonly facts: AnswerFacts;
  readonly isEnd: boolean;
}

/**
 * The form of a chunk that brings a piece of text and nothing else: what stands before and after the text, as the provider wrote it and
 * as the client gets it. A stream is hundreds of chunks of one form, so those that have it need no parsing of their own.
 */
export interface ChunkForm {
  readonly before: string;
  readonly after: string;
  readonly beforeOut: string;
  readonly afterOut: string;
  readonly upstreamId: string | null;
}

const TEXT_KEY = '"content":"';
const PROBE = 'probe';
const NEEDS_DECODING = /["\\]|\p{Cc}/u;
const IS_NEWS = ['usage', 'error'];

function hasOtherOutput({ choices }: JsonObject): boolean {
  const listed: readonly JsonValue[] = Array.isArray(choices) ? choices : [];
  return listed.some((choice) => isJsonObject(choice) && isJsonObject(choice['delta']) && hasMore(choice['delta']));
}

function tellsOnlyText(data: string, text: string): boolean {
  const root = parseJson(data);
  if (!isJsonObject(root) || IS_NEWS.some((key) => root[key] !== undefined && root[key] !== null)) return false;
  const facts = readFacts(root, 'delta');
  return (
    facts.outputText === text &&
    facts.finish === null &&
    !hasOtherOutput(root) &&
    facts.usage === null &&
    !facts.isUsageUnreadable &&
    facts.error === null
  );
}

/**
 * The form of a chunk that was relayed the careful way, or null when it has more to tell than text. Another text is put in its place and read
 * back, so that the place is known to be the text's, whatever else the chunk contains.
 */
export function chunkFormOf(data: string, relayed: RelayedChunk): ChunkForm | null {
  const { outputText: text, upstreamId } = relayed.facts;
  if (relayed.data === null || text === '' || NEEDS_DECODING.test(text)) return null;
  const literal = `${TEXT_KEY}${text}"`;
  const start = data.indexOf(literal);
  const startOut = relayed.data.indexOf(literal);
  if (start === -1 || startOut === -1 || data.indexOf(TEXT_KEY, start + 1) !== -1 || data.includes('\n')) return null;
  const cut = (whole: string, at: number) => ({
    before: whole.slice(0, at + TEXT_KEY.length),
    after: whole.slice(at + TEXT_KEY.length + text.length),
  });
  const { before, after } = cut(data, start);
  const { before: beforeOut, after: afterOut } = cut(relayed.data, startOut);
  const isTheText = tellsOnlyText(before + PROBE + after, PROBE) && tellsOnlyText(beforeOut + PROBE + afterOut, PROBE);
  return isTheText ? { before, after, beforeOut, afterOut, upstreamId } : null;
}

/** The text of a JSON string's inside; null when it is not one. */
function decodeText(inside: string): string | null {
  if (!NEEDS_DECODING.test(inside)) return inside;
  const text = parseJson(`"${inside}"`);
  return typeof text === 'string' ? text : null;
}

/** Whether a part stands at a place. Comparing a slice is one comparison of memory; `startsWith` goes character by character. */
function standsAt(text: string, part: string, at: number): boolean {
  return text.slice(at, at + part.length) === part;
}

/** Whole events of one form: what stands between their quotes, and where the first other thing begins. */
interface Run {
  readonly insides: readonly string[];
  /** Where each of them ends, behind its closing. */
  readonly ends: readonly number[];
}

function findRun(stream: string, from: number, form: ChunkForm): Run | null {
  const opening = `data: ${form.before}`;
  if (!standsAt(stream, opening, from)) return null;
  const closing = `${form.after}\n\n`;
  const seam = closing + opening;
  const insides: string[] = [];
  const ends: number[] = [];
  for (let at = from + opening.length; ; ) {
    // A quote within the text is escaped, so what follows it is not the end of the form; such a chunk is read the careful way.
    const quote = stream.indexOf('"', at);
    const goesOn = quote !== -1 && standsAt(stream, seam, quote);
    if (!goesOn && (quote === -1 || !standsAt(stream, closing, quote))) break;
    insides.push(stream.slice(at, quote));
    ends.push(quote + closing.length);
    if (!goesOn) break;
    at = quote + seam.length;
  }
  return insides.length === 0 ? null : { insides, ends };
}

/** The texts of a run, as far as they can be read; escapes are decoded one by one, because each must be whole by itself. */
function textsOf(insides: readonly string[]): { readonly text: string; readonly count: number } {
  const joined = insides.join('');
  if (!NEEDS_DECODING.test(joined)) return { text: joined, count: insides.length };
  let text = '';
  let count = 0;
  for (const inside of insides) {
    const decoded = decodeText(inside);
    if (decoded === null) break;
    text += decoded;
    count += 1;
  }
  return { text, count };
}

/**
 * Takes all events of one form from a place in a stream on, as one: what the client gets for them, and what they told together. Null when
 * there is none. The same as taking them one by one, for a tenth of the work; `end` is where the first other thing begins.
 */
export function takeLikeChunks(
  stream: string,
  from: number,
  form: ChunkForm,
): { readonly chunk: RelayedChunk; readonly end: number } | null {
  const run = findRun(stream, from, form);
  if (run === null) return null;
  const { text, count } = textsOf(run.insides);
  const end = run.ends[count - 1];
  if (end === undefined) return null;
  const { beforeOut, afterOut, upstreamId } = form;
  const insides = count === run.insides.length ? run.insides : run.insides.slice(0, count);
  const data = beforeOut + insides.join(`${afterOut}\n\ndata: ${beforeOut}`) + afterOut;
  return {
    chunk: { data, facts: { ...noFacts, outputText: text, hasOutput: text !== '', upstreamId }, isEnd: false },
    end,
  };
}
