import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contextWith } from '../../test/any-answer.ts';
import { cutBytes } from '../../test/lane-harness.ts';
import { createSseParser } from '../sse.ts';
import type { LaneEvent } from '../wire-format.ts';
import { chunkFormOf } from './like-chunks.ts';
import { relay } from './relay.ts';

const open = () => relay.open(contextWith());

/** What a client gets and what we learn, of bytes that come in these pieces. */
function relayPieces(pieces: readonly Uint8Array[], isAhead: boolean) {
  const lane = open();
  let sent = '';
  let outputText = '';
  const others: unknown[] = [];
  const take = ({ text, facts, isEnd }: LaneEvent): void => {
    sent += text;
    outputText += facts.outputText;
    expect(facts.hasOutput || facts.outputText === '').toBe(true);
    // A chunk of text and nothing else may be taken together with others like it; every other event stands alone.
    const hasMore = facts.hasOutput && facts.outputText === '';
    if (isEnd || facts.error || facts.usage || facts.isUsageUnreadable || facts.finish || hasMore)
      others.push({ ...facts, outputText: '', isEnd });
  };
  const skim = (stream: string, from: number): number => {
    const taken = lane.ahead?.(stream, from) ?? null;
    if (taken !== null) take(taken.event);
    return taken?.end ?? from;
  };
  const parser = createSseParser((event) => take(lane.event(event)), isAhead ? { skim } : {});
  for (const piece of pieces) parser.push(piece);
  parser.end();
  return { sent, outputText, others };
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
    chunk({ images: [{ type: 'image_url', image_url: { url: 'data:,x' } }] }),
    chunk({ content: 'x', audio: { data: 'AAAA', transcript: 't' } }),
    chunk({ reasoning_details: [{ type: 'reasoning.text', signature: 's', index: 0 }] }),
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

test('any stream in any pieces: the shortcut changes neither a byte for the client nor anything that we learn', () => {
  fc.assert(
    fc.property(anyStream, fc.array(fc.nat(), { maxLength: 8 }), (stream, places) => {
      const pieces = cutBytes(stream, places);
      expect(relayPieces(pieces, true)).toEqual(relayPieces(pieces, false));
    }),
    { numRuns: 1_500 },
  );
});

test('chunks of one form in one piece become one event', () => {
  const lane = open();
  lane.event({ event: null, data: chunk({ content: 'a' }) });
  const stream = ['b', 'c\\n', '', 'd']
    .map((text) => `data: ${chunk({ content: '@' }).replace('@', text)}\n\n`)
    .join('');
  const taken = lane.ahead?.(`${stream}data: [DONE]\n\n`, 0);
  expect(taken?.event.facts).toMatchObject({ outputText: 'bc\nd', hasOutput: true, upstreamId: 'chatcmpl-1' });
  expect(taken?.event.text.match(/^data: /gm)).toHaveLength(4);
  expect(taken?.end).toBe(stream.length);
});

test('chunks that bring no text are no output, however many they are', () => {
  const lane = open();
  lane.event({ event: null, data: chunk({ content: 'a' }) });
  const stream = `data: ${chunk({ content: '' })}\n\n`.repeat(3);
  expect(lane.ahead?.(stream, 0)?.event.facts).toMatchObject({ outputText: '', hasOutput: false });
});

test.each([
  ['a call', { content: 'x', tool_calls: [{ index: 0, id: 'c', function: { name: 'f' } }] }],
  ['a picture', { content: 'x', images: [{ type: 'image_url', image_url: { url: 'data:,x' } }] }],
  ['sound', { content: 'x', audio: { data: 'AAAA' } }],
])('a chunk of text that also brings %s is no form: each of its kind is read', (_name, delta) => {
  const lane = open();
  const data = chunk(delta);
  lane.event({ event: null, data });
  expect(lane.ahead?.(`data: ${data}\n\n`, 0)).toBeNull();
});

test('nothing is taken ahead before a form was seen', () => {
  expect(open().ahead?.(`data: ${chunk({ content: 'a' })}\n\n`, 0)).toBeNull();
});

test('a place that only looks like the text is not taken for it', () => {
  const misleading = chunk({ refusal: 'x' }, { note: { content: 'x' } });
  const { text, ...rest } = open().event({ event: null, data: misleading });
  expect(chunkFormOf(misleading, { ...rest, data: text.slice('data: '.length, -2) })).toBeNull();
});
