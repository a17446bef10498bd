import { fold, foldedText } from '@bourse/generation';
import { describe, expect, test } from 'vitest';
import { promptWith } from '../../test/any-answer.ts';
import { createDecoder, decodeBody } from './decoder.ts';

const prompt = promptWith();

function decode(events: readonly (object | string)[], of = prompt) {
  const decoder = createDecoder(of);
  return events.map((event) =>
    decoder.push({ event: null, data: typeof event === 'string' ? event : JSON.stringify(event) }),
  );
}
const eventsOf = (events: readonly (object | string)[], of = prompt) =>
  decode(events, of).flatMap(({ events: all }) => [...all]);
const start = (index: number, content_block: object) => ({ type: 'content_block_start', index, content_block });
const delta = (index: number, what: object) => ({ type: 'content_block_delta', index, delta: what });
const stop = (index: number) => ({ type: 'content_block_stop', index });
const end = (stop_reason: string | null, more: object = {}) => ({
  type: 'message_delta',
  delta: { stop_reason, ...more },
});

describe('blocks of a stream', () => {
  test('are text, thoughts with their late signature, hidden thoughts and calls, each in its place', () => {
    const folded = fold(
      eventsOf([
        { type: 'message_start', message: { id: 'msg_1', usage: { input_tokens: 9, output_tokens: 1 } } },
        start(0, { type: 'thinking', thinking: '', signature: '' }),
        delta(0, { type: 'thinking_delta', thinking: 'Hm' }),
        start(1, { type: 'redacted_thinking', data: 'blob' }),
        stop(1),
        start(2, { type: 'text', text: '' }),
        delta(2, { type: 'text_delta', text: 'Hel' }),
        delta(0, { type: 'signature_delta', signature: 'sig' }),
        stop(0),
        delta(2, { type: 'text_delta', text: 'lo' }),
        stop(2),
        { type: 'ping' },
        start(3, { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} }),
        delta(3, { type: 'input_json_delta', partial_json: '' }),
        delta(3, { type: 'input_json_delta', partial_json: '{"a"' }),
        delta(3, { type: 'input_json_delta', partial_json: ':1}' }),
        stop(3),
        start(4, { type: 'tool_use', id: 'toolu_2', name: 'g', input: {} }),
        stop(4),
        { ...end('tool_use'), usage: { output_tokens: 20 } },
        { type: 'message_stop' },
      ]),
    );
    expect(folded).toMatchObject({ upstreamId: 'msg_1', usage: { input: 9, output: 20 } });
    expect(folded.choices[0]).toMatchObject({
      blocks: [
        { type: 'reasoning', detail: { type: 'text', text: 'Hm', signature: 'sig', format: 'anthropic-claude-v1' } },
        { type: 'reasoning', detail: { type: 'encrypted', data: 'blob', format: 'anthropic-claude-v1' } },
        { type: 'text', text: 'Hello' },
        { type: 'tool-call', call: { callId: 'toolu_1', name: 'f', argumentsText: '{"a":1}' } },
        { type: 'tool-call', call: { callId: 'toolu_2', name: 'g', argumentsText: '{}' } },
      ],
      finish: { unified: 'tool_calls', raw: 'tool_use' },
    });
  });

  test('empty and repeated ids of calls become ids of their own', () => {
    const call = (id: string) => start(0, { type: 'tool_use', id, name: 'f', input: {} });
    const ids = eventsOf([call('x'), call('x'), call('')]).flatMap((event) =>
      event.type === 'tool-call-start' ? [event.callId] : [],
    );
    expect(new Set(ids).size).toBe(3);
    expect(ids).not.toContain('');
  });

  test('names of tools come back as the client wrote them', () => {
    const named = promptWith({ tools: [{ name: 'weather.get' }] });
    const [event] = eventsOf([start(0, { type: 'tool_use', id: 'x', name: 'weather_get', input: {} })], named);
    expect(event).toMatchObject({ name: 'weather.get' });
  });

  test('sources of the web and of search results are citations; passages of documents have no address', () => {
    const cite = (citation: object) => delta(0, { type: 'citations_delta', citation });
    expect(
      eventsOf([
        start(0, { type: 'text', text: '' }),
        cite({ type: 'web_search_result_location', url: 'https://a', title: 'A', cited_text: 'c' }),
        cite({ type: 'search_result_location', source: 'https://b', title: null, cited_text: '' }),
        cite({ type: 'char_location', document_title: 'D', cited_text: 'x' }),
      ]),
    ).toMatchObject([
      { citation: { url: 'https://a', title: 'A', content: 'c', start: -1, end: -1 } },
      { citation: { url: 'https://b' } },
    ]);
  });

  test('what the provider’s own tools did, and what nobody knows, is nothing that the hub could say', () => {
    expect(
      eventsOf([
        start(0, { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }),
        delta(0, { type: 'input_json_delta', partial_json: '{}' }),
        stop(0),
        start(1, { type: 'web_search_tool_result', tool_use_id: 's', content: [] }),
        start(2, { type: 'block_of_the_future' }),
        delta(2, { type: 'delta_of_the_future' }),
        { type: 'event_of_the_future' },
        delta(9, { type: 'input_json_delta', partial_json: 'for nobody' }),
      ]),
    ).toEqual([]);
  });

  test('a delta in a block that was never opened is not lost', () => {
    expect(foldedText(fold(eventsOf([delta(0, { type: 'text_delta', text: 'Hi' })])).choices[0] ?? raise())).toBe('Hi');
  });
});

function raise(): never {
  throw new Error('no choice');
}

describe('the end', () => {
  test.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['pause_turn', 'stop'],
    ['compaction', 'stop'],
    ['tool_use', 'tool_calls'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['refusal', 'content_filter'],
    ['word_of_the_future', 'stop'],
  ])('%s is %s, and its own word is kept', (raw, unified) => {
    expect(eventsOf([end(raw)])).toContainEqual({ type: 'finish', choice: 0, reason: { unified, raw } });
  });

  test('the sequence that stopped it is told', () => {
    expect(eventsOf([end('stop_sequence', { stop_sequence: 'END' })])).toContainEqual({
      type: 'finish',
      choice: 0,
      reason: { unified: 'stop', raw: 'stop_sequence', stopSequence: 'END' },
    });
  });

  test('an unknown word after a call ends with the call', () => {
    const [, , finish] = eventsOf([start(0, { type: 'tool_use', id: 'x', name: 'f', input: {} }), stop(0), end('new')]);
    expect(finish).toMatchObject({ reason: { unified: 'tool_calls' } });
  });

  test('the explanation of a refusal is its text', () => {
    const events = eventsOf([end('refusal', { stop_details: { type: 'refusal', explanation: 'Not this.' } })]);
    expect(events).toContainEqual({ type: 'refusal-delta', choice: 0, text: 'Not this.' });
  });

  test('the end mark ends an answer that never said why, but not one that never was; a cut stream is given no reason', () => {
    expect(decode([start(0, { type: 'text', text: 'T' }), { type: 'message_stop' }])).toMatchObject([
      {},
      { events: [{ type: 'finish', reason: { unified: 'stop', raw: null } }], isEnd: true },
    ]);
    expect(decode([{ type: 'message_stop' }])).toEqual([{ events: [], failure: null, isEnd: true }]);
    expect(decodeBody({ content: [], stop_reason: null }, prompt).events).toEqual([]);
    expect(createDecoder(prompt).end()).toEqual({ events: [], failure: null, isEnd: true });
  });
});

describe('usage', () => {
  const told = (...usages: object[]) =>
    eventsOf(usages.map((usage) => ({ type: 'message_delta', delta: {}, usage }))).at(-1);

  test('absence takes nothing away, and the last word counts', () => {
    expect(
      told(
        { input_tokens: 9, output_tokens: 1, cache_read_input_tokens: 4 },
        { output_tokens: 20, input_tokens: null },
      ),
    ).toEqual({ type: 'usage', usage: { input: 9, output: 20, input_cache_read: 4 } });
  });

  test('half of it is none', () => {
    expect(told({ input_tokens: 9 })).toBeUndefined();
  });

  test('counts that cannot be are no usage, which is told', () => {
    expect(told({ input_tokens: 9, output_tokens: 1 }, { output_tokens: -1 })).toEqual({ type: 'usage', usage: null });
  });
});

describe('failures', () => {
  test.each([
    [{ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 'overloaded'],
    [{ type: 'error', error: { type: 'api_error', message: 'Internal' } }, 'server_error'],
    [{ type: 'error', error: { type: 'invalid_request_error', message: 'no' } }, 'invalid_request'],
    [{ type: 'error', error: { type: 'rate_limit_error', message: 'slow' } }, 'rate_limited'],
    [{ error: { message: 'a proxy broke' } }, 'server_error'],
    ['{"type":"content_blo', 'invalid_response'],
    ['[]', 'invalid_response'],
  ] as const)('%j is a failure: %s', (event, kind) => {
    expect(decode([event])[0]).toMatchObject({ events: [], failure: { kind } });
  });

  test('an error event that is no JSON is a failure with its text', () => {
    expect(createDecoder(prompt).push({ event: 'error', data: 'gone' }).failure).toMatchObject({ message: 'gone' });
  });
});

describe('decodeBody', () => {
  test('reads a whole answer', () => {
    const body = {
      id: 'msg_1',
      type: 'message',
      content: [
        { type: 'thinking', thinking: 'Hm', signature: 'sig' },
        { type: 'text', text: 'Hi', citations: [{ type: 'web_search_result_location', url: 'https://a' }] },
        { type: 'tool_use', id: 'toolu_1', name: 'f', input: { a: 1 } },
      ],
      stop_reason: 'tool_use',
      usage: { input_tokens: 9, output_tokens: 2 },
    };
    const { events, failure, isEnd } = decodeBody(body, prompt);
    expect([failure, isEnd]).toEqual([null, true]);
    expect(fold(events)).toMatchObject({
      upstreamId: 'msg_1',
      usage: { input: 9, output: 2 },
      choices: [
        {
          blocks: [
            { detail: { text: 'Hm', signature: 'sig' } },
            { text: 'Hi' },
            { call: { callId: 'toolu_1', argumentsText: '{"a":1}' } },
          ],
          citations: [{ url: 'https://a' }],
          finish: { unified: 'tool_calls' },
        },
      ],
    });
  });

  test.each([
    [undefined, 'invalid_response'],
    [{ type: 'message' }, 'invalid_response'],
    [{ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 'overloaded'],
  ] as const)('%j is a failure: %s', (body, kind) => {
    expect(decodeBody(body, prompt).failure).toMatchObject({ kind });
  });
});
