import { AppError } from '@bourse/errors';
import { type FoldedGeneration, fold, type GenerationEvent } from '@bourse/generation';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyAnswer, contextWith, report } from '../../test/any-answer.ts';
import { cutBytes, parseFrames, passThrough } from '../../test/lane-harness.ts';
import { parseJson } from '../parse-json.ts';
import { createDecoder, decodeBody } from './decoder.ts';
import { createEncoder, encodeBody } from './encoder.ts';
import { openaiResponses } from './index.ts';
import { OWN_FORMAT } from './reasoning-items.ts';

const context = contextWith();

function streamed(events: readonly GenerationEvent[]): string {
  const encoder = createEncoder(context);
  return events.map((event) => encoder.push([event])).join('') + encoder.finish(report);
}

function read(text: string): FoldedGeneration {
  const decoder = createDecoder(OWN_FORMAT);
  return fold(parseFrames(text).flatMap((event) => [...decoder.push(event).events]));
}

/** What a reader of an answer gets, however it was cut into blocks. */
function said({ choices }: FoldedGeneration) {
  const [choice] = choices;
  const blocks = choice?.blocks ?? [];
  const textOf = (type: 'text' | 'summary') =>
    blocks.map((block) => (block.type === 'reasoning' && block.detail.type === type ? block.detail.text : '')).join('');
  return {
    text: blocks.map((block) => (block.type === 'text' ? block.text : '')).join(''),
    thoughts: textOf('text'),
    summaries: textOf('summary'),
    calls: blocks.flatMap((block) => {
      if (block.type !== 'tool-call') return [];
      const { argumentsText, ...head } = block.call;
      return [{ ...head, argumentsText: argumentsText === '' ? '{}' : argumentsText }];
    }),
    refusal: choice?.refusal ?? '',
    images: choice?.images ?? [],
    citations: (choice?.citations ?? []).map(({ url }) => url),
    finish: choice?.finish?.unified ?? null,
  };
}

/** The first alternative, which is all that the dialect knows; without calls a refusal or filter ends it as it is. */
const oneAnswer = anyAnswer.map((events) => events.filter((event) => !('choice' in event) || event.choice === 0));

/** The finish as the dialect can say it: an answer that was cut short says so, whether or not it called something. */
function ending(events: readonly GenerationEvent[]): string | null {
  return said(fold(events)).finish;
}

describe('laws', () => {
  test('an answer that is written and read again is the same answer', () => {
    fc.assert(
      fc.property(oneAnswer, (events) => {
        expect(said(read(streamed(events)))).toEqual({ ...said(fold(events)), finish: ending(events) });
      }),
    );
  });

  test('a stream and a body tell the same', () => {
    fc.assert(
      fc.property(oneAnswer, (events) => {
        const body = parseJson(encodeBody(fold(events), context, report));
        const whole = fold(decodeBody(body, OWN_FORMAT).events);
        expect(said(whole)).toEqual(said(read(streamed(events))));
      }),
    );
  });

  test('the last event of a stream has what all events before it said', () => {
    fc.assert(
      fc.property(oneAnswer, (events) => {
        const frames = parseFrames(streamed(events));
        const last: unknown = parseJson(frames.at(-2)?.data ?? '');
        const decoder = createDecoder(OWN_FORMAT);
        const only = fold(decoder.push({ event: null, data: JSON.stringify(last) }).events);
        expect(said(only)).toEqual(said(read(streamed(events))));
      }),
    );
  });

  test('any cutting of the bytes passes the relay with the same text', () => {
    fc.assert(
      fc.property(oneAnswer, fc.array(fc.nat()), (events, places) => {
        const text = streamed(events);
        const whole = passThrough(openaiResponses.relay.open(context), cutBytes(text, []));
        expect(passThrough(openaiResponses.relay.open(context), cutBytes(text, places))).toEqual(whole);
      }),
    );
  });

  test('a stream ends properly after a failure at any place: all that began is done, numbered without a gap', () => {
    fc.assert(
      fc.property(oneAnswer, fc.nat(30), fc.boolean(), (events, at, isLong) => {
        const encoder = createEncoder(context);
        const code = isLong ? 'context_length_exceeded' : 'provider_failed';
        const text = events
          .slice(0, at)
          .map((event) => encoder.push([event]))
          .join('');
        const frames = parseFrames(text + encoder.fail(new AppError(code, 'It broke.')));
        expect(frames.at(-1)?.data).toBe('[DONE]');
        const told = frames.slice(0, -1).map(({ data }) => JSON.parse(data));
        expect(told.map((event) => event.sequence_number)).toEqual(told.map((_, index) => index));
        expect(told[0].type).toBe('response.created');
        expect(told.at(-1).type).toBe(isLong ? 'response.incomplete' : 'response.failed');
        const count = (type: string) => told.filter((event) => event.type === `response.${type}`).length;
        expect(count('output_item.added')).toBe(count('output_item.done'));
        expect(count('content_part.added')).toBe(count('content_part.done'));
        expect(count('reasoning_summary_part.added')).toBe(count('reasoning_summary_part.done'));
      }),
    );
  });

  test('the ids of items are there once', () => {
    fc.assert(
      fc.property(oneAnswer, (events) => {
        const body = JSON.parse(encodeBody(fold(events), context, report));
        const ids = body.output.map(({ id }: { id: string }) => id);
        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });
});
