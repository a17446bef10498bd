import type { GenerationEvent, ReasoningDelta } from '@bourse/generation';
import { describe, expect, test } from 'vitest';
import { factsOf, failed, noFacts, nothingDecoded } from './facts.ts';
import { invalidResponse } from './provider-failure.ts';

const factsOfEvents = (...events: GenerationEvent[]) => factsOf({ events, failure: null, isEnd: false });
const thought = (kind: ReasoningDelta['kind'], text: string): GenerationEvent => ({
  type: 'reasoning-delta',
  choice: 0,
  block: 0,
  kind,
  text,
  format: 'unknown',
});

describe('factsOf', () => {
  test('nothing tells nothing', () => {
    expect(factsOf(nothingDecoded)).toEqual(noFacts);
    expect(factsOfEvents()).toEqual(noFacts);
  });

  test.each<[string, GenerationEvent, string]>([
    ['text', { type: 'text-delta', choice: 0, block: 0, text: 'a' }, 'a'],
    ['a refusal', { type: 'refusal-delta', choice: 0, text: 'a' }, 'a'],
    ['reasoning', thought('text', 'a'), 'a'],
    ['a summary', thought('summary', 'a'), 'a'],
    ['an encrypted blob, which is output and no text', thought('encrypted', 'gAAA'), ''],
    ['the start of a call', { type: 'tool-call-start', choice: 0, block: 0, callId: 'c', name: 'f' }, ''],
    ['arguments', { type: 'tool-call-delta', choice: 0, block: 0, argumentsText: '{}' }, '{}'],
    ['a picture', { type: 'image', choice: 0, url: 'data:,x' }, ''],
    ['sound', { type: 'audio-delta', choice: 0, base64: 'AA' }, ''],
    ['a transcript', { type: 'audio-delta', choice: 0, transcript: 'a' }, 'a'],
  ])('%s is output', (_name, event, outputText) => {
    expect(factsOfEvents(event)).toMatchObject({ ...noFacts, outputText, hasOutput: true });
  });

  test('calls are told in pieces, by the call that they belong to', () => {
    const { toolCalls } = factsOfEvents(
      { type: 'tool-call-start', choice: 0, block: 1, callId: 'c', name: 'f' },
      { type: 'tool-call-delta', choice: 0, block: 1, argumentsText: '{' },
      { type: 'tool-call-delta', choice: 0, block: 1, argumentsText: '}' },
    );
    expect(toolCalls).toEqual([
      { key: '0:1', name: 'f', argumentsText: '' },
      { key: '0:1', name: null, argumentsText: '{' },
      { key: '0:1', name: null, argumentsText: '}' },
    ]);
    expect(factsOfEvents({ type: 'text-delta', choice: 0, block: 0, text: 'a' })).not.toHaveProperty('toolCalls');
  });

  test.each<[string, GenerationEvent]>([
    ['empty text', { type: 'text-delta', choice: 0, block: 0, text: '' }],
    ['a signature', { ...thought('text', ''), signature: 's' } as GenerationEvent], // its shape is that of `thought`.
    ['a citation', { type: 'citation', choice: 0, citation: { url: 'https://a', start: 0, end: 1 } }],
    ['logprobs', { type: 'logprobs', choice: 0, entries: [{ token: 'a' }] }],
  ])('%s is none', (_name, event) => {
    expect(factsOfEvents(event)).toEqual(noFacts);
  });

  test('joins the output in the order in which it passed', () => {
    const text = (piece: string): GenerationEvent => ({ type: 'text-delta', choice: 0, block: 1, text: piece });
    expect(factsOfEvents(thought('text', 'a'), text('b'), thought('summary', 'c'), text('')).outputText).toBe('abc');
  });

  test('takes the last word on usage and on the end, and the first id', () => {
    const finish = (raw: string): GenerationEvent => ({ type: 'finish', choice: 0, reason: { unified: 'stop', raw } });
    expect(
      factsOfEvents(
        { type: 'start', upstreamId: 'first' },
        { type: 'usage', usage: null },
        finish('a'),
        { type: 'start', upstreamId: 'second' },
        { type: 'usage', usage: { input: 1, output: 2 } },
        finish('b'),
      ),
    ).toEqual({
      ...noFacts,
      upstreamId: 'first',
      usage: { input: 1, output: 2 },
      finish: { unified: 'stop', raw: 'b' },
    });
  });

  test('usage that cannot be read is unreadable, also after usage that could be', () => {
    expect(factsOfEvents({ type: 'usage', usage: { input: 1, output: 2 } }, { type: 'usage', usage: null })).toEqual({
      ...noFacts,
      isUsageUnreadable: true,
    });
  });

  test('a failure is told beside what came before it', () => {
    const failure = invalidResponse('no JSON');
    const facts = factsOf(failed(failure, [{ type: 'text-delta', choice: 0, block: 0, text: 'a' }]));
    expect(facts).toEqual({ ...noFacts, outputText: 'a', hasOutput: true, error: failure });
  });
});
