import { AppError } from '@bourse/errors';
import { type GenerationEvent, isJsonObject, type ReasoningDetail, reasoningFormats } from '@bourse/generation';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { report } from '../../test/any-answer.ts';
import { parseFrames } from '../../test/lane-harness.ts';
import type { AnswerContext } from '../wire-format.ts';
import { decodeInput } from './decode-items.ts';
import { decodePrompt } from './decode-prompt.ts';
import { createEncoder, encodeBody, encodeFailure } from './encoder.ts';

const asked = {
  model: 'acme/sprint',
  input: 'Hi',
  instructions: 'Be brief.',
  temperature: 0.5,
  metadata: { team: 'a' },
  tools: [
    { type: 'function', name: 'f', parameters: { type: 'object' } },
    { type: 'custom', name: 'shell' },
  ],
  reasoning: { effort: 'low' },
};
const context: AnswerContext = {
  head: { id: 'gen-1-abc', model: 'acme/sprint', provider: 'P', createdUnixSeconds: 7 },
  prompt: decodePrompt(asked),
};
const finish = (unified: 'stop' | 'length' | 'content_filter' | 'error' = 'stop'): GenerationEvent => ({
  type: 'finish',
  choice: 0,
  reason: { unified, raw: unified },
});
const text = (block: number, piece: string): GenerationEvent => ({ type: 'text-delta', choice: 0, block, text: piece });
const start = (block: number, callId: string, name = 'f'): GenerationEvent => ({
  type: 'tool-call-start',
  choice: 0,
  block,
  callId,
  name,
});
const args = (block: number, argumentsText: string): GenerationEvent => ({
  type: 'tool-call-delta',
  choice: 0,
  block,
  argumentsText,
});

/** The events of a stream as JSON, less the end mark. */
function told(events: readonly GenerationEvent[], error?: AppError) {
  const encoder = createEncoder(context);
  const written = encoder.push(events) + (error === undefined ? encoder.finish(report) : encoder.fail(error));
  const frames = parseFrames(written);
  expect(frames.at(-1)).toEqual({ event: null, data: '[DONE]' });
  return frames.slice(0, -1).map(({ event, data }) => {
    const parsed = JSON.parse(data);
    expect(event).toBe(parsed.type);
    return parsed;
  });
}

const types = (events: readonly GenerationEvent[]) => told(events).map(({ type }) => type.replace('response.', ''));
const outputOf = (events: readonly GenerationEvent[]) => told(events).at(-1).response.output;

describe('a stream', () => {
  test('adds, fills and finishes a message with its one part, and begins and ends with the response', () => {
    expect(types([text(0, 'He'), text(0, 'llo'), finish()])).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'completed',
    ]);
  });

  test('numbers its events, and says of each where it belongs', () => {
    const events = told([text(0, 'a'), start(1, 'c1'), args(1, '{}'), finish()]);
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
    const id = 'fc_1-abc_1';
    expect(events.filter((event) => event.output_index === 1)).toEqual([
      {
        type: 'response.output_item.added',
        sequence_number: 8,
        output_index: 1,
        item: { id, type: 'function_call', status: 'in_progress', call_id: 'c1', name: 'f', arguments: '' },
      },
      expect.objectContaining({ type: 'response.function_call_arguments.delta', item_id: id, delta: '{}' }),
      expect.objectContaining({
        type: 'response.function_call_arguments.done',
        item_id: id,
        arguments: '{}',
        name: 'f',
      }),
      expect.objectContaining({
        type: 'response.output_item.done',
        item: { id, type: 'function_call', status: 'completed', call_id: 'c1', name: 'f', arguments: '{}' },
      }),
    ]);
  });

  test('keeps calls that are written side by side apart, and gives a call without arguments an empty object', () => {
    expect(
      outputOf([start(0, 'a'), start(1, 'b'), args(0, '{"x"'), args(0, ':1}'), start(2, 'c'), finish()]),
    ).toMatchObject([
      { call_id: 'a', arguments: '{"x":1}' },
      { call_id: 'b', arguments: '{}' },
      { call_id: 'c', arguments: '{}' },
    ]);
  });

  test('turns a call of a tool that takes text back into one', () => {
    const events = [start(0, 'a', 'shell'), args(0, '{"input":'), args(0, '"ls -l"}'), finish()];
    expect(types(events).slice(2, -1)).toEqual([
      'output_item.added',
      'custom_tool_call_input.delta',
      'custom_tool_call_input.done',
      'output_item.done',
    ]);
    expect(outputOf(events)).toMatchObject([{ type: 'custom_tool_call', call_id: 'a', name: 'shell', input: 'ls -l' }]);
    expect(outputOf([start(0, 'a', 'shell'), args(0, 'not JSON'), finish()])).toMatchObject([{ input: 'not JSON' }]);
  });

  test('makes one item of what its provider made one item: summaries, words and the blob', () => {
    const format = 'openai-responses-v1';
    const thought = (block: number, kind: 'summary' | 'text' | 'encrypted', words: string): GenerationEvent => ({
      type: 'reasoning-delta',
      choice: 0,
      block,
      kind,
      text: words,
      id: 'rs_1',
      format,
    });
    const events = [
      thought(0, 'summary', 'a'),
      thought(0, 'summary', 'b'),
      thought(1, 'summary', 'c'),
      thought(2, 'text', 'd'),
      thought(3, 'encrypted', 'gAAA'),
      text(4, 'Hello'),
      finish(),
    ];
    expect(outputOf(events)).toMatchObject([
      {
        id: 'rs_1',
        type: 'reasoning',
        summary: [
          { type: 'summary_text', text: 'ab' },
          { type: 'summary_text', text: 'c' },
        ],
        content: [{ type: 'reasoning_text', text: 'd' }],
        encrypted_content: 'gAAA',
        format,
      },
      { type: 'message' },
    ]);
    expect(types(events).filter((type) => type.startsWith('reasoning_summary'))).toEqual([
      'reasoning_summary_part.added',
      'reasoning_summary_text.delta',
      'reasoning_summary_text.delta',
      'reasoning_summary_text.done',
      'reasoning_summary_part.done',
      'reasoning_summary_part.added',
      'reasoning_summary_text.delta',
      'reasoning_summary_text.done',
      'reasoning_summary_part.done',
    ]);
  });

  test('has refusals, sources, probabilities and pictures', () => {
    const output = outputOf([
      text(0, 'Hi'),
      { type: 'logprobs', choice: 0, entries: [{ token: 'Hi', logprob: -0.1 }] },
      { type: 'citation', choice: 0, citation: { url: 'https://a', title: 'A', start: 0, end: 2 } },
      { type: 'citation', choice: 0, citation: { url: 'https://b', start: -1, end: -1 } },
      { type: 'refusal-delta', choice: 0, text: 'No.' },
      { type: 'image', choice: 0, url: 'data:image/png;base64,AAAA' },
      finish(),
    ]);
    expect(output).toMatchObject([
      {
        content: [
          {
            text: 'Hi',
            logprobs: [{ token: 'Hi', logprob: -0.1 }],
            annotations: [
              { type: 'url_citation', url: 'https://a', title: 'A', start_index: 0, end_index: 2 },
              { type: 'url_citation', url: 'https://b', title: '', start_index: 0, end_index: 0 },
            ],
          },
          { type: 'refusal', refusal: 'No.' },
        ],
      },
      { type: 'image_generation_call', status: 'completed', result: 'AAAA', output_format: 'png' },
    ]);
  });

  test('leaves out what the dialect cannot say: sound, and other alternatives', () => {
    const events: GenerationEvent[] = [
      { type: 'audio-delta', choice: 0, base64: 'AA' },
      { type: 'text-delta', choice: 1, block: 0, text: 'other' },
      text(0, 'Hi'),
      finish(),
    ];
    expect(outputOf(events)).toHaveLength(1);
    expect(JSON.stringify(told(events))).not.toContain('other');
  });
});

describe('the response', () => {
  test('repeats the request, says what is ours, and ends with the exact cost', () => {
    const events = told([text(0, 'Hello'), finish()]);
    const [created] = events;
    const { response } = events.at(-1);
    expect(created.response).toMatchObject({ status: 'in_progress', output: [], usage: null });
    expect(created.response).not.toHaveProperty('output_text');
    expect(response).toMatchObject({
      id: 'gen-1-abc',
      object: 'response',
      created_at: 7,
      status: 'completed',
      model: 'acme/sprint',
      provider: 'P',
      error: null,
      incomplete_details: null,
      output_text: 'Hello',
      instructions: 'Be brief.',
      temperature: 0.5,
      top_p: 1,
      metadata: { team: 'a' },
      tools: asked.tools,
      tool_choice: 'auto',
      parallel_tool_calls: true,
      reasoning: { effort: 'low', summary: null },
      text: { format: { type: 'text' } },
      store: false,
      previous_response_id: null,
      truncation: 'disabled',
      usage: { input_tokens: 9, output_tokens: 2, total_tokens: 11, input_tokens_details: { cached_tokens: 0 } },
    });
    const encoder = createEncoder(context);
    const exact = { ...report, costUsd: '0.12345678901234567890' };
    expect(encoder.finish(exact)).toContain('"cost":0.12345678901234567890,');
  });

  test.each([
    ['length', 'response.incomplete', { reason: 'max_output_tokens' }],
    ['content_filter', 'response.incomplete', { reason: 'content_filter' }],
    ['stop', 'response.completed', null],
    ['error', 'response.failed', null],
  ] as const)('that ended by %s is %s', (unified, type, details) => {
    const last = told([text(0, 'a'), finish(unified)]).at(-1);
    expect(last).toMatchObject({ type, response: { status: type.slice(9), incomplete_details: details } });
    expect(last.response.error === null).toBe(unified !== 'error');
  });

  test.each([
    ['rate_limited', 'rate_limit_exceeded', 'rate_limit_exceeded'],
    ['invalid_request', 'invalid_prompt', 'invalid_request'],
    ['insufficient_credits', 'server_error', 'payment_required'],
    ['provider_failed', 'server_error', 'provider_unavailable'],
  ] as const)('that failed by %s has the code %s', (code, written, type) => {
    const last = told([text(0, 'par')], new AppError(code, 'Sorry.')).at(-1);
    expect(last).toMatchObject({
      type: 'response.failed',
      response: { status: 'failed', error: { code: written, message: 'Sorry.' }, error_type: type, output_text: 'par' },
    });
    expect(last.response.output[0].status).toBe('incomplete');
  });

  test('of a conversation that is too long is incomplete, and no error', () => {
    const error = new AppError('context_length_exceeded', 'Too long.');
    const told1 = told([], error).at(-1);
    const whole = JSON.parse(encodeFailure(error, context) ?? '');
    for (const response of [told1.response, whole]) {
      expect(response).toMatchObject({
        status: 'incomplete',
        incomplete_details: { reason: 'max_output_tokens' },
        error: null,
        error_type: 'context_length_exceeded',
        output: [],
      });
    }
    expect(encodeFailure(new AppError('provider_failed', 'x'), context)).toBeNull();
  });

  test('of nothing at all is a response all the same', () => {
    const body = JSON.parse(encodeBody({ upstreamId: null, choices: [], usage: null }, context, report));
    expect(body).toMatchObject({ status: 'completed', output: [], output_text: '' });
  });
});

describe('what a family needs back', () => {
  const word = fc.string({ minLength: 1, maxLength: 9 });
  const format = fc.constantFrom(...reasoningFormats);
  const detail: fc.Arbitrary<ReasoningDetail> = fc.oneof(
    fc.record({ type: fc.constant('text' as const), text: word, format }),
    fc.record({ type: fc.constant('text' as const), text: fc.string(), signature: word, format }),
    fc.record({ type: fc.constant('summary' as const), text: word, format }),
    fc.record({ type: fc.constant('encrypted' as const), data: word, format }),
  );

  test('comes back from a client as it was, also from one that drops fields that it does not know', () => {
    fc.assert(
      fc.property(fc.array(detail, { maxLength: 4 }), fc.boolean(), (details, isForgetful) => {
        const blocks = details.map((made) => ({ type: 'reasoning' as const, detail: made }));
        const choice = { blocks, refusal: '', citations: [], images: [], audio: null, logprobs: null, finish: null };
        const body = JSON.parse(encodeBody({ upstreamId: null, choices: [choice], usage: null }, context, report));
        const items = body.output.filter(isJsonObject).map(({ format: mark, ...item }: { format?: string }) => ({
          ...item,
          ...(isForgetful || mark === undefined ? {} : { format: mark }),
        }));
        const [message] = decodeInput(items, '', {}).messages;
        const replayed = message?.role === 'assistant' ? message.reasoning : [];
        const known = replayed.map(({ id: _id, ...rest }) => rest);
        // Whose it is matters, and survives, where something must be given back.
        const needed = (made: object) => 'signature' in made || 'data' in made || !isForgetful;
        expect(known.filter(needed)).toEqual(details.filter(needed));
        expect(known).toHaveLength(details.length);
      }),
    );
  });

  test('a signature of a call or a text goes along and comes back', () => {
    const output = outputOf([
      { type: 'text-delta', choice: 0, block: 0, text: 'Hi', signature: 's1' },
      { ...start(1, 'c1'), signature: 's2' } as GenerationEvent,
      args(1, '{}'),
      finish(),
    ]);
    expect(decodeInput(output, '', {}).messages).toMatchObject([
      { content: [{ type: 'text', text: 'Hi', signature: 's1' }], toolCalls: [{ callId: 'c1', signature: 's2' }] },
    ]);
  });
});
