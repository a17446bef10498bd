import { AppError } from '@bourse/errors';
import { isJsonObject } from '@bourse/generation';
import { parseJson } from '../parse-json.ts';
import { SSE_EVENT_LENGTH_MAX, type SseEvent, type SseParser } from '../sse.ts';
import { crc32 } from './crc32.ts';

/**
 * AWS's binary event stream (`application/vnd.amazon.eventstream`; https://smithy.io/2.0/aws/amazon-eventstream.html, read 2026-11): each
 * message is a prelude (total length, length of the headers, and the CRC-32 of the two), headers, a payload, and the CRC-32 of all before it.
 */

/** Total length, header length, and their checksum. */
const PRELUDE_LENGTH = 12;
const CHECKSUM_LENGTH = 4;
/** A message with neither headers nor payload. */
const MESSAGE_LENGTH_MIN = PRELUDE_LENGTH + CHECKSUM_LENGTH;

/** The events that stand for something else than an event of the API: no name of an event looks like them. */
export const EXCEPTION_EVENT = ':exception';
/** What a stream that cannot be read any further ends with; `data` says why. */
export const MALFORMED_EVENT = ':malformed';

/** Sizes of header values by their type; null: two bytes of length come first. */
const HEADER_VALUE_LENGTHS: Readonly<Record<number, number | null>> = {
  0: 0, // true
  1: 0, // false
  2: 1, // byte
  3: 2, // short
  4: 4, // integer
  5: 8, // long
  6: null, // bytes
  7: null, // string
  8: 8, // timestamp
  9: 16, // uuid
};

const STRING_HEADER = 7;

const utf8 = new TextDecoder();

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The text headers of a message; null when the bytes are no headers. */
function readHeaders(bytes: Uint8Array): ReadonlyMap<string, string> | null {
  const view = viewOf(bytes);
  const headers = new Map<string, string>();
  let at = 0;
  while (at < bytes.length) {
    const nameEnd = at + 1 + view.getUint8(at);
    if (nameEnd >= bytes.length) return null;
    const type = view.getUint8(nameEnd);
    const fixed = HEADER_VALUE_LENGTHS[type];
    if (fixed === undefined) return null;
    const start = nameEnd + (fixed === null ? 3 : 1);
    if (start > bytes.length) return null;
    const end = start + (fixed ?? view.getUint16(nameEnd + 1));
    if (end > bytes.length) return null;
    if (type === STRING_HEADER) {
      headers.set(utf8.decode(bytes.subarray(at + 1, nameEnd)), utf8.decode(bytes.subarray(start, end)));
    }
    at = end;
  }
  return headers;
}

/** An exception has its type in a header and its sentence in the payload; an error has both in headers. */
function exceptionOf(headers: ReadonlyMap<string, string>, payload: string): SseEvent {
  const parsed = parseJson(payload);
  const facts = isJsonObject(parsed) ? parsed : payload === '' ? {} : { message: payload };
  const type = headers.get(':exception-type') ?? headers.get(':error-code');
  const message = headers.get(':error-message');
  const data = {
    ...facts,
    ...(message === undefined ? {} : { message }),
    ...(type === undefined ? {} : { __type: type }),
  };
  return { event: EXCEPTION_EVENT, data: JSON.stringify(data) };
}

/** One message whose lengths and prelude have been checked; null when it is damaged. */
function readMessage(message: Uint8Array, headersLength: number): SseEvent | null {
  const end = message.length - CHECKSUM_LENGTH;
  if (crc32(message.subarray(0, end)) !== viewOf(message).getUint32(end)) return null;
  const headersEnd = PRELUDE_LENGTH + headersLength;
  const headers = readHeaders(message.subarray(PRELUDE_LENGTH, headersEnd));
  if (headers === null) return null;
  const payload = utf8.decode(message.subarray(headersEnd, end));
  const kind = headers.get(':message-type');
  if (kind === 'exception' || kind === 'error') return exceptionOf(headers, payload);
  return { event: headers.get(':event-type') ?? null, data: payload };
}

interface Prelude {
  readonly length: number;
  readonly headersLength: number;
}

/** The prelude at this place; null when it is damaged. Throws when it announces more than anyone would send. */
function readPrelude(bytes: Uint8Array, at: number): Prelude | null {
  const view = viewOf(bytes);
  if (crc32(bytes.subarray(at, at + 8)) !== view.getUint32(at + 8)) return null;
  const length = view.getUint32(at);
  const headersLength = view.getUint32(at + 4);
  if (length > SSE_EVENT_LENGTH_MAX) {
    throw new AppError('provider_failed', 'The provider sent an event that is too large.', {
      detail: `event stream message of ${length} bytes`,
    });
  }
  return length < MESSAGE_LENGTH_MIN + headersLength ? null : { length, headersLength };
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = chunks;
  if (chunks.length === 1 && only !== undefined) return only;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/**
 * A parser of the binary event stream, with the contract of the parser of server-sent events. An event is named by its `:event-type`;
 * exceptions come as `EXCEPTION_EVENT` with their type in `__type`. Damaged bytes are one `MALFORMED_EVENT` and end the stream: after them
 * nobody knows where a message begins. Linear in the bytes, however they are cut.
 */
export function createEventStreamParser(onEvent: (event: SseEvent) => void): SseParser {
  let chunks: Uint8Array[] = [];
  let pending = 0;
  let needed = PRELUDE_LENGTH;
  let isOver = false;

  function giveUp(sentence: string): void {
    isOver = true;
    chunks = [];
    onEvent({ event: MALFORMED_EVENT, data: sentence });
  }

  /** Takes all messages that are whole; answers where the rest begins. */
  function takeMessages(bytes: Uint8Array): number {
    let at = 0;
    for (;;) {
      needed = PRELUDE_LENGTH;
      if (bytes.length - at < PRELUDE_LENGTH) return at;
      const prelude = readPrelude(bytes, at);
      if (prelude === null) {
        giveUp('The provider sent an event whose prelude is damaged.');
        return at;
      }
      needed = prelude.length;
      if (bytes.length - at < needed) return at;
      const event = readMessage(bytes.subarray(at, at + needed), prelude.headersLength);
      if (event === null) {
        giveUp('The provider sent an event that is damaged.');
        return at;
      }
      at += needed;
      onEvent(event);
    }
  }

  return {
    push(chunk) {
      if (isOver || chunk.length === 0) return;
      chunks.push(chunk);
      pending += chunk.length;
      if (pending < needed) return;
      const bytes = joined(chunks, pending);
      chunks = [];
      try {
        const rest = bytes.subarray(takeMessages(bytes));
        pending = rest.length;
        if (!isOver && rest.length > 0) chunks = [rest];
      } catch (error) {
        isOver = true;
        throw error;
      }
    },
    end() {
      if (!isOver && pending > 0) giveUp('The provider ended its stream within an event.');
      isOver = true;
    },
  };
}
