import { AppError } from '@bourse/errors';

/** A server-sent event: `event` is null for the default type. `data` has its lines joined with a newline. */
export interface SseEvent {
  readonly event: string | null;
  readonly data: string;
}

/** The largest event that a parser accepts, in characters of data (and the largest line of any kind). */
export const SSE_EVENT_LENGTH_MAX = 1_048_576;

/** A parser that is fed bytes as they come and calls back once per event, in order, before `push` returns. */
export interface SseParser {
  /** Throws AppError('provider_failed') when an event exceeds the limit; the parser is then finished. */
  push(chunk: Uint8Array): void;
  /** The bytes are over. An event that lacks its closing blank line is delivered: several providers omit it. */
  end(): void;
}

/**
 * Looks at text where an event may begin. Answers where it stopped: behind whole events that it has taken care of itself, or `from`
 * when the parser must read on. It must take nothing that the parser would read otherwise.
 */
export type SseSkim = (text: string, from: number) => number;

/** How a parser may differ from the plain one. */
export interface SseParserOptions {
  readonly eventLengthMax?: number;
  readonly skim?: SseSkim;
}

const LF = 10;
const SPACE = 32;
const BYTE_ORDER_MARK = 0xfeff;

/**
 * Bytes at the end of a chunk that begin a character which the chunk does not finish (0..3). Cutting right before a
 * lead byte never changes what a UTF-8 decoder makes of the whole, valid or not.
 */
function unfinishedTail(bytes: Uint8Array): number {
  const last = bytes.length - 1;
  for (let back = 0; back < 3 && back <= last; back += 1) {
    const byte = bytes[last - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) {
      const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return needed > back + 1 ? back + 1 : 0;
    }
  }
  return 0;
}

/** UTF-8 in pieces. One-shot decoding plus a carried tail is several times faster than a streaming TextDecoder. */
function createUtf8Decoder(): { decode(chunk: Uint8Array): string; end(): string } {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let carried = new Uint8Array(0);
  return {
    decode(chunk) {
      let bytes = chunk;
      if (carried.length > 0) {
        bytes = new Uint8Array(carried.length + chunk.length);
        bytes.set(carried);
        bytes.set(chunk, carried.length);
      }
      const tail = unfinishedTail(bytes);
      carried = bytes.slice(bytes.length - tail);
      return decoder.decode(tail === 0 ? bytes : bytes.subarray(0, bytes.length - tail));
    },
    end() {
      return decoder.decode(carried);
    },
  };
}

function tooLarge(limit: number): AppError {
  return new AppError('provider_failed', 'The provider sent an event that is too large.', {
    detail: `server-sent event over ${limit} characters`,
  });
}

/** Gathers the fields of one event at a time. */
function createEventBuilder(
  onEvent: (event: SseEvent) => void,
  limit: number,
): { takeLine: (line: string) => void; isBetweenEvents: () => boolean } {
  let name: string | null = null;
  let data: string | null = null;

  function addField(field: string, value: string): void {
    if (field === 'data') {
      data = data === null ? value : `${data}\n${value}`;
      if (data.length > limit) throw tooLarge(limit);
    } else if (field === 'event') {
      name = value === '' ? null : value;
    }
  }

  function takeLine(line: string): void {
    if (line.length > limit) throw tooLarge(limit);
    if (line === '') {
      const event = data === null ? null : { event: name, data };
      name = null;
      data = null;
      if (event) onEvent(event);
      return;
    }
    const colon = line.indexOf(':');
    if (colon === -1) addField(line, '');
    else if (colon > 0)
      addField(line.slice(0, colon), line.slice(line.charCodeAt(colon + 1) === SPACE ? colon + 2 : colon + 1));
  }

  return { takeLine, isBetweenEvents: () => data === null && name === null };
}

/**
 * A server-sent events parser after the WHATWG rules: CR, LF and CRLF line ends, several `data` lines, comments, a byte
 * order mark, and any cutting of the bytes, also within a character. `id` and `retry` are ignored. Time is linear in the
 * bytes: a line is searched once and joined once, however many chunks it comes in.
 */
export function createSseParser(
  onEvent: (event: SseEvent) => void,
  { eventLengthMax = SSE_EVENT_LENGTH_MAX, skim }: SseParserOptions = {},
): SseParser {
  const utf8 = createUtf8Decoder();
  const { takeLine, isBetweenEvents } = createEventBuilder(onEvent, eventLengthMax);
  let pieces: string[] = [];
  let piecesLength = 0;
  let isAtStart = true;
  let endedOnCr = false;

  function finishLine(rest: string): void {
    const line = piecesLength === 0 ? rest : pieces.join('') + rest;
    pieces = [];
    piecesLength = 0;
    takeLine(line);
  }

  function keep(rest: string): void {
    if (rest === '') return;
    pieces.push(rest);
    piecesLength += rest.length;
    if (piecesLength > eventLengthMax) throw tooLarge(eventLengthMax);
  }

  function skimFrom(text: string, from: number): number {
    return skim !== undefined && isBetweenEvents() ? skim(text, from) : from;
  }

  function take(text: string): void {
    let from = 0;
    if (isAtStart && text !== '') {
      isAtStart = false;
      if (text.charCodeAt(0) === BYTE_ORDER_MARK) from = 1;
    }
    if (endedOnCr && text !== '') {
      endedOnCr = false;
      if (text.charCodeAt(0) === LF) from = 1;
    }
    if (piecesLength === 0) from = skimFrom(text, from);
    let cr = text.indexOf('\r', from);
    let lf = text.indexOf('\n', from);
    while (cr !== -1 || lf !== -1) {
      const isCr = lf === -1 || (cr !== -1 && cr < lf);
      const end = isCr ? cr : lf;
      finishLine(text.slice(from, end));
      from = isCr && lf === end + 1 ? end + 2 : end + 1;
      endedOnCr = isCr && from === text.length && lf !== end + 1;
      from = skimFrom(text, from);
      if (cr !== -1 && cr < from) cr = text.indexOf('\r', from);
      if (lf !== -1 && lf < from) lf = text.indexOf('\n', from);
    }
    keep(text.slice(from));
  }

  return {
    push(chunk) {
      take(utf8.decode(chunk));
    },
    end() {
      take(utf8.end());
      finishLine('');
      takeLine('');
    },
  };
}

/** The pull-style parser: the same events as `createSseParser`, as an async iterable. Rejects as the bytes reject. */
export async function* parseSse(bytes: AsyncIterable<Uint8Array>): AsyncIterable<SseEvent> {
  let ready: SseEvent[] = [];
  const parser = createSseParser((event) => ready.push(event));
  for await (const chunk of bytes) {
    parser.push(chunk);
    if (ready.length === 0) continue;
    const events = ready;
    ready = [];
    yield* events;
  }
  parser.end();
  yield* ready;
}

/** The bytes of an event: one `data` line per line of data, then the blank line. */
export function formatSse(event: SseEvent): string {
  const name = event.event === null ? '' : `event: ${event.event.replace(/[\r\n]+/g, ' ')}\n`;
  if (!/[\r\n]/.test(event.data)) return `${name}data: ${event.data}\n\n`;
  const lines = event.data.split(/\r\n|\r|\n/);
  return `${name}${lines.map((line) => `data: ${line}\n`).join('')}\n`;
}
