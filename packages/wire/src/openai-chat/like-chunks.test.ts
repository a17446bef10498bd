import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSseParser } from '../sse.ts';
import type { RelayedEvent, ResponseHead } from '../wire-format.ts';
import { chunkFormOf } from './like-chunks.ts';
import { relay } from './relay.ts';

const newHead = (): ResponseHead => ({ id: 'gen-1', model: 'acme/sprint', provider: 'Host', createdUnixSeconds: 7 });

/** What a client gets and what we learn, of bytes that come in these pieces. */
function relayPieces(pieces: readonly Uint8Array[], isAhead: boolean) {
  const head = newHead();
  let sent = '';
  let text = '';
  const others: unknown[] = [];
  const take = ({ data, facts, isEnd }: RelayedEvent): void => {
    if (data !== null) sent += `data: ${data}\n\n`;
    text += facts.outputText;
    if (isEnd || facts.error || facts.usage || facts.finishReason || facts.hasToolCall)
      others.push({ ...facts, outputText: '', isEnd });
  };
  const skim = (stream: string, from: number): number => {
    const taken = relay.ahead(stream, from, head);
    if (taken !== null) take(taken.event);
    return taken?.end ?? from;
  };
  const parser = createSseParser((event) => take(relay.event(event, head)), isAhead ? { skim } : {});
  for (const piece of pieces) parser.push(piece);
  parser.end();
  return { sent, text, others };
}

const envelope = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm' };
const chunk = (delta: unknown, more: object = {}, last: object = {}) =>
  JSON.stringify({ ...envelope, ...more, choices: [{ index: 0, delta, finish_reason: null, ...last }] });

const anyData = fc.oneof(
  { weight: 12, arbitrary: fc.string({ unit: 'grapheme', maxLength: 6 }).map((content) => chunk({ content })) },
  { weight: 2, arbitrary: fc.string().map((content) => chunk({ content }, { usage: null })) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('\\n', '\\u00e9', '\\"', '\\ud83d\\ude00', '\\ud83d', '\\', '\u0001')
      .map((inside) => chunk({ content: '@' }).replace('@', inside)),
  },
  fc.constantFrom(
    chunk({ role: 'assistant', content: '' }),
    chunk({ content: 'x' }, {}, { finish_reason: 'stop' }),
    chunk({ content: 'x', reasoning: 'r' }),
    chunk({ tool_calls: [{ index: 0, function: { arguments: '{"content":"no"}' } }] }),
    chunk({ content: 'x' }, { error: { message: 'no', code: 500 } }),
    chunk({ content: 'x' }, { extra: '"content":"' }),
    JSON.stringify({ ...envelope, choices: [], usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 } }),
    '[DONE]',
    'not json',
  ),
);
const ends = fc.constantFrom('\n\n', '\n\n', '\n\n', '\r\n\r\n', '\n\n: comment\n\n', '\nevent: x\n\n');
const anyStream = fc
  .array(fc.tuple(anyData, ends), { maxLength: 40 })
  .map((events) => events.map(([data, end]) => `data: ${data}${end}`).join(''));

function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

test('any stream in any pieces: the shortcut changes neither a byte for the client nor anything that we learn', () => {
  fc.assert(
    fc.property(anyStream, fc.array(fc.nat(), { maxLength: 8 }), (stream, places) => {
      const pieces = cut(new TextEncoder().encode(stream), places);
      expect(relayPieces(pieces, true)).toEqual(relayPieces(pieces, false));
    }),
    { numRuns: 1_500 },
  );
});

test('chunks of one form in one piece become one event', () => {
  const head = newHead();
  const data = chunk({ content: 'a' });
  relay.event({ event: null, data }, head);
  const stream = ['b', 'c\\n', '', 'd']
    .map((text) => `data: ${chunk({ content: '@' }).replace('@', text)}\n\n`)
    .join('');
  const taken = relay.ahead(`${stream}data: [DONE]\n\n`, 0, head);
  expect(taken?.event.facts.outputText).toBe('bc\nd');
  expect(taken?.end).toBe(stream.length);
});

test('a place that only looks like the text is not taken for it', () => {
  const head = newHead();
  const misleading = chunk({ refusal: 'x' }, { note: { content: 'x' } });
  expect(chunkFormOf(misleading, relay.event({ event: null, data: misleading }, head))).toBeNull();
});
