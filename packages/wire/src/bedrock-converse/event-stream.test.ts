import { isAppError } from '@bourse/errors';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventMessage, eventStreamMessage, exceptionMessage, rawMessage } from '../../test/event-stream-bytes.ts';
import type { SseEvent } from '../sse.ts';
import { crc32 } from './crc32.ts';
import { createEventStreamParser, EXCEPTION_EVENT, MALFORMED_EVENT } from './event-stream.ts';

/** The events of these pieces of bytes, and what was thrown on the way. */
function parse(pieces: readonly Uint8Array[]): { events: SseEvent[]; thrown: unknown } {
  const events: SseEvent[] = [];
  const parser = createEventStreamParser((event) => events.push(event));
  try {
    for (const piece of pieces) parser.push(piece);
    parser.end();
  } catch (thrown) {
    return { events, thrown };
  }
  return { events, thrown: null };
}

function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

function damaged(bytes: Uint8Array, at: number): Uint8Array {
  const copy = new Uint8Array(bytes);
  copy[at % copy.length] = (copy[at % copy.length] ?? 0) ^ 0xff;
  return copy;
}

const hello = eventMessage('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'hé' } });
const stop = eventMessage('messageStop', { stopReason: 'end_turn' });

test.each([
  ['', 0],
  ['123456789', 0xcbf43926],
  ['The quick brown fox jumps over the lazy dog', 0x414fa339],
])('the checksum of %j is the published one', (text, expected) => {
  expect(crc32(new TextEncoder().encode(text))).toBe(expected);
});

describe('the parser of the binary event stream', () => {
  test.each([
    ['nothing', '000000100000000005c248eb7d98c8ff', ''],
    ['a payload without headers', '0000001d00000000fd528c5a7b27666f6f273a27626172277dc3653936', "{'foo':'bar'}"],
  ])('reads the message of %s that AWS publishes for tests', (_name, hex, data) => {
    expect(parse([Buffer.from(hex, 'hex')])).toEqual({ events: [{ event: null, data }], thrown: null });
  });

  test('names events by their type, and gives their payload as text', () => {
    expect(parse([Buffer.concat([hello, stop])])).toEqual({
      events: [
        { event: 'contentBlockDelta', data: '{"contentBlockIndex":0,"delta":{"text":"hé"}}' },
        { event: 'messageStop', data: '{"stopReason":"end_turn"}' },
      ],
      thrown: null,
    });
  });

  test('gives exceptions and errors one form, whatever their payload is', () => {
    const bare = eventStreamMessage(
      { ':message-type': 'exception', ':exception-type': 'throttlingException' },
      'slow down',
    );
    const error = eventStreamMessage(
      { ':message-type': 'error', ':error-code': 'InternalError', ':error-message': 'oops' },
      '',
    );
    const { events } = parse([exceptionMessage('validationException', 'no'), bare, error]);
    expect(events.map(({ event }) => event)).toEqual([EXCEPTION_EVENT, EXCEPTION_EVENT, EXCEPTION_EVENT]);
    expect(events.map(({ data }) => JSON.parse(data))).toEqual([
      { message: 'no', __type: 'validationException' },
      { message: 'slow down', __type: 'throttlingException' },
      { message: 'oops', __type: 'InternalError' },
    ]);
  });

  test('steps over headers of all other types', () => {
    const parts = [
      [0],
      [1],
      [2, 7],
      [3, 0, 1],
      [4, 0, 0, 0, 1],
      [5, 0, 0, 0, 0, 0, 0, 0, 1],
      [6, 0, 2, 9, 9],
      [8, 0, 0, 0, 0, 0, 0, 0, 1],
      [9, ...Array.from({ length: 16 }, () => 3)],
    ];
    const headers = parts.flatMap((value) => [1, 120, ...value]);
    const named = [...headers, 11, ...Buffer.from(':event-type'), 7, 0, 1, 97];
    expect(parse([rawMessage(Uint8Array.from(named), Buffer.from('{}'))]).events).toEqual([{ event: 'a', data: '{}' }]);
  });

  test.each([
    ['an unknown type of header', [1, 120, 10]],
    ['a name that is longer than the headers', [200, 120]],
    ['a value that is longer than the headers', [1, 120, 7, 0, 9, 1]],
    ['a length that is cut off', [1, 120, 7, 0]],
  ])('takes %s for damage', (_name, headers) => {
    const { events } = parse([rawMessage(Uint8Array.from(headers), Buffer.from('{}')), hello]);
    expect(events).toEqual([{ event: MALFORMED_EVENT, data: 'The provider sent an event that is damaged.' }]);
  });

  test('any damaged byte ends the stream with one event that says so, after what was whole', () => {
    fc.assert(
      fc.property(fc.nat(), (at) => {
        const { events, thrown } = parse([hello, damaged(stop, at), hello]);
        expect(thrown).toBeNull();
        expect(events.map(({ event }) => event)).toEqual(['contentBlockDelta', MALFORMED_EVENT]);
      }),
    );
  });

  test('headers that are longer than their message are damage, although all checksums are right', () => {
    const message = Buffer.from(rawMessage(new Uint8Array(0), new Uint8Array(0)));
    message.writeUInt32BE(5, 4);
    message.writeUInt32BE(crc32(message.subarray(0, 8)), 8);
    expect(parse([message]).events.map(({ event }) => event)).toEqual([MALFORMED_EVENT]);
  });

  test('bytes that end within an event are told as such, and nothing is said after a clean end', () => {
    const { events } = parse([hello, stop.subarray(0, 20)]);
    expect(events.at(-1)).toEqual({ event: MALFORMED_EVENT, data: 'The provider ended its stream within an event.' });
    expect(parse([hello]).events).toHaveLength(1);
    expect(parse([]).events).toEqual([]);
  });

  test('refuses an event that is too large as soon as it is announced, and is finished', () => {
    const prelude = Buffer.alloc(12);
    prelude.writeUInt32BE(2_000_000_000, 0);
    prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
    const events: SseEvent[] = [];
    const parser = createEventStreamParser((event) => events.push(event));
    expect(() => parser.push(prelude)).toThrow('too large');
    parser.push(hello);
    parser.end();
    expect(events).toEqual([]);
  });

  test('gives the same events however the bytes are cut, damaged or not', () => {
    const stream = Buffer.concat([hello, exceptionMessage('throttlingException', 'ü'), stop]);
    const bytes = fc.oneof(
      fc.constant<Uint8Array>(stream),
      fc.nat().map((at) => damaged(stream, at)),
      fc.nat(stream.length).map((length) => stream.subarray(0, length)),
    );
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(), { maxLength: 20 }), (whole, places) => {
        expect(parse(cut(whole, places))).toEqual(parse([whole]));
      }),
    );
    expect(
      parse(
        cut(
          stream,
          Array.from({ length: stream.length }, (_, at) => at),
        ),
      ),
    ).toEqual(parse([stream]));
  });

  test('any bytes at all give events or AppError("provider_failed")', () => {
    const right = fc
      .tuple(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 40 }))
      .map(([headers, payload]): Uint8Array => rawMessage(headers, payload));
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.uint8Array({ maxLength: 60 }), right), { maxLength: 6 }), (pieces) => {
        const { thrown } = parse(pieces);
        if (thrown !== null) expect(isAppError(thrown) && thrown.code).toBe('provider_failed');
      }),
      { numRuns: 1_000 },
    );
  });

  test('a large event in single bytes costs no more than its length', () => {
    const large = eventMessage('contentBlockDelta', { delta: { text: 'x'.repeat(400_000) } });
    const { events } = parse(Array.from(large, (byte) => Uint8Array.of(byte)));
    expect(events).toHaveLength(1);
    expect(events[0]?.data.length).toBeGreaterThan(400_000);
  });
});
