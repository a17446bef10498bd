import { isAppError } from '@bourse/errors';
import { fold, type GenerationEvent } from '@bourse/generation';
import { describe, expect, test } from 'vitest';
import type { SseEvent } from '../wire-format.ts';
import { decodeEvents } from './decode-events.ts';

async function* stream(...list: readonly unknown[]): AsyncGenerator<SseEvent> {
  for (const data of list) yield { event: null, data: typeof data === 'string' ? data : JSON.stringify(data) };
}

const chunk = (delta: unknown, finishReason: string | null = null, index: unknown = 0) => ({
  id: 'c',
  object: 'chat.completion.chunk',
  choices: [{ index, delta, finish_reason: finishReason }],
});
const calls = (...list: unknown[]) => chunk({ tool_calls: list });

async function eventsOf(...list: readonly unknown[]): Promise<GenerationEvent[]> {
  const events: GenerationEvent[] = [];
  for await (const event of decodeEvents(stream(...list))) events.push(event);
  return events;
}

const foldedCalls = async (...list: readonly unknown[]) =>
  (await fold(decodeEvents(stream(...list)))).choices[0]?.toolCalls;

describe('decodeEvents', () => {
  test('gives text, usage and the finish of an ordinary stream', async () => {
    const usage = { prompt_tokens: 9, completion_tokens: 2 };
    expect(
      await eventsOf(
        chunk({ role: 'assistant', content: '' }),
        chunk({ content: 'He' }),
        chunk({ content: 'i' }),
        chunk({}, 'stop'),
        { choices: [], usage },
        '[DONE]',
      ),
    ).toEqual([
      { type: 'text-delta', choice: 0, block: 0, text: 'He' },
      { type: 'text-delta', choice: 0, block: 0, text: 'i' },
      { type: 'finish', choice: 0, reason: { unified: 'stop', raw: 'stop' } },
      { type: 'usage', usage: { input: 9, output: 2 } },
    ]);
  });

  test('does not lose text that comes together with the role or with the finish', async () => {
    expect(
      await fold(decodeEvents(stream(chunk({ role: 'assistant', content: 'a' }), chunk({ content: 'b' }, 'stop')))),
    ).toMatchObject({
      choices: [{ text: 'ab', finish: { unified: 'stop' } }],
    });
  });

  test('counts blocks: reasoning, text and calls in the order in which they begin', async () => {
    const signed = { reasoning_details: [{ type: 'reasoning.text', text: '', signature: 'sig' }] };
    expect(
      await eventsOf(
        chunk({ reasoning: 'r' }),
        chunk(signed),
        chunk({ content: 't' }),
        calls({ index: 0, id: 'c', function: { name: 'f', arguments: '{}' } }),
        chunk({ content: 'u' }),
        '[DONE]',
      ),
    ).toEqual([
      { type: 'reasoning-delta', choice: 0, block: 0, text: 'r' },
      { type: 'reasoning-delta', choice: 0, block: 0, text: '', signature: 'sig' },
      { type: 'text-delta', choice: 0, block: 1, text: 't' },
      { type: 'tool-call-start', choice: 0, block: 2, callId: 'c', name: 'f' },
      { type: 'tool-call-delta', choice: 0, block: 2, argumentsText: '{}' },
      { type: 'text-delta', choice: 0, block: 3, text: 'u' },
      { type: 'finish', choice: 0, reason: { unified: 'tool_calls', raw: null } },
    ]);
  });

  test('keeps the alternatives of n > 1 apart', async () => {
    const { choices } = await fold(
      decodeEvents(
        stream(
          chunk({ content: 'a' }),
          chunk({ content: 'x' }, null, 1),
          chunk({ content: 'b' }, 'stop'),
          chunk({ content: 'y' }, 'length', 1),
        ),
      ),
    );
    expect(choices).toMatchObject([
      { text: 'ab', finish: { unified: 'stop' } },
      { text: 'xy', finish: { unified: 'length' } },
    ]);
  });
});

describe('tool calls of every server', () => {
  const two = [
    { callId: 'a', name: 'f', argumentsText: '{"x":1}' },
    { callId: 'b', name: 'g', argumentsText: '{}' },
  ];

  test.each([
    [
      'fragments by index',
      [
        calls({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x"' } }),
        calls({ index: 0, function: { arguments: ':1}' } }),
        calls({ index: 1, id: 'b', function: { name: 'g', arguments: '{}' } }),
      ],
    ],
    [
      'interleaved fragments',
      [
        calls(
          { index: 0, id: 'a', function: { name: 'f', arguments: '{"x"' } },
          { index: 1, id: 'b', function: { name: 'g' } },
        ),
        calls({ index: 1, function: { arguments: '{}' } }, { index: 0, function: { arguments: ':1}' } }),
      ],
    ],
    [
      'id and name repeated',
      [
        calls({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x"' } }),
        calls({ index: 0, id: 'a', function: { name: 'f', arguments: ':1}' } }),
        calls({ index: 1, id: 'b', function: { name: 'g', arguments: '{}' } }),
      ],
    ],
    [
      'whole calls in one chunk without index',
      [
        calls(
          { id: 'a', function: { name: 'f', arguments: '{"x":1}' } },
          { id: 'b', function: { name: 'g', arguments: '{}' } },
        ),
      ],
    ],
    [
      'whole calls in two chunks without index',
      [
        calls({ id: 'a', function: { name: 'f', arguments: '{"x":1}' } }),
        calls({ id: 'b', function: { name: 'g', arguments: '{}' } }),
      ],
    ],
    [
      'fragments without index',
      [
        calls({ id: 'a', function: { name: 'f', arguments: '{"x"' } }),
        calls({ function: { arguments: ':1}' } }),
        calls({ id: 'b', function: { name: 'g', arguments: '{}' } }),
      ],
    ],
    [
      'parallel calls that are all number 0',
      [
        calls({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x":1}' } }),
        calls({ index: 0, id: 'b', function: { name: 'g', arguments: '{}' } }),
      ],
    ],
    [
      'an empty list in between',
      [
        calls({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x":1}' } }),
        calls(),
        calls({ index: 1, id: 'b', function: { name: 'g', arguments: '{}' } }),
      ],
    ],
    [
      'null members',
      [
        calls({ index: 0, id: 'a', function: { name: 'f', arguments: null } }),
        calls({ index: 0, id: null, function: { name: null, arguments: '{"x":1}' } }),
        calls(null, { index: 1, id: 'b', function: { name: 'g', arguments: '{}' } }),
      ],
    ],
  ])('%s', async (_name, chunks) => {
    expect(await foldedCalls(...chunks, chunk({}, 'tool_calls'), '[DONE]')).toEqual(two);
  });

  test('missing and repeated ids are made unique', async () => {
    const made = await foldedCalls(
      calls(
        { index: 0, function: { name: 'f' } },
        { index: 1, id: 'x', function: { name: 'f' } },
        { index: 2, id: 'x', function: { name: 'f' } },
      ),
      '[DONE]',
    );
    expect(new Set(made?.map((call) => call.callId)).size).toBe(3);
    expect(made?.every((call) => call.callId !== '')).toBe(true);
  });

  test('a legacy function call is a call', async () => {
    const chunks = [
      chunk({ function_call: { name: 'f', arguments: '{' } }),
      chunk({ function_call: { arguments: '}' } }),
      chunk({}, 'function_call'),
    ];
    const { choices } = await fold(decodeEvents(stream(...chunks)));
    expect(choices).toMatchObject([
      { toolCalls: [{ name: 'f', argumentsText: '{}' }], finish: { unified: 'tool_calls', raw: 'function_call' } },
    ]);
  });
});

describe('how a stream ends', () => {
  test.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['max_tokens', 'length'],
    ['model_length', 'length'],
    ['content_filter', 'content_filter'],
    ['tool_calls', 'tool_calls'],
    ['eos', 'stop'],
  ])('the reason %s is %s, with the raw word kept', async (raw, unified) => {
    expect(await eventsOf(chunk({ content: 'a' }, raw), '[DONE]')).toContainEqual({
      type: 'finish',
      choice: 0,
      reason: { unified, raw },
    });
  });

  test('"stop" after a tool call is a tool call', async () => {
    const events = await eventsOf(calls({ index: 0, id: 'a', function: { name: 'f' } }), chunk({}, 'stop'));
    expect(events.at(-1)).toEqual({ type: 'finish', choice: 0, reason: { unified: 'tool_calls', raw: 'stop' } });
  });

  test('a second finish is ignored, and usage that comes with it is not', async () => {
    const last = { ...chunk({}, 'stop'), usage: { prompt_tokens: 1, completion_tokens: 1 } };
    const events = await eventsOf(chunk({ content: 'a' }, 'stop'), last, '[DONE]');
    expect(events.filter((event) => event.type === 'finish')).toHaveLength(1);
    expect(events.at(-1)).toEqual({ type: 'usage', usage: { input: 1, output: 1 } });
  });

  test('nothing after the end mark is read', async () => {
    expect(await eventsOf(chunk({ content: 'a' }, 'stop'), '[DONE]', chunk({ content: 'b' }), '<html>')).toHaveLength(
      2,
    );
  });

  test('an end mark without a finish reason is a finish, and so is the reverse', async () => {
    expect((await eventsOf(chunk({ content: 'a' }), '[DONE]')).at(-1)).toEqual({
      type: 'finish',
      choice: 0,
      reason: { unified: 'stop', raw: null },
    });
    expect(await eventsOf(chunk({ content: 'a' }, 'stop'))).toHaveLength(2);
  });

  test.each([
    ['is cut', [chunk({ content: 'a' })]],
    ['is empty', []],
    ['has an end mark only', ['[DONE]']],
    ['opens and says nothing', [chunk({ role: 'assistant', content: '' }), '[DONE]']],
    ['has usage only', [{ choices: [], usage: { prompt_tokens: 1, completion_tokens: 0 } }, '[DONE]']],
    ['has an error chunk', [chunk({ content: 'a' }), { error: { code: 502, message: 'died' } }]],
    ['finishes with an error', [chunk({ content: 'a' }), chunk({}, 'error')]],
    ['has cut JSON', [chunk({ content: 'a' }), '{"choices":[{"in']],
    ['has HTML', ['<html>']],
    ['has a JSON list', [[]]],
  ])('a stream that %s is a failure of the provider', async (_name, chunks) => {
    const failure = await eventsOf(...chunks).catch((error: unknown) => error);
    expect(isAppError(failure) && failure.code).toBe('provider_failed');
  });

  test('an event named error is a failure', async () => {
    async function* named(): AsyncGenerator<SseEvent> {
      yield { event: 'error', data: '{"message":"x"}' };
    }
    await expect(fold(decodeEvents(named()))).rejects.toThrow('failed while it answered');
    async function* plain(): AsyncGenerator<SseEvent> {
      yield { event: 'error', data: 'boom' };
    }
    await expect(fold(decodeEvents(plain()))).rejects.toMatchObject({ detail: expect.stringContaining('boom') });
  });

  test('an absurd choice index does not size anything', async () => {
    const { choices } = await fold(
      decodeEvents(
        stream(
          chunk({ content: 'x' }, 'stop', 1e9),
          chunk({ content: 'y' }, 'stop', -1),
          chunk({ content: 'a' }, 'stop', null),
        ),
      ),
    );
    expect(choices).toMatchObject([{ text: 'a' }]);
  });

  test('a failure of the bytes is passed on as it is', async () => {
    async function* broken(): AsyncGenerator<SseEvent> {
      yield { event: null, data: JSON.stringify(chunk({ content: 'a' })) };
      throw new Error('reset');
    }
    await expect(fold(decodeEvents(broken()))).rejects.toThrow('reset');
  });
});
