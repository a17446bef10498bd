import { AppError } from '@bourse/errors';
import { fold, type GenerationEvent } from '@bourse/generation';
import { describe, expect, test } from 'vitest';
import { contextWith, report } from '../../test/any-answer.ts';
import { parseFrames } from '../../test/lane-harness.ts';
import { decodePrompt } from './decode-prompt.ts';
import { createEncoder, encodeBody } from './encoder.ts';

const context = contextWith();
const at = (block: number) => ({ choice: 0, block });
const text = (block: number, words: string): GenerationEvent => ({ type: 'text-delta', ...at(block), text: words });
const call = (block: number, callId = `c${block}`): GenerationEvent => ({
  type: 'tool-call-start',
  ...at(block),
  callId,
  name: 'f',
});
const args = (block: number, argumentsText: string): GenerationEvent => ({
  type: 'tool-call-delta',
  ...at(block),
  argumentsText,
});
const thought = (fields: object): GenerationEvent => ({
  type: 'reasoning-delta',
  ...at(0),
  kind: 'text',
  text: '',
  format: 'anthropic-claude-v1',
  ...fields,
});
const finish = (
  unified: 'stop' | 'length' | 'tool_calls' | 'content_filter',
  raw: string | null = null,
): GenerationEvent => ({
  type: 'finish',
  choice: 0,
  reason: { unified, raw },
});

function stream(events: readonly GenerationEvent[], of = context) {
  const encoder = createEncoder(of);
  const written = events.map((event) => encoder.push([event])).join('') + encoder.finish(report);
  return parseFrames(written).map(({ event, data }) => {
    const parsed = JSON.parse(data);
    expect(event).toBe(parsed.type);
    return parsed;
  });
}
const blocksOf = (frames: readonly { type: string }[]) => frames.filter(({ type }) => type.startsWith('content_block'));
const body = (events: readonly GenerationEvent[], of = context) => JSON.parse(encodeBody(fold(events), of, report));

describe('a stream', () => {
  test('is a message, its blocks, and its end with the money', () => {
    expect(stream([{ type: 'start', upstreamId: 'x' }, text(0, 'He'), text(0, 'y'), finish('stop')])).toEqual([
      {
        type: 'message_start',
        message: {
          id: 'gen-1',
          type: 'message',
          role: 'assistant',
          model: 'acme/sprint',
          provider: 'P',
          container: null,
          content: [],
          stop_reason: null,
          stop_sequence: null,
          stop_details: null,
          usage: {
            input_tokens: 0,
            output_tokens: 0,
            cache_creation_input_tokens: null,
            cache_read_input_tokens: null,
            cache_creation: null,
            output_tokens_details: null,
            inference_geo: null,
            server_tool_use: null,
            service_tier: null,
          },
        },
      },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '', citations: null } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'He' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'y' } },
      { type: 'content_block_stop', index: 0 },
      {
        type: 'message_delta',
        delta: { container: null, stop_reason: 'end_turn', stop_sequence: null, stop_details: null },
        usage: expect.objectContaining({ input_tokens: 9, output_tokens: 2, cost: 0.0000051 }),
      },
      { type: 'message_stop' },
    ]);
  });

  test('without any event it is whole all the same', () => {
    expect(stream([]).map(({ type }) => type)).toEqual(['message_start', 'message_delta', 'message_stop']);
  });

  test('another block closes the one before it, and a late signature is a thought of its own', () => {
    const frames = stream([thought({ text: 'Hm' }), text(1, 'T'), thought({ signature: 'sig' }), finish('stop')]);
    expect(blocksOf(frames)).toMatchObject([
      { index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } },
      { delta: { type: 'thinking_delta', thinking: 'Hm' } },
      { type: 'content_block_stop', index: 0 },
      { index: 1, content_block: { type: 'text' } },
      { delta: { type: 'text_delta' } },
      { type: 'content_block_stop', index: 1 },
      { index: 2, content_block: { type: 'thinking' } },
      { delta: { type: 'signature_delta', signature: 'sig' } },
      { type: 'content_block_stop', index: 2 },
    ]);
  });

  test('two calls whose arguments come in turns are written one after the other', () => {
    const frames = stream([
      call(0),
      call(1),
      args(0, '{"a"'),
      args(1, '{"b"'),
      args(0, ':1}'),
      args(1, ':2}'),
      finish('tool_calls'),
    ]);
    expect(blocksOf(frames)).toMatchObject([
      { index: 0, content_block: { type: 'tool_use', id: 'c0', name: 'f', input: {} } },
      { index: 0, delta: { type: 'input_json_delta', partial_json: '{"a"' } },
      { index: 0, delta: { partial_json: ':1}' } },
      { type: 'content_block_stop', index: 0 },
      { index: 1, content_block: { id: 'c1' } },
      { index: 1, delta: { partial_json: '{"b"' } },
      { index: 1, delta: { partial_json: ':2}' } },
      { type: 'content_block_stop', index: 1 },
    ]);
  });

  test('arguments for a call that is over are for nobody', () => {
    const frames = stream([call(0), args(0, '{}'), text(1, 'T'), args(0, ' '), args(7, '{}'), finish('tool_calls')]);
    expect(blocksOf(frames)).toHaveLength(6);
  });

  test('ids of calls are made such that Anthropic would take them back', () => {
    const frames = stream([
      call(0, 'functions.f:0'),
      args(0, '{}'),
      call(1, 'functions.f:0'),
      args(1, '{}'),
      finish('tool_calls'),
    ]);
    expect(blocksOf(frames).flatMap((frame) => Reflect.get(frame, 'content_block')?.id ?? [])).toEqual([
      'functions_f_0',
      'functions_f_0_2',
    ]);
  });

  test('what another family encrypted or signed is kept for it', () => {
    const frames = stream([
      thought({ kind: 'encrypted', text: 'blob', format: 'openai-responses-v1', id: 'rs_1' }),
      { type: 'tool-call-start', ...at(1), callId: 'x', name: 'f', signature: 'gem' },
      args(1, '{}'),
      finish('tool_calls'),
    ]);
    const content = blocksOf(frames).flatMap((frame) => Reflect.get(frame, 'content_block') ?? []);
    expect(content.map(({ type }) => type)).toEqual(['redacted_thinking', 'redacted_thinking', 'tool_use']);
    const messages = [{ role: 'assistant', content }];
    expect(decodePrompt({ model: 'a/b', messages }).messages).toMatchObject([
      {
        reasoning: [{ type: 'encrypted', data: 'blob', format: 'openai-responses-v1', id: 'rs_1' }],
        toolCalls: [{ callId: 'x', signature: 'gem' }],
      },
    ]);
  });

  test('refusals are text, sources belong to it, and pictures have no place', () => {
    const frames = stream([
      text(0, 'T'),
      { type: 'citation', choice: 0, citation: { url: 'https://a', title: 'A', start: -1, end: -1 } },
      { type: 'image', choice: 0, url: 'data:image/png;base64,AA' },
      { type: 'refusal-delta', choice: 0, text: 'No.' },
      { type: 'text-delta', choice: 1, block: 0, text: 'other' },
      finish('content_filter'),
    ]);
    expect(blocksOf(frames)).toMatchObject([
      { index: 0 },
      { delta: { text: 'T' } },
      { delta: { type: 'citations_delta', citation: { url: 'https://a', title: 'A' } } },
      { type: 'content_block_stop' },
      { index: 1, content_block: { type: 'text' } },
      { delta: { text: 'No.' } },
      { type: 'content_block_stop' },
    ]);
  });

  test('a failure is an error event, also before anything else', () => {
    const frames = parseFrames(createEncoder(context).fail(new AppError('no_endpoint_available', 'All are busy.')));
    expect(frames.map(({ event, data }) => [event, JSON.parse(data)])).toEqual([
      [
        'error',
        {
          type: 'error',
          error: { type: 'overloaded_error', message: 'All are busy.', error_type: 'provider_overloaded' },
          request_id: 'gen-1',
        },
      ],
    ]);
  });
});

describe('the reason of the end', () => {
  test.each([
    [[finish('stop')], 'end_turn'],
    [[finish('length')], 'max_tokens'],
    [[finish('tool_calls')], 'tool_use'],
    [[finish('content_filter')], 'refusal'],
    [[call(0), args(0, '{}'), finish('stop')], 'tool_use'],
    [[finish('stop', 'pause_turn')], 'pause_turn'],
    [[finish('length', 'model_context_window_exceeded')], 'model_context_window_exceeded'],
    [[finish('length', 'MAX_TOKENS')], 'max_tokens'],
  ])('of %j is %s, in a stream and in a body', (events, reason) => {
    expect(stream(events).at(-2).delta).toMatchObject({ stop_reason: reason, stop_sequence: null });
    expect(body([text(5, 'x'), ...events])).toMatchObject({ stop_reason: reason, stop_sequence: null });
  });

  test('names the sequence that stopped it', () => {
    const events: GenerationEvent[] = [
      { type: 'finish', choice: 0, reason: { unified: 'stop', raw: 'stop', stopSequence: 'X' } },
    ];
    expect(stream(events).at(-2).delta).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: 'X' });
  });
});

describe('thoughts without their words', () => {
  const thinking = { type: 'adaptive', display: 'omitted' };
  const prompt = decodePrompt({ model: 'a/b', messages: [{ role: 'user', content: 'Hi' }], thinking });
  const hidden = { ...context, prompt };

  test('keep their signature, in a stream and in a body', () => {
    const events = [thought({ text: 'secret' }), thought({ signature: 'sig' }), text(1, 'T'), finish('stop')];
    const frames = stream(events, hidden);
    expect(JSON.stringify(frames)).not.toContain('secret');
    expect(blocksOf(frames)[1]).toMatchObject({ delta: { type: 'signature_delta', signature: 'sig' } });
    expect(body(events, hidden).content[0]).toEqual({ type: 'thinking', thinking: '', signature: 'sig' });
  });
});

describe('a body', () => {
  test('has the blocks in their order, and the money', () => {
    expect(
      body([
        thought({ text: 'Hm', signature: 'sig' }),
        thought({ block: 1, text: 'unsigned', format: 'unknown' }),
        thought({ block: 2, kind: 'encrypted', text: 'blob' }),
        text(3, 'T'),
        call(4),
        args(4, '{"a":1}'),
        call(5),
        args(5, '{"a":'),
        { type: 'citation', choice: 0, citation: { url: 'https://a', start: -1, end: -1 } },
        finish('tool_calls', 'tool_use'),
      ]),
    ).toEqual({
      id: 'gen-1',
      type: 'message',
      role: 'assistant',
      model: 'acme/sprint',
      provider: 'P',
      container: null,
      content: [
        { type: 'thinking', thinking: 'Hm', signature: 'sig' },
        { type: 'thinking', thinking: 'unsigned', signature: '' },
        { type: 'redacted_thinking', data: 'blob' },
        { type: 'text', text: 'T', citations: [expect.objectContaining({ url: 'https://a' })] },
        { type: 'tool_use', id: 'c4', name: 'f', input: { a: 1 }, caller: { type: 'direct' } },
        { type: 'tool_use', id: 'c5', name: 'f', input: { _raw: '{"a":' }, caller: { type: 'direct' } },
      ],
      stop_reason: 'tool_use',
      stop_sequence: null,
      stop_details: null,
      usage: expect.objectContaining({ input_tokens: 9, output_tokens: 2, cost: 0.0000051 }),
    });
  });

  test('of no answer has no content', () => {
    expect(body([])).toMatchObject({ content: [], stop_reason: 'end_turn' });
  });
});
