import { isAppError } from '@bourse/errors';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSseParser, formatSse, parseSse, SSE_EVENT_LENGTH_MAX, type SseEvent } from './sse.ts';

const encoder = new TextEncoder();

/** All events of the bytes, given in these pieces; `failed` when the parser threw. */
function parseAll(pieces: readonly Uint8Array[]): { events: SseEvent[]; failed: boolean } {
  const events: SseEvent[] = [];
  const parser = createSseParser((event) => events.push(event));
  try {
    for (const piece of pieces) parser.push(piece);
    parser.end();
    return { events, failed: false };
  } catch (error) {
    expect(isAppError(error) && error.code).toBe('provider_failed');
    return { events, failed: true };
  }
}

function parseText(text: string): SseEvent[] {
  return parseAll([encoder.encode(text)]).events;
}

function cut(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const places = [...new Set(at.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (const place of [...places, bytes.length]) {
    pieces.push(bytes.subarray(from, place));
    from = place;
  }
  return pieces;
}

const data = (text: string): SseEvent => ({ event: null, data: text });

describe('createSseParser', () => {
  test.each([
    ['LF', 'data: a\n\ndata: b\n\n'],
    ['CR', 'data: a\r\rdata: b\r\r'],
    ['CRLF', 'data: a\r\n\r\ndata: b\r\n\r\n'],
    ['mixed line ends', 'data: a\r\n\ndata: b\n\r'],
  ])('understands %s', (_name, text) => {
    expect(parseText(text)).toEqual([data('a'), data('b')]);
  });

  test('joins several data lines with a newline', () => {
    expect(parseText('data: a\ndata: b\ndata\ndata: c\n\n')).toEqual([data('a\nb\n\nc')]);
  });

  test('removes one space after the colon and no more', () => {
    expect(parseText('data:a\n\ndata:  b\n\n')).toEqual([data('a'), data(' b')]);
  });

  test('ignores comments, ids, retries and unknown fields, and fires nothing for a block without data', () => {
    expect(parseText(': hi\n\nid: 1\nretry: 5\nfoo: x\n\nevent: ping\n\ndata: a\n:b\n\n')).toEqual([data('a')]);
  });

  test('gives the name of an event to that event only', () => {
    expect(parseText('event: error\ndata: a\n\ndata: b\n\n')).toEqual([{ event: 'error', data: 'a' }, data('b')]);
  });

  test('removes a byte order mark at the start and keeps one elsewhere', () => {
    expect(parseText('\uFEFFdata: a\n\ndata: \uFEFF\n\n')).toEqual([data('a'), data('\uFEFF')]);
  });

  test.each(['data: a\n\ndata: b\n', 'data: a\n\ndata: b'])(
    'delivers a last event without its blank line: %j',
    (text) => {
      expect(parseText(text)).toEqual([data('a'), data('b')]);
    },
  );

  test('delivers each event as soon as its blank line is there', () => {
    const events: SseEvent[] = [];
    const parser = createSseParser((event) => events.push(event));
    parser.push(encoder.encode('data: a\r\n\r'));
    expect(events).toEqual([data('a')]);
    parser.push(encoder.encode('\ndata: b\n\n'));
    expect(events).toEqual([data('a'), data('b')]);
  });

  test('turns broken UTF-8 into the replacement character', () => {
    const { events } = parseAll([encoder.encode('data: a'), new Uint8Array([0xc3]), encoder.encode('\n\n')]);
    expect(events).toEqual([data('a\uFFFD')]);
  });

  test('accepts an event of the largest size and refuses one that is larger', () => {
    const fits = 'x'.repeat(SSE_EVENT_LENGTH_MAX - 'data: '.length);
    expect(parseText(`data: ${fits}\n\n`)).toEqual([data(fits)]);
    expect(parseAll([encoder.encode(`data: a\n\ndata: ${fits}xx\n\n`)])).toEqual({ events: [data('a')], failed: true });
  });

  test('refuses an endless line before it has ended, also a comment', () => {
    const parser = createSseParser(() => undefined, { eventLengthMax: 1000 });
    for (let index = 0; index < 10; index += 1) parser.push(encoder.encode(':'.repeat(100)));
    expect(() => parser.push(encoder.encode('x'))).toThrow('too large');
  });

  test('refuses many small data lines that add up to too much', () => {
    const parser = createSseParser(() => undefined, { eventLengthMax: 100 });
    expect(() => parser.push(encoder.encode('data: 123456789\n'.repeat(20)))).toThrow('too large');
  });

  test('takes time in proportion to the bytes when a megabyte comes byte by byte', () => {
    const bytes = encoder.encode(`data: ${'y'.repeat(SSE_EVENT_LENGTH_MAX - 100)}\n\n`);
    const events: SseEvent[] = [];
    const parser = createSseParser((event) => events.push(event));
    const startedAt = performance.now();
    for (let index = 0; index < bytes.length; index += 1) parser.push(bytes.subarray(index, index + 1));
    expect(events).toHaveLength(1);
    // A parser that rescans or flattens its buffer per piece needs minutes for this.
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});

const fragment = fc.oneof(
  fc.constantFrom(
    'data: ',
    'data:',
    'data',
    'event: e',
    ':',
    ': c',
    '\n',
    '\n\n',
    '\r',
    '\r\n',
    '\r\n\r\n',
    'id: 1',
    '\uFEFF',
  ),
  fc.constantFrom('{"a":"ü"}', '😀', '[DONE]', ' ', 'x:y'),
  fc.string({ maxLength: 5, unit: 'grapheme' }),
);

describe('any cutting of the bytes', () => {
  test('gives the same events for text', () => {
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 40 }), fc.array(fc.nat(), { maxLength: 30 }), (parts, places) => {
        const bytes = encoder.encode(parts.join(''));
        const whole = parseAll([bytes]);
        expect(parseAll(cut(bytes, places))).toEqual(whole);
        expect(parseAll(Array.from(bytes, (byte) => new Uint8Array([byte])))).toEqual(whole);
      }),
      { numRuns: 500 },
    );
  });

  test('gives the same events for arbitrary bytes, valid UTF-8 or not', () => {
    const hostile = fc.constantFrom(
      0x0a,
      0x0d,
      0x3a,
      0x20,
      0x64,
      0xc3,
      0xa9,
      0xe2,
      0x82,
      0xac,
      0xf0,
      0x9f,
      0x98,
      0x80,
      0xff,
      0xed,
      0xa0,
    );
    const bytesOf = fc.array(fc.oneof(hostile, fc.nat(255)), { maxLength: 80 }).map((list) => Uint8Array.from(list));
    fc.assert(
      fc.property(bytesOf, fc.array(fc.nat(), { maxLength: 20 }), (tail, places) => {
        const bytes = new Uint8Array([...encoder.encode('data: '), ...tail]);
        expect(parseAll(cut(bytes, places))).toEqual(parseAll([bytes]));
      }),
      { numRuns: 1000 },
    );
  });

  test('gives what the platform decoder makes of the same bytes', () => {
    const bytesOf = fc.uint8Array({ maxLength: 60 }).map((bytes) => bytes.filter((byte) => byte !== 10 && byte !== 13));
    fc.assert(
      fc.property(bytesOf, fc.array(fc.nat(), { maxLength: 10 }), (tail, places) => {
        const bytes = new Uint8Array([...encoder.encode('data:x'), ...tail]);
        const [event] = parseAll(cut(bytes, places)).events;
        expect(event?.data).toBe(new TextDecoder().decode(bytes).slice('data:'.length));
      }),
      { numRuns: 500 },
    );
  });
});

describe('parseSse', () => {
  test('gives the events of an async iterable of bytes', async () => {
    async function* bytes() {
      yield encoder.encode('data: a\n\ndata: b');
      yield encoder.encode('c\n\ndata: d');
    }
    const seen: SseEvent[] = [];
    for await (const event of parseSse(bytes())) seen.push(event);
    expect(seen).toEqual([data('a'), data('bc'), data('d')]);
  });

  test('rejects as its bytes reject, after the events that came before', async () => {
    async function* bytes() {
      yield encoder.encode('data: a\n\n');
      throw new Error('reset');
    }
    const seen: SseEvent[] = [];
    const reading = (async () => {
      for await (const event of parseSse(bytes())) seen.push(event);
    })();
    await expect(reading).rejects.toThrow('reset');
    expect(seen).toEqual([data('a')]);
  });
});

describe('formatSse', () => {
  test('writes one data line per line', () => {
    expect(formatSse({ event: null, data: '{"a":1}' })).toBe('data: {"a":1}\n\n');
    expect(formatSse({ event: 'message_start', data: 'a\nb\r\nc' })).toBe(
      'event: message_start\ndata: a\ndata: b\ndata: c\n\n',
    );
  });

  test('cannot be broken out of by a newline in a name', () => {
    expect(parseText(formatSse({ event: 'a\n\ndata: evil', data: 'x' }))).toEqual([
      { event: 'a data: evil', data: 'x' },
    ]);
  });

  test('is read back as the same event', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.option(fc.stringMatching(/^[a-z_.]{1,20}$/)), (text, name) => {
        const event = { event: name, data: text.replace(/\r\n?/g, '\n') };
        expect(parseText(formatSse(event))).toEqual([event]);
      }),
    );
  });
});
