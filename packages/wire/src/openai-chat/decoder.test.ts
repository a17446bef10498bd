import {
  type FoldedChoice,
  fold,
  foldedCalls,
  foldedReasoning,
  foldedText,
  type GenerationEvent,
  type ReasoningDetail,
} from '@bourse/generation';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ProviderFailure } from '../provider-failure.ts';
import type { SseEvent } from '../sse.ts';
import { createDecoder, decodeBody } from './decoder.ts';

const event = (data: unknown, name: string | null = null): SseEvent => ({
  event: name,
  data: typeof data === 'string' ? data : JSON.stringify(data),
});

const chunk = (delta: unknown, finishReason: string | null = null, index: unknown = 0) => ({
  id: 'c',
  object: 'chat.completion.chunk',
  choices: [{ index, delta, finish_reason: finishReason }],
});
const calls = (...list: unknown[]) => chunk({ tool_calls: list });
const details = (...list: unknown[]) => chunk({ reasoning_details: list });

/** What a stream came to, read as the gateway reads it: up to its end mark, its first failure, or the end of its bytes. */
interface Heard {
  readonly events: readonly GenerationEvent[];
  readonly failure: ProviderFailure | null;
}

function hear(events: readonly SseEvent[]): Heard {
  const decoder = createDecoder();
  const heard: GenerationEvent[] = [];
  for (const next of events) {
    const decoded = decoder.push(next);
    heard.push(...decoded.events);
    if (decoded.failure !== null) return { events: heard, failure: decoded.failure };
    if (decoded.isEnd) return { events: heard, failure: null };
  }
  const { events: last, failure, isEnd } = decoder.end();
  expect(isEnd).toBe(true);
  return { events: [...heard, ...last], failure };
}

const eventsOf = (...list: readonly unknown[]) => hear(list.map((data) => event(data))).events;
const choicesOf = (...list: readonly unknown[]) => fold(eventsOf(...list)).choices;

function choiceOf(...list: readonly unknown[]): FoldedChoice {
  const [choice] = choicesOf(...list);
  if (choice === undefined) throw new Error('no choice');
  return choice;
}

const start: GenerationEvent = { type: 'start', upstreamId: 'c' };
const text = (block: number, piece: string): GenerationEvent => ({
  type: 'text-delta',
  choice: 0,
  block,
  text: piece,
});
const finishOf = (events: readonly GenerationEvent[]) => events.filter(({ type }) => type === 'finish');

describe('a decoded stream', () => {
  test('gives the id, text, usage and the finish of an ordinary stream', () => {
    const usage = { prompt_tokens: 9, completion_tokens: 2 };
    expect(
      eventsOf(
        chunk({ role: 'assistant', content: '' }),
        chunk({ content: 'He' }),
        chunk({ content: 'i' }),
        chunk({}, 'stop'),
        { choices: [], usage },
        '[DONE]',
      ),
    ).toEqual([
      start,
      text(0, 'He'),
      text(0, 'i'),
      { type: 'finish', choice: 0, reason: { unified: 'stop', raw: 'stop' } },
      { type: 'usage', usage: { input: 9, output: 2 } },
    ]);
  });

  test('starts once, with the first id that is one', () => {
    const nameless = { choices: [{ index: 0, delta: { content: 'a' } }] };
    const events = eventsOf(
      { ...nameless, id: '' },
      { ...nameless, id: 7 },
      { ...nameless, id: 'x' },
      chunk({}, 'stop'),
    );
    expect(events.filter(({ type }) => type === 'start')).toEqual([{ type: 'start', upstreamId: 'x' }]);
  });

  test('does not lose text that comes together with the role or with the finish', () => {
    const choice = choiceOf(chunk({ role: 'assistant', content: 'a' }), chunk({ content: 'b' }, 'stop'));
    expect(foldedText(choice)).toBe('ab');
    expect(choice.finish).toEqual({ unified: 'stop', raw: 'stop' });
  });

  test('counts blocks: reasoning, text and calls in the order in which they begin', () => {
    expect(
      eventsOf(
        chunk({ reasoning: 'r' }),
        details({ type: 'reasoning.text', text: '', signature: 'sig' }),
        chunk({ content: 't' }),
        calls({ index: 0, id: 'c', function: { name: 'f', arguments: '{}' } }),
        chunk({ content: 'u' }),
        '[DONE]',
      ),
    ).toEqual([
      start,
      { type: 'reasoning-delta', choice: 0, block: 0, kind: 'text', text: 'r', format: 'unknown' },
      { type: 'reasoning-delta', choice: 0, block: 0, kind: 'text', text: '', signature: 'sig', format: 'unknown' },
      text(1, 't'),
      { type: 'tool-call-start', choice: 0, block: 2, callId: 'c', name: 'f' },
      { type: 'tool-call-delta', choice: 0, block: 2, argumentsText: '{}' },
      text(3, 'u'),
      { type: 'finish', choice: 0, reason: { unified: 'tool_calls', raw: null } },
    ]);
  });

  test('keeps the alternatives of n > 1 apart', () => {
    const choices = choicesOf(
      chunk({ content: 'a' }),
      chunk({ content: 'x' }, null, 1),
      chunk({ content: 'b' }, 'stop'),
      chunk({ content: 'y' }, 'length', 1),
    );
    expect(choices.map(foldedText)).toEqual(['ab', 'xy']);
    expect(choices.map(({ finish }) => finish?.unified)).toEqual(['stop', 'length']);
  });

  test('tells that usage came which cannot be read', () => {
    const usage = { prompt_tokens: -1, completion_tokens: 2 };
    expect(eventsOf(chunk({ content: 'a' }, 'stop'), { choices: [], usage })).toContainEqual({
      type: 'usage',
      usage: null,
    });
    expect(eventsOf({ ...chunk({ content: 'a' }), usage: null })).toEqual([start, text(0, 'a')]);
  });

  test('tells a refusal', () => {
    expect(choiceOf(chunk({ refusal: 'I will ' }), chunk({ refusal: 'not.' }, 'content_filter')).refusal).toBe(
      'I will not.',
    );
  });

  test.each(['', ' ', { type: 'ping' }, { id: 'c', choices: null }, { id: 'c', choices: [null, 7, 'x'] }])(
    'takes nothing from what says nothing: %j',
    (data) => {
      const { events, failure, isEnd } = createDecoder().push(event(data));
      expect({ events: events.filter(({ type }) => type !== 'start'), failure, isEnd }).toEqual({
        events: [],
        failure: null,
        isEnd: false,
      });
    },
  );
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
  ])('%s', (_name, chunks) => {
    expect(foldedCalls(choiceOf(...chunks, chunk({}, 'tool_calls'), '[DONE]'))).toEqual(two);
  });

  test('missing and repeated ids are made unique', () => {
    const made = foldedCalls(
      choiceOf(
        calls(
          { index: 0, function: { name: 'f' } },
          { index: 1, id: 'x', function: { name: 'f' } },
          { index: 2, id: 'x', function: { name: 'f' } },
        ),
        '[DONE]',
      ),
    );
    expect(new Set(made.map((call) => call.callId)).size).toBe(3);
    expect(made.every((call) => call.callId !== '')).toBe(true);
  });

  test('a legacy function call is a call', () => {
    const choice = choiceOf(
      chunk({ function_call: { name: 'f', arguments: '{' } }),
      chunk({ function_call: { arguments: '}' } }),
      chunk({}, 'function_call'),
    );
    expect(foldedCalls(choice)).toMatchObject([{ name: 'f', argumentsText: '{}' }]);
    expect(choice.finish).toEqual({ unified: 'tool_calls', raw: 'function_call' });
  });

  test('the signature of the thought behind a call comes with it', () => {
    const signed = { extra_content: { google: { thought_signature: 'c2ln' } } };
    expect(
      foldedCalls(
        choiceOf(
          calls({ index: 0, id: 'a', function: { name: 'f', arguments: '{}' }, ...signed }),
          calls({ index: 1, id: 'b', function: { name: 'g', arguments: '{}' } }),
        ),
      ),
    ).toEqual([
      { callId: 'a', name: 'f', argumentsText: '{}', signature: 'c2ln' },
      { callId: 'b', name: 'g', argumentsText: '{}' },
    ]);
  });

  test.each([
    { extra_content: null },
    { extra_content: 'x' },
    { extra_content: { google: 'x' } },
    { extra_content: { google: { thought_signature: 5 } } },
    { extra_content: { google: { thought_signature: '' } } },
    { extra_content: { other: { thought_signature: 'x' } } },
  ])('%j is no signature', (extra) => {
    expect(foldedCalls(choiceOf(calls({ index: 0, id: 'a', function: { name: 'f' }, ...extra })))).toEqual([
      { callId: 'a', name: 'f', argumentsText: '' },
    ]);
  });
});

describe('reasoning of every server', () => {
  const reasoningOf = (...list: readonly unknown[]) => foldedReasoning(choiceOf(...list));
  const plain = (words: string): ReasoningDetail => ({ type: 'text', text: words, format: 'unknown' });

  test.each([
    ['reasoning', [chunk({ reasoning: 'a' }), chunk({ reasoning: 'b' })]],
    ['reasoning_content', [chunk({ reasoning_content: 'a' }), chunk({ reasoning_content: 'b', content: null })]],
    ['both names, which say the same', [chunk({ reasoning: 'ab', reasoning_content: 'ab' })]],
    [
      'the details and the plain text, which say the same',
      [chunk({ reasoning: 'ab', reasoning_details: [{ type: 'reasoning.text', text: 'ab' }] })],
    ],
    ['thinking parts', [chunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'ab' }] }] })]],
    [
      'details of which only an unknown type is left',
      [chunk({ reasoning: 'ab', reasoning_details: [{ type: 'reasoning.hologram', shape: 'x' }] })],
    ],
  ])('%s', (_name, chunks) => {
    expect(reasoningOf(...chunks, '[DONE]')).toEqual([plain('ab')]);
  });

  test('a detail of each type is a block of its own, with its id and its family', () => {
    const format = 'openai-responses-v1';
    expect(
      reasoningOf(
        details({ type: 'reasoning.summary', summary: 'su', id: 'rs_1', format, index: 0 }),
        details({ type: 'reasoning.summary', summary: 'm', id: 'rs_1', format, index: 0 }),
        details({ type: 'reasoning.encrypted', data: 'gAAA', id: 'rs_1', format, index: 0 }),
        details({
          type: 'reasoning.text',
          text: 't',
          signature: 's',
          id: 'rs_2',
          format: 'anthropic-claude-v1',
          index: 1,
        }),
      ),
    ).toEqual([
      { type: 'summary', text: 'sum', id: 'rs_1', format },
      { type: 'encrypted', data: 'gAAA', id: 'rs_1', format },
      { type: 'text', text: 't', signature: 's', id: 'rs_2', format: 'anthropic-claude-v1' },
    ]);
  });

  test('details of unknown types and formats do not harm: the type is left out, the family is unknown', () => {
    expect(
      reasoningOf(
        details(
          null,
          'x',
          {},
          { type: 'reasoning.server_tool_call', tool_name: 'web_search' },
          { type: 'reasoning.text', text: 'a', format: 'martian-v9', id: 5, index: 'x' },
        ),
      ),
    ).toEqual([plain('a')]);
  });

  test('items with different numbers are different blocks', () => {
    expect(
      reasoningOf(
        details({ type: 'reasoning.text', text: 'a', index: 0 }),
        details({ type: 'reasoning.text', text: 'b', index: 1 }),
        details({ type: 'reasoning.text', text: 'B', index: 1 }),
      ),
    ).toEqual([plain('a'), plain('bB')]);
  });

  test('items of one list are different blocks, also when nobody numbered them', () => {
    expect(
      reasoningOf(
        details(
          { type: 'reasoning.text', text: 'a', signature: 'sa' },
          { type: 'reasoning.text', text: 'b', signature: 'sb' },
          { type: 'reasoning.encrypted', data: 'one' },
          { type: 'reasoning.encrypted', data: 'two' },
        ),
      ),
    ).toEqual([
      { ...plain('a'), signature: 'sa' },
      { ...plain('b'), signature: 'sb' },
      { type: 'encrypted', data: 'one', format: 'unknown' },
      { type: 'encrypted', data: 'two', format: 'unknown' },
    ]);
  });

  test('a signature that comes after the text has begun belongs to the block of reasoning, and the text goes on', () => {
    const choice = choiceOf(
      details({ type: 'reasoning.text', text: 'think', index: 0, format: 'anthropic-claude-v1' }),
      chunk({ content: 'Hi ' }),
      details({ type: 'reasoning.text', signature: 'sig', index: 0, format: 'anthropic-claude-v1' }),
      chunk({ content: 'there' }),
      '[DONE]',
    );
    expect(choice.blocks).toEqual([
      {
        type: 'reasoning',
        detail: { type: 'text', text: 'think', signature: 'sig', format: 'anthropic-claude-v1' },
      },
      { type: 'text', text: 'Hi there' },
    ]);
  });

  test('reasoning that goes on after text or a call is another block, in its place', () => {
    const choice = choiceOf(
      chunk({ reasoning: 'a' }),
      chunk({ content: 'x' }),
      chunk({ reasoning: 'b' }),
      calls({ index: 0, id: 'c', function: { name: 'f', arguments: '{}' } }),
      chunk({ reasoning: 'c' }),
      '[DONE]',
    );
    expect(choice.blocks.map((block) => (block.type === 'reasoning' ? block.detail : block.type))).toEqual([
      plain('a'),
      'text',
      plain('b'),
      'tool-call',
      plain('c'),
    ]);
  });

  test('a signature alone, of reasoning that nobody saw, is a block', () => {
    expect(reasoningOf(details({ type: 'reasoning.text', signature: 'sig' }))).toEqual([
      { ...plain(''), signature: 'sig' },
    ]);
  });
});

describe('what an answer has besides words', () => {
  const cited = (fields: object) => chunk({ annotations: [{ type: 'url_citation', url_citation: fields }] });

  test('annotations are citations, with what is known of them', () => {
    const { citations } = choiceOf(
      cited({ url: 'https://a', title: 'A', content: 'said', start_index: 0, end_index: 4 }),
      cited({ url: 'https://b' }),
      chunk({ content: 'x' }),
    );
    expect(citations).toEqual([
      { url: 'https://a', title: 'A', content: 'said', start: 0, end: 4 },
      { url: 'https://b', start: -1, end: -1 },
    ]);
  });

  test('annotations of other kinds are no citations', () => {
    const choice = choiceOf(
      chunk({ content: 'x', annotations: [{ type: 'file', file: { hash: 'h' } }, null, 'x', { url_citation: {} }] }),
    );
    expect(choice.citations).toEqual([]);
  });

  test('images are taken whole', () => {
    const image = (url: unknown) => ({ type: 'image_url', image_url: { url } });
    const { images } = choiceOf(
      chunk({ images: [image('data:image/png;base64,AA'), image('data:image/png;base64,BB')] }),
      chunk({ images: [image(''), image(5), {}, null] }),
      chunk({ images: [image('data:image/png;base64,CC')] }, 'stop'),
    );
    expect(images).toEqual(['data:image/png;base64,AA', 'data:image/png;base64,BB', 'data:image/png;base64,CC']);
  });

  test('sound comes in pieces', () => {
    const { audio } = choiceOf(
      chunk({ audio: { id: 'audio_1', transcript: 'H' } }),
      chunk({ audio: { data: 'AAAA', transcript: 'i' } }),
      chunk({ audio: { data: 'BBBB' } }),
      chunk({ audio: { expires_at: 1_786_000_000 } }, 'stop'),
    );
    expect(audio).toEqual({
      id: 'audio_1',
      base64: 'AAAABBBB',
      transcript: 'Hi',
      expiresAtUnixSeconds: 1_786_000_000,
    });
  });

  test('logprobs are told beside the text that they belong to', () => {
    const token = (word: string) => ({ token: word, logprob: -0.5, bytes: null, top_logprobs: [] });
    const withLogprobs = (word: string, logprobs: unknown) => ({
      id: 'c',
      choices: [{ index: 0, delta: { content: word }, logprobs }],
    });
    expect(
      choiceOf(
        withLogprobs('a', { content: [token('a')], refusal: null }),
        withLogprobs('b', null),
        withLogprobs('c', { content: null }),
        withLogprobs('d', { content: [token('d'), null] }),
      ).logprobs,
    ).toEqual([token('a'), token('d')]);
    expect(choiceOf(chunk({ content: 'x' })).logprobs).toBeNull();
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
  ])('the reason %s is %s, with the raw word kept', (raw, unified) => {
    expect(eventsOf(chunk({ content: 'a' }, raw), '[DONE]')).toContainEqual({
      type: 'finish',
      choice: 0,
      reason: { unified, raw },
    });
  });

  test('"stop" after a tool call is a tool call', () => {
    const events = eventsOf(calls({ index: 0, id: 'a', function: { name: 'f' } }), chunk({}, 'stop'));
    expect(events.at(-1)).toEqual({ type: 'finish', choice: 0, reason: { unified: 'tool_calls', raw: 'stop' } });
  });

  test('a second finish is ignored, and usage that comes with it is not', () => {
    const last = { ...chunk({}, 'stop'), usage: { prompt_tokens: 1, completion_tokens: 1 } };
    const events = eventsOf(chunk({ content: 'a' }, 'stop'), last, '[DONE]');
    expect(finishOf(events)).toHaveLength(1);
    expect(events.at(-1)).toEqual({ type: 'usage', usage: { input: 1, output: 1 } });
  });

  test('the end mark is told, so that nothing after it is read', () => {
    expect(eventsOf(chunk({ content: 'a' }, 'stop'), '[DONE]', chunk({ content: 'b' }), '<html>')).toHaveLength(3);
    const decoder = createDecoder();
    expect(decoder.push(event(' [DONE] '))).toEqual({ events: [], failure: null, isEnd: true });
  });

  test('an end mark without a finish reason is a finish, and so is the reverse', () => {
    expect(eventsOf(chunk({ content: 'a' }), '[DONE]').at(-1)).toEqual({
      type: 'finish',
      choice: 0,
      reason: { unified: 'stop', raw: null },
    });
    expect(finishOf(eventsOf(chunk({ content: 'a' }, 'stop')))).toHaveLength(1);
  });

  test.each([
    ['is cut', [chunk({ content: 'a' })]],
    ['is empty', []],
    ['has an end mark only', ['[DONE]']],
    ['opens and says nothing', [chunk({ role: 'assistant', content: '' }), '[DONE]']],
    ['has usage only', [{ choices: [], usage: { prompt_tokens: 1, completion_tokens: 0 } }, '[DONE]']],
  ])('a stream that %s has no finish: the caller sees that there is no whole answer', (_name, chunks) => {
    expect(finishOf(eventsOf(...chunks))).toEqual([]);
  });

  test('of a cut stream only the alternatives that said their reason are finished', () => {
    const events = eventsOf(chunk({ content: 'a' }, 'stop'), chunk({ content: 'half a sen' }, null, 1));
    expect(finishOf(events)).toEqual([{ type: 'finish', choice: 0, reason: { unified: 'stop', raw: 'stop' } }]);
  });

  test.each([
    ['an error chunk', { error: { code: 502, message: 'died' } }, 'server_error'],
    ['an error chunk that blames the load', { error: { code: 429, message: 'slow' } }, 'rate_limited'],
    ['an error in words', { error: 'boom' }, 'server_error'],
    ['the error of a choice', { choices: [{ index: 0, error: { code: 429, message: 'x' } }] }, 'rate_limited'],
    ['a finish with an error', chunk({}, 'error'), 'server_error'],
    ['the older vLLM error', { object: 'error', message: 'too long', code: 400 }, 'invalid_request'],
    ['cut JSON', '{"choices":[{"in', 'invalid_response'],
    ['HTML', '<html>', 'invalid_response'],
    ['a JSON list', [], 'invalid_response'],
    ['a number', '5', 'invalid_response'],
  ])('%s is a failure of the provider, and what came before it is kept', (_name, data, kind) => {
    const { events, failure } = hear([event(chunk({ content: 'a' })), event(data)]);
    expect(failure).toMatchObject({ kind });
    expect(events).toEqual([start, text(0, 'a')]);
  });

  test('an error chunk may say how much was used', () => {
    const usage = { prompt_tokens: 3, completion_tokens: 1 };
    const { events, failure } = hear([event({ ...chunk({ content: 'lost' }, 'error'), usage })]);
    expect(failure?.kind).toBe('server_error');
    expect(events).toEqual([start, { type: 'usage', usage: { input: 3, output: 1 } }]);
  });

  test('an event named error is a failure', () => {
    expect(hear([event('{"message":"x"}', 'error')]).failure).toMatchObject({ kind: 'server_error', message: 'x' });
    expect(hear([event('{"error":{"code":429,"message":"x"}}', 'error')]).failure?.kind).toBe('rate_limited');
    expect(hear([event('boom', 'error')]).failure?.message).toBe('boom');
    expect(hear([event(chunk({ content: 'a' }), 'error')])).toMatchObject({
      events: [],
      failure: { kind: 'server_error' },
    });
  });

  test('a null error is none', () => {
    expect(hear([event({ ...chunk({ content: 'a' }), error: null })]).failure).toBeNull();
  });

  test('an absurd choice index does not size anything', () => {
    const choices = choicesOf(
      chunk({ content: 'x' }, 'stop', 1e9),
      chunk({ content: 'y' }, 'stop', -1),
      chunk({ content: 'z' }, 'stop', 0.5),
      chunk({ content: 'w' }, 'stop', '0'),
      chunk({ content: 'a' }, 'stop', null),
    );
    expect(choices.map(foldedText)).toEqual(['a']);
  });

  test('nothing that a provider sends makes it throw', () => {
    const shapes = fc.oneof(
      fc.string(),
      fc.json(),
      fc.jsonValue().map((value) => JSON.stringify(chunk(value))),
      fc.jsonValue().map((value) => JSON.stringify(chunk({ tool_calls: [value], reasoning_details: [value] }))),
      fc.jsonValue().map((value) => JSON.stringify(chunk({ content: value, images: value, audio: value }))),
      fc.jsonValue().map((value) => JSON.stringify({ id: value, choices: value, usage: value })),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(shapes, fc.constantFrom(null, 'error', 'x')), { maxLength: 6 }), (list) => {
        const decoder = createDecoder();
        const decoded = list.flatMap(([data, name]) => decoder.push({ event: name, data }).events);
        fold([...decoded, ...decoder.end().events]);
      }),
      { numRuns: 500 },
    );
  });
});

describe('decodeBody', () => {
  test.each([null, undefined, 'x', [], {}, { choices: [] }, { choices: {} }])('refuses %j', (body) => {
    expect(decodeBody(body)).toMatchObject({ events: [], failure: { kind: 'invalid_response' } });
  });

  test('tells what a 200 body reports as an error', () => {
    expect(decodeBody({ error: { code: 429, message: 'slow' } }).failure).toMatchObject({
      kind: 'rate_limited',
      message: 'slow',
    });
    expect(decodeBody({ choices: [{ finish_reason: 'error', message: {} }] }).failure?.kind).toBe('server_error');
  });

  test('finishes a choice that names no reason', () => {
    const { choices } = fold(decodeBody({ choices: [{ message: { content: 'a' } }] }).events);
    expect(choices.map(foldedText)).toEqual(['a']);
    expect(choices[0]?.finish).toEqual({ unified: 'stop', raw: null });
  });

  test('does not finish an answer that says nothing', () => {
    const { events } = decodeBody({ choices: [{ message: { role: 'assistant', content: '' } }] });
    expect(finishOf(events)).toEqual([]);
  });

  test('reads everything that an answer may have', () => {
    const { events, failure } = decodeBody({
      id: 'chatcmpl-1',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: 'Hi',
            refusal: 'no',
            reasoning: 'think',
            reasoning_details: [
              { type: 'reasoning.text', text: 'think', signature: 's', format: 'anthropic-claude-v1', index: 0 },
              { type: 'reasoning.encrypted', data: 'x', format: 'anthropic-claude-v1', index: 1 },
            ],
            tool_calls: [
              {
                id: 'a',
                type: 'function',
                function: { name: 'f', arguments: '{}' },
                extra_content: { google: { thought_signature: 'sig' } },
              },
            ],
            images: [{ type: 'image_url', image_url: { url: 'data:,x' } }],
            audio: { id: 'au', data: 'AA', transcript: 't', expires_at: 5 },
            annotations: [{ type: 'url_citation', url_citation: { url: 'https://a' } }],
          },
          logprobs: { content: [{ token: 'Hi' }], refusal: null },
          finish_reason: 'stop',
        },
      ],
      usage: { prompt_tokens: 9, completion_tokens: 2 },
    });
    expect(failure).toBeNull();
    expect(fold(events)).toEqual({
      upstreamId: 'chatcmpl-1',
      usage: { input: 9, output: 2 },
      choices: [
        {
          blocks: [
            {
              type: 'reasoning',
              detail: { type: 'text', text: 'think', signature: 's', format: 'anthropic-claude-v1' },
            },
            { type: 'reasoning', detail: { type: 'encrypted', data: 'x', format: 'anthropic-claude-v1' } },
            { type: 'text', text: 'Hi' },
            { type: 'tool-call', call: { callId: 'a', name: 'f', argumentsText: '{}', signature: 'sig' } },
          ],
          refusal: 'no',
          citations: [{ url: 'https://a', start: -1, end: -1 }],
          images: ['data:,x'],
          audio: { id: 'au', base64: 'AA', transcript: 't', expiresAtUnixSeconds: 5 },
          logprobs: [{ token: 'Hi' }],
          finish: { unified: 'tool_calls', raw: 'stop' },
        },
      ],
    });
  });
});
