import { AppError } from '@bourse/errors';
import { type FoldedGeneration, fold, type GenerationEvent } from '@bourse/generation';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyAnswer, contextWith, promptWith, report } from '../../test/any-answer.ts';
import { cutBytes, parseFrames, passThrough } from '../../test/lane-harness.ts';
import { parseJson } from '../parse-json.ts';
import { createDecoder, decodeBody } from './decoder.ts';
import { inputOf } from './encode-messages.ts';
import { createEncoder, encodeBody } from './encoder.ts';
import { relay } from './relay.ts';

const context = contextWith();
const prompt = promptWith();

function streamed(events: readonly GenerationEvent[]): string {
  const encoder = createEncoder(context);
  return events.map((event) => encoder.push([event])).join('') + encoder.finish(report);
}

function read(text: string): FoldedGeneration {
  const decoder = createDecoder(prompt);
  return fold(parseFrames(text).flatMap((event) => [...decoder.push(event).events]));
}

/** What a reader of an answer gets, however it was cut into blocks. A refusal is text here, pictures and sound are nothing. */
function said({ choices }: FoldedGeneration) {
  const [choice] = choices;
  const blocks = choice?.blocks ?? [];
  return {
    text: blocks.map((block) => (block.type === 'text' ? block.text : '')).join('') + (choice?.refusal ?? ''),
    thoughts: blocks
      .map((block) => (block.type === 'reasoning' && block.detail.type !== 'encrypted' ? block.detail.text : ''))
      .join(''),
    calls: blocks.flatMap((block) =>
      block.type === 'tool-call' ? [{ name: block.call.name, input: inputOf(block.call.argumentsText) }] : [],
    ),
    citations: (choice?.citations ?? []).map(({ url }) => url),
    finish: choice?.finish?.unified ?? null,
  };
}

/** The first alternative, which is all that the dialect knows. */
const oneAnswer = anyAnswer.map((events) => events.filter((event) => !('choice' in event) || event.choice === 0));

type Frame = { readonly type: string; readonly index: number };
const framesOf = (text: string): Frame[] => parseFrames(text).map(({ data }) => JSON.parse(data));

describe('laws', () => {
  test('an answer that is written and read again is the same answer', () => {
    fc.assert(
      fc.property(oneAnswer, (events) => {
        expect(said(read(streamed(events)))).toEqual(said(fold(events)));
      }),
    );
  });

  test('a stream and a body tell the same', () => {
    fc.assert(
      fc.property(oneAnswer, (events) => {
        const body = parseJson(encodeBody(fold(events), context, report));
        const whole = said(fold(decodeBody(body, prompt).events));
        const pieces = said(read(streamed(events)));
        // Late words of an earlier thought are a block of their own in a stream.
        expect({ ...whole, thoughts: [...whole.thoughts].sort() }).toEqual({
          ...pieces,
          thoughts: [...pieces.thoughts].sort(),
        });
      }),
    );
  });

  test('one block is open at a time, numbered without a gap, and every stream begins and ends as it must', () => {
    fc.assert(
      fc.property(oneAnswer, (events) => {
        const frames = framesOf(streamed(events));
        expect(frames[0]?.type).toBe('message_start');
        expect(frames.slice(-2).map(({ type }) => type)).toEqual(['message_delta', 'message_stop']);
        let open: number | null = null;
        let next = 0;
        for (const { type, index } of frames.slice(1, -2)) {
          if (type === 'content_block_start') {
            expect([open, index]).toEqual([null, next]);
            open = index;
            next += 1;
          } else {
            expect(index).toBe(open);
            if (type === 'content_block_stop') open = null;
          }
        }
        expect(open).toBeNull();
      }),
    );
  });

  test('a failure at any place ends the stream with one error event', () => {
    fc.assert(
      fc.property(oneAnswer, fc.nat(30), (events, at) => {
        const encoder = createEncoder(context);
        const begun = events.slice(0, at).map((event) => encoder.push([event]));
        const frames = parseFrames(begun.join('') + encoder.fail(new AppError('provider_failed', 'It broke.')));
        expect(frames.filter(({ event }) => event === 'error')).toHaveLength(1);
        expect(JSON.parse(frames.at(-1)?.data ?? '')).toMatchObject({ type: 'error', error: { type: 'api_error' } });
      }),
    );
  });

  test('any cutting of the bytes passes the relay with the same text and the same facts', () => {
    fc.assert(
      fc.property(oneAnswer, fc.array(fc.nat()), (events, places) => {
        const text = streamed(events);
        const whole = passThrough(relay.open(context), cutBytes(text, []));
        expect(passThrough(relay.open(context), cutBytes(text, places))).toEqual(whole);
      }),
    );
  });

  test('no input makes a decoder or a relay throw', () => {
    const types = fc.constantFrom(
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
      'error',
      'ping',
      'new',
    );
    const member = fc.oneof(
      fc.jsonValue(),
      fc.record({
        type: fc.constantFrom('text', 'thinking', 'tool_use', 'text_delta', 'input_json_delta'),
        id: fc.jsonValue(),
      }),
    );
    const event = fc.record(
      {
        type: types,
        index: fc.jsonValue(),
        message: member,
        content_block: member,
        delta: member,
        usage: fc.jsonValue(),
        error: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const data = fc.oneof(
      fc.jsonValue().map((value) => JSON.stringify(value)),
      event.map((value) => JSON.stringify(value)),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(fc.record({ event: fc.option(types), data })), (events) => {
        const [decoder, lane] = [createDecoder(prompt), relay.open(context)];
        for (const one of events) {
          decoder.push(one);
          lane.event(one);
        }
        lane.end();
        expect(lane.finish(report)).toMatch(/message_stop/);
      }),
      { numRuns: 500 },
    );
    fc.assert(fc.property(fc.jsonValue(), (body) => void decodeBody(body, prompt)));
  });
});
