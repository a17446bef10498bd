import { AppError, toAppError } from '@bourse/errors';
import {
  type FoldedChoice,
  type FoldedGeneration,
  fold,
  foldedCalls,
  foldedReasoning,
  foldedText,
  type GenerationEvent,
} from '@bourse/generation';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyAnswer, contextWith, report } from '../../test/any-answer.ts';
import { parseFrames } from '../../test/lane-harness.ts';
import { factsOf } from '../facts.ts';
import { readFacts } from './answer-facts.ts';
import { createDecoder, decodeBody } from './decoder.ts';
import { createEncoder, encodeBody } from './encoder.ts';
import { relay } from './relay.ts';

const context = contextWith();
const stop: GenerationEvent = { type: 'finish', choice: 0, reason: { unified: 'stop', raw: 'end_turn' } };
const hi: GenerationEvent = { type: 'text-delta', choice: 0, block: 0, text: 'Hi' };

/** The frames of a whole answer. */
function streamed(events: readonly GenerationEvent[]): string {
  const encoder = createEncoder(context);
  return events.map((event) => encoder.push([event])).join('') + encoder.finish(report);
}

/** The chunks of a stream's text, parsed; the end mark must be the last frame. */
function chunksOf(text: string) {
  const frames = parseFrames(text).map(({ data }) => data);
  expect(frames.at(-1)).toBe('[DONE]');
  return frames.slice(0, -1).map((data) => JSON.parse(data));
}

const deltasOf = (...events: GenerationEvent[]) =>
  chunksOf(streamed([...events, stop]))
    .slice(1, -2)
    .map((chunk) => chunk.choices[0].delta);

function decoded(text: string): FoldedGeneration {
  const decoder = createDecoder();
  const events: GenerationEvent[] = [];
  for (const event of parseFrames(text)) {
    const { events: read, failure, isEnd } = decoder.push(event);
    expect(failure).toBeNull();
    events.push(...read);
    if (isEnd) break;
  }
  return fold(events);
}

const bodyOf = (events: readonly GenerationEvent[]) => JSON.parse(encodeBody(fold(events), context, report));

describe('the encoder of a stream', () => {
  test('opens with the role, writes deltas, the finish with the raw reason, the money, and the end mark', () => {
    const envelope = { id: 'gen-1', object: 'chat.completion.chunk', created: 7, model: 'acme/sprint', provider: 'P' };
    const usage: GenerationEvent = { type: 'usage', usage: { input: 1, output: 1 } };
    expect(chunksOf(streamed([{ type: 'start', upstreamId: 'theirs' }, hi, usage, stop]))).toEqual([
      { ...envelope, choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] },
      { ...envelope, choices: [{ index: 0, delta: { content: 'Hi' }, finish_reason: null }] },
      { ...envelope, choices: [{ index: 0, delta: {}, finish_reason: 'stop', native_finish_reason: 'end_turn' }] },
      { ...envelope, choices: [], usage: expect.objectContaining({ total_tokens: 11, cost: 0.0000051 }) },
    ]);
  });

  test('writes whole frames, one for each delta', () => {
    const encoder = createEncoder(context);
    expect(encoder.push([hi, hi])).toMatch(/^(data: [^\n]+\n\n){3}$/);
    expect(encoder.push([hi])).toMatch(/^data: [^\n]+\n\n$/);
    expect(encoder.push([])).toBe('');
  });

  test('opens nothing for what is not of a choice', () => {
    const encoder = createEncoder(context);
    expect(
      encoder.push([
        { type: 'start', upstreamId: 'u' },
        { type: 'usage', usage: null },
      ]),
    ).toBe('');
  });

  test('opens each alternative once', () => {
    const other: GenerationEvent = { type: 'text-delta', choice: 1, block: 0, text: 'x' };
    const openings = chunksOf(streamed([other, hi, other, hi, stop]))
      .flatMap((chunk) => chunk.choices)
      .filter((choice) => choice.delta.role === 'assistant');
    expect(openings.map((choice) => choice.index)).toEqual([1, 0]);
  });

  test('numbers tool calls by themselves, and names id and type once', () => {
    const deltas = deltasOf(
      hi,
      { type: 'tool-call-start', choice: 0, block: 1, callId: 'a', name: 'f' },
      { type: 'tool-call-delta', choice: 0, block: 1, argumentsText: '{}' },
      { type: 'tool-call-start', choice: 0, block: 5, callId: 'b', name: 'g' },
      { type: 'tool-call-delta', choice: 0, block: 1, argumentsText: ' ' },
    );
    expect(deltas.flatMap((delta) => delta.tool_calls ?? [])).toEqual([
      { index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } },
      { index: 0, function: { arguments: '{}' } },
      { index: 1, id: 'b', type: 'function', function: { name: 'g', arguments: '' } },
      { index: 0, function: { arguments: ' ' } },
    ]);
  });

  test('gives the signature of the thought behind a call to the client, who must send it back', () => {
    expect(
      deltasOf({ type: 'tool-call-start', choice: 0, block: 0, callId: 'a', name: 'f', signature: 'c2ln' }),
    ).toMatchObject([
      {
        tool_calls: [{ id: 'a', extra_content: { google: { thought_signature: 'c2ln' } } }],
        reasoning_details: [
          { type: 'reasoning.encrypted', id: 'a', data: 'c2ln', format: 'google-gemini-v1', index: 0 },
        ],
      },
    ]);
  });

  test('gives the signature of a text to the client as well, streamed or whole', () => {
    const signed: GenerationEvent = { type: 'text-delta', choice: 0, block: 0, text: '', signature: 'c2ln' };
    const details = [{ type: 'reasoning.encrypted', data: 'c2ln', format: 'google-gemini-v1', index: 0 }];
    expect(deltasOf(hi, signed)).toEqual([{ content: 'Hi' }, { content: '', reasoning_details: details }]);
    const [{ message }] = bodyOf([hi, signed, stop]).choices;
    expect(message).toMatchObject({ content: 'Hi', reasoning_details: details });
    expect(message).not.toHaveProperty('reasoning');
  });

  test('writes a late signature without text', () => {
    const format = 'anthropic-claude-v1';
    const late = {
      type: 'reasoning-delta',
      choice: 0,
      block: 0,
      kind: 'text',
      text: '',
      signature: 's',
      format,
    } as const;
    expect(deltasOf(late)).toEqual([
      { reasoning_details: [{ type: 'reasoning.text', text: '', signature: 's', format, index: 0 }] },
    ]);
  });

  test('numbers reasoning by itself, and a late signature has the number of its block', () => {
    const thought = (block: number, fields: object) =>
      ({ type: 'reasoning-delta', choice: 0, block, kind: 'text', text: '', format: 'unknown', ...fields }) as const;
    const deltas = deltasOf(
      thought(0, { text: 'a' }),
      { ...hi, block: 1 },
      thought(2, { text: 'b' }),
      thought(0, { signature: 's' }),
    );
    expect(deltas.flatMap((delta) => delta.reasoning_details ?? [])).toEqual([
      { type: 'reasoning.text', text: 'a', format: 'unknown', index: 0 },
      { type: 'reasoning.text', text: 'b', format: 'unknown', index: 1 },
      { type: 'reasoning.text', text: '', signature: 's', format: 'unknown', index: 0 },
    ]);
  });

  test('writes reasoning of each kind: what can be read also as plain text, a blob only as what it is', () => {
    const of = { type: 'reasoning-delta', choice: 0, id: 'rs_1', format: 'openai-responses-v1' } as const;
    const common = { id: 'rs_1', format: 'openai-responses-v1' };
    expect(
      deltasOf(
        { ...of, block: 0, kind: 'text', text: 't', signature: 's' },
        { ...of, block: 1, kind: 'summary', text: 'u' },
        { ...of, block: 2, kind: 'encrypted', text: 'gAAA' },
      ),
    ).toEqual([
      {
        reasoning: 't',
        reasoning_details: [{ type: 'reasoning.text', text: 't', signature: 's', ...common, index: 0 }],
      },
      { reasoning: 'u', reasoning_details: [{ type: 'reasoning.summary', summary: 'u', ...common, index: 1 }] },
      { reasoning_details: [{ type: 'reasoning.encrypted', data: 'gAAA', ...common, index: 2 }] },
    ]);
  });

  test('writes citations, with their places where they have any', () => {
    const cited = (fields: object): GenerationEvent => ({
      type: 'citation',
      choice: 0,
      citation: { url: 'https://a', start: -1, end: -1, ...fields },
    });
    expect(deltasOf(cited({ title: 'A', content: 'said', start: 0, end: 4 }), cited({}))).toEqual([
      {
        annotations: [
          {
            type: 'url_citation',
            url_citation: { url: 'https://a', title: 'A', content: 'said', start_index: 0, end_index: 4 },
          },
        ],
      },
      { annotations: [{ type: 'url_citation', url_citation: { url: 'https://a' } }] },
    ]);
  });

  test('writes images, sound, refusals and logprobs', () => {
    expect(
      deltasOf(
        { type: 'image', choice: 0, url: 'data:,x' },
        { type: 'audio-delta', choice: 0, id: 'a', base64: 'AA', transcript: 't', expiresAtUnixSeconds: 5 },
        { type: 'audio-delta', choice: 0, base64: 'BB' },
        { type: 'refusal-delta', choice: 0, text: 'no' },
      ),
    ).toEqual([
      { images: [{ type: 'image_url', image_url: { url: 'data:,x' } }] },
      { audio: { id: 'a', data: 'AA', transcript: 't', expires_at: 5 } },
      { audio: { data: 'BB' } },
      { refusal: 'no' },
    ]);
    const [, logprobs] = chunksOf(streamed([{ type: 'logprobs', choice: 0, entries: [{ token: 'a' }] }, stop]));
    expect(logprobs.choices).toEqual([
      { index: 0, delta: {}, finish_reason: null, logprobs: { content: [{ token: 'a' }], refusal: null } },
    ]);
  });

  test.each([
    ['an error of ours', new AppError('provider_failed', 'It broke.'), 502, 'It broke.'],
    ['a foreign error, masked', new Error('secret dsn'), 500, 'Something failed on our side.'],
  ])('ends the stream after %s', (_name, failure, code, message) => {
    const encoder = createEncoder(context);
    const text = encoder.push([hi]) + encoder.fail(toAppError(failure));
    expect(JSON.parse(parseFrames(text).at(-1)?.data ?? '')).toMatchObject({
      error: { code, message },
      choices: [{ index: 0, finish_reason: 'error' }],
    });
    expect(text).not.toContain('secret');
    expect(text).not.toContain('[DONE]');
  });

  test('says an error also when nothing was written before it', () => {
    const [only, ...more] = parseFrames(createEncoder(context).fail(new AppError('provider_failed', 'It broke.')));
    expect(more).toEqual([]);
    expect(JSON.parse(only?.data ?? '')).toMatchObject({ id: 'gen-1', error: { code: 502 } });
  });

  test('never makes a cut generation look whole', () => {
    const text = createEncoder(context).push([hi]);
    expect(text).not.toContain('[DONE]');
    for (const { data } of parseFrames(text)) expect(JSON.parse(data).choices[0].finish_reason).toBeNull();
  });
});

describe('encodeBody', () => {
  test('shapes the whole answer with its money', () => {
    const thought = { type: 'reasoning-delta', choice: 0, block: 0, kind: 'text', format: 'unknown' } as const;
    const body = bodyOf([
      { ...thought, text: 'think', signature: 's' },
      { type: 'text-delta', choice: 0, block: 1, text: 'Hi' },
      stop,
    ]);
    expect(body).toEqual({
      id: 'gen-1',
      object: 'chat.completion',
      created: 7,
      model: 'acme/sprint',
      provider: 'P',
      system_fingerprint: null,
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: 'Hi',
            refusal: null,
            reasoning: 'think',
            reasoning_details: [{ type: 'reasoning.text', text: 'think', signature: 's', format: 'unknown', index: 0 }],
          },
          logprobs: null,
          finish_reason: 'stop',
          native_finish_reason: 'end_turn',
        },
      ],
      usage: expect.objectContaining({ prompt_tokens: 9, completion_tokens: 2, total_tokens: 11, cost: 0.0000051 }),
    });
  });

  test('has null content beside tool calls, as OpenAI has', () => {
    const call: GenerationEvent = { type: 'tool-call-start', choice: 0, block: 0, callId: 'a', name: 'f' };
    expect(bodyOf([call, stop]).choices).toMatchObject([
      { message: { content: null, tool_calls: [{ id: 'a', type: 'function' }] } },
    ]);
    expect(bodyOf([{ type: 'refusal-delta', choice: 0, text: 'no' }, stop]).choices).toMatchObject([
      { message: { content: null, refusal: 'no' } },
    ]);
    expect(bodyOf([stop]).choices).toMatchObject([{ message: { content: '', refusal: null } }]);
  });

  test('has everything that an answer may have', () => {
    const [choice] = bodyOf([
      { type: 'reasoning-delta', choice: 0, block: 0, kind: 'encrypted', text: 'x', format: 'openai-responses-v1' },
      { type: 'tool-call-start', choice: 0, block: 1, callId: 'a', name: 'f', signature: 'sig' },
      { type: 'image', choice: 0, url: 'data:,x' },
      { type: 'audio-delta', choice: 0, id: 'au', base64: 'AA', transcript: 't', expiresAtUnixSeconds: 5 },
      { type: 'citation', choice: 0, citation: { url: 'https://a', start: 0, end: 1 } },
      { type: 'logprobs', choice: 0, entries: [{ token: 'a' }] },
      stop,
    ]).choices;
    expect(choice).toMatchObject({
      message: {
        content: null,
        reasoning: null,
        reasoning_details: [
          { type: 'reasoning.encrypted', data: 'x', format: 'openai-responses-v1', index: 0 },
          { type: 'reasoning.encrypted', id: 'a', data: 'sig', format: 'google-gemini-v1', index: 1 },
        ],
        tool_calls: [{ id: 'a', extra_content: { google: { thought_signature: 'sig' } } }],
        images: [{ type: 'image_url', image_url: { url: 'data:,x' } }],
        audio: { id: 'au', data: 'AA', transcript: 't', expires_at: 5 },
        annotations: [{ type: 'url_citation', url_citation: { url: 'https://a', start_index: 0, end_index: 1 } }],
      },
      logprobs: { content: [{ token: 'a' }], refusal: null },
    });
  });

  test('writes the cost digit by digit', () => {
    const costUsd = '123456789.123456789';
    expect(encodeBody(fold([hi, stop]), context, { ...report, costUsd })).toContain(`"cost":${costUsd},`);
  });
});

/** A choice as a body has it: which text stood before which call is not told there. */
function unordered(choice: FoldedChoice) {
  const { blocks: _blocks, ...rest } = choice;
  return { ...rest, text: foldedText(choice), reasoning: foldedReasoning(choice), calls: foldedCalls(choice) };
}

describe('an answer in any form is the same answer', () => {
  test('encoded as a stream and decoded again, with every block in its place', () => {
    fc.assert(
      fc.property(anyAnswer, (events) => {
        expect(decoded(streamed(events))).toEqual({
          choices: fold(events).choices,
          usage: report.usage,
          upstreamId: 'gen-1',
        });
      }),
      { numRuns: 400 },
    );
  });

  test('encoded as a body and decoded again, usage included', () => {
    fc.assert(
      fc.property(anyAnswer, (events) => {
        const again = fold(decodeBody(bodyOf(events)).events);
        expect(again.choices.map(unordered)).toEqual(fold(events).choices.map(unordered));
        expect(again.usage).toEqual(report.usage);
      }),
      { numRuns: 300 },
    );
  });

  test('streamed or whole: the fold of the stream equals the fold of the body', () => {
    fc.assert(
      fc.property(anyAnswer, (events) => {
        const whole = fold(decodeBody(bodyOf(events)).events);
        const stream = decoded(streamed(events));
        expect(stream.choices.map(unordered)).toEqual(whole.choices.map(unordered));
        expect({ ...stream, choices: [] }).toEqual({ ...whole, choices: [] });
      }),
      { numRuns: 200 },
    );
  });

  test('relayed or decoded: what the relay tells as it passes equals what the decoder reads', () => {
    fc.assert(
      fc.property(anyAnswer, (events) => {
        const text = streamed(events);
        const lane = relay.open(context);
        const relayed = parseFrames(text).map((event) => lane.event(event));
        const { choices } = decoded(text);
        expect(relayed.map(({ facts }) => facts.outputText).join('')).toBe(
          factsOf({ events, failure: null, isEnd: true }).outputText,
        );
        expect(relayed.filter(({ facts }) => facts.finish !== null)).toHaveLength(choices.length);
        expect(relayed.findLast(({ facts }) => facts.finish)?.facts.finish?.raw).toBe(
          events.findLast((event) => event.type === 'finish')?.reason.unified,
        );
        const again = relayed.map((event) => event.text).join('') + lane.finish(report);
        expect(decoded(again)).toEqual(decoded(text));
      }),
      { numRuns: 300 },
    );
  });

  test('a whole body: its facts equal those of its decoder', () => {
    fc.assert(
      fc.property(anyAnswer, (events) => {
        const text = encodeBody(fold(events), context, report);
        const { facts } = relay.body(text, context);
        expect(facts).toEqual(readFacts(JSON.parse(text), 'message'));
        expect(facts.usage).toEqual(fold(decodeBody(JSON.parse(text)).events).usage);
      }),
      { numRuns: 100 },
    );
  });
});
