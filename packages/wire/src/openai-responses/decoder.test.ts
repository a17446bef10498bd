import { fold, type GenerationEvent } from '@bourse/generation';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SseEvent } from '../sse.ts';
import { createDecoder, decodeBody } from './decoder.ts';

const family = 'openai-responses-v1';
const format = family;
const sse = (data: unknown): SseEvent => ({
  event: null,
  data: typeof data === 'string' ? data : JSON.stringify(data),
});

function decode(...list: readonly unknown[]) {
  const decoder = createDecoder(family);
  const decoded = list.map((data) => decoder.push(sse(data)));
  return {
    events: decoded.flatMap(({ events }) => [...events]),
    failure: decoded.find(({ failure }) => failure !== null)?.failure ?? null,
    isEnd: decoded.at(-1)?.isEnd ?? false,
  };
}

const eventsOf = (...list: readonly unknown[]): readonly GenerationEvent[] => decode(...list).events;
const typed = (type: string, members: object = {}) => ({ type: `response.${type}`, ...members });
const usage = {
  input_tokens: 30,
  input_tokens_details: { cached_tokens: 10 },
  output_tokens: 20,
  output_tokens_details: { reasoning_tokens: 12 },
  total_tokens: 50,
};
const completed = (output: unknown[] = [], fields: object = {}) =>
  typed('completed', { response: { id: 'resp_1', status: 'completed', output, usage, ...fields } });

const thought = {
  id: 'rs_1',
  type: 'reasoning',
  summary: [{ type: 'summary_text', text: 'Look up.' }],
  encrypted_content: 'gAAA',
};
const message = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  content: [
    {
      type: 'output_text',
      text: 'Hello',
      annotations: [{ type: 'url_citation', url: 'https://a', title: 'A', start_index: 0, end_index: 5 }],
    },
    { type: 'refusal', refusal: 'No.' },
  ],
};
const call = { id: 'fc_1', type: 'function_call', call_id: 'c1', name: 'f', arguments: '{"a":1}' };
const custom = { id: 'ctc_1', type: 'custom_tool_call', call_id: 'c2', name: 'shell', input: 'ls' };
const picture = { id: 'ig_1', type: 'image_generation_call', result: 'AAAA', output_format: 'webp' };
const all = [thought, message, call, custom, picture];

/** Every item piece by piece, as OpenAI streams it. */
const stream = [
  typed('created', { response: { id: 'resp_1', status: 'in_progress' } }),
  typed('output_item.added', { output_index: 0, item: { id: 'rs_1', type: 'reasoning', summary: [] } }),
  typed('reasoning_summary_part.added', { item_id: 'rs_1', output_index: 0, summary_index: 0 }),
  typed('reasoning_summary_text.delta', { item_id: 'rs_1', output_index: 0, summary_index: 0, delta: 'Look ' }),
  typed('reasoning_summary_text.delta', { item_id: 'rs_1', output_index: 0, summary_index: 0, delta: 'up.' }),
  typed('reasoning_summary_text.done', { item_id: 'rs_1', output_index: 0, summary_index: 0, text: 'Look up.' }),
  typed('output_item.done', { output_index: 0, item: thought }),
  typed('output_item.added', { output_index: 1, item: { id: 'msg_1', type: 'message', content: [] } }),
  typed('content_part.added', { item_id: 'msg_1', output_index: 1, content_index: 0 }),
  typed('output_text.delta', { item_id: 'msg_1', output_index: 1, content_index: 0, delta: 'Hel' }),
  typed('output_text.delta', { item_id: 'msg_1', output_index: 1, content_index: 0, delta: 'lo' }),
  typed('output_text.annotation.added', {
    item_id: 'msg_1',
    output_index: 1,
    content_index: 0,
    annotation_index: 0,
    annotation: message.content[0]?.annotations?.[0],
  }),
  typed('output_text.done', { item_id: 'msg_1', output_index: 1, content_index: 0, text: 'Hello' }),
  typed('refusal.delta', { item_id: 'msg_1', output_index: 1, content_index: 1, delta: 'No.' }),
  typed('refusal.done', { item_id: 'msg_1', output_index: 1, content_index: 1, refusal: 'No.' }),
  typed('output_item.done', { output_index: 1, item: message }),
  typed('output_item.added', { output_index: 2, item: { ...call, arguments: '' } }),
  typed('function_call_arguments.delta', { item_id: 'fc_1', output_index: 2, delta: '{"a"' }),
  typed('function_call_arguments.delta', { item_id: 'fc_1', output_index: 2, delta: ':1}' }),
  typed('function_call_arguments.done', { item_id: 'fc_1', output_index: 2, arguments: '{"a":1}' }),
  typed('output_item.done', { output_index: 2, item: call }),
  typed('output_item.added', { output_index: 3, item: { ...custom, input: '' } }),
  typed('custom_tool_call_input.delta', { item_id: 'ctc_1', output_index: 3, delta: 'l' }),
  typed('custom_tool_call_input.done', { item_id: 'ctc_1', output_index: 3, input: 'ls' }),
  typed('output_item.done', { output_index: 3, item: custom }),
  typed('image_generation_call.in_progress', { item_id: 'ig_1', output_index: 4 }),
  typed('output_item.done', { output_index: 4, item: picture }),
  completed(all),
];

const folded = {
  upstreamId: 'resp_1',
  usage: { input: 20, input_cache_read: 10, output: 8, output_reasoning: 12 },
  choices: [
    {
      blocks: [
        { type: 'reasoning', detail: { type: 'summary', text: 'Look up.', id: 'rs_1', format } },
        { type: 'reasoning', detail: { type: 'encrypted', data: 'gAAA', id: 'rs_1', format } },
        { type: 'text', text: 'Hello' },
        { type: 'tool-call', call: { callId: 'c1', name: 'f', argumentsText: '{"a":1}' } },
        { type: 'tool-call', call: { callId: 'c2', name: 'shell', argumentsText: '{"input":"ls"}' } },
      ],
      refusal: 'No.',
      citations: [{ url: 'https://a', title: 'A', start: 0, end: 5 }],
      images: ['data:image/webp;base64,AAAA'],
      audio: null,
      logprobs: null,
      finish: { unified: 'tool_calls', raw: 'completed' },
    },
  ],
};

describe('an answer', () => {
  test('as a stream with every piece', () => {
    expect(fold(eventsOf(...stream))).toEqual(folded);
    expect(decode(...stream)).toMatchObject({ failure: null, isEnd: true });
  });

  test('as a whole', () => {
    expect(fold(decodeBody({ id: 'resp_1', status: 'completed', output: all, usage }, family).events)).toEqual(folded);
  });

  test('as a stream without a single delta', () => {
    expect(fold(eventsOf(...stream.filter(({ type }) => !type.endsWith('.delta'))))).toEqual(folded);
  });

  test('as items that are only ever done', () => {
    expect(fold(eventsOf(...stream.filter(({ type }) => /created|item\.done|completed/.test(type))))).toEqual(folded);
  });

  test('as a last event that says it all', () => {
    expect(fold(eventsOf(completed(all)))).toEqual(folded);
  });

  test('is not told twice by a server that names its items anew at their end', () => {
    const renamed = all.map((item, index) => ({ ...item, id: `other_${index}` }));
    const events = eventsOf(...stream.slice(0, -1), completed(renamed));
    expect(fold(events).choices[0]?.blocks).toHaveLength(5);
  });
});

describe('calls', () => {
  test('arguments before their item belong to nobody until it is done', () => {
    const early = typed('function_call_arguments.delta', { item_id: 'fc_1', output_index: 0, delta: '{"a"' });
    expect(eventsOf(early)).toEqual([]);
    expect(fold(eventsOf(early, completed([call]))).choices[0]?.blocks).toEqual([
      { type: 'tool-call', call: { callId: 'c1', name: 'f', argumentsText: '{"a":1}' } },
    ]);
  });

  test('without an id, or with one that was there already, get one of ours', () => {
    const events = eventsOf(completed([call, { ...call, id: 'fc_2' }, { ...call, id: 'fc_3', call_id: '' }]));
    const ids = events.flatMap((event) => (event.type === 'tool-call-start' ? [event.callId] : []));
    expect(ids).toEqual(['c1', 'call_0_1', 'call_0_2']);
  });
});

describe('logprobs', () => {
  const entries = [{ token: 'Hi', logprob: -0.1, top_logprobs: [] }];
  const delta = typed('output_text.delta', {
    item_id: 'm',
    output_index: 0,
    content_index: 0,
    delta: 'Hi',
    logprobs: entries,
  });
  const whole = { id: 'm', type: 'message', content: [{ type: 'output_text', text: 'Hi', logprobs: entries }] };

  test.each([
    ['of pieces', [delta, completed([whole])]],
    ['of a whole part', [completed([whole])]],
  ])('%s are told once', (_name, list) => {
    expect(fold(eventsOf(...list)).choices[0]?.logprobs).toEqual(entries);
  });
});

describe('the end', () => {
  test.each([
    ['completed', null, 'stop', 'completed'],
    ['incomplete', { reason: 'max_output_tokens' }, 'length', 'max_output_tokens'],
    ['incomplete', { reason: 'content_filter' }, 'content_filter', 'content_filter'],
    ['incomplete', null, 'length', 'incomplete'],
  ])('%s because of %j', (status, details, unified, raw) => {
    const response = { id: 'r', status, output: [message], incomplete_details: details };
    for (const events of [eventsOf(typed(status, { response })), decodeBody(response, family).events]) {
      expect(events.at(-1)).toEqual({ type: 'finish', choice: 0, reason: { unified, raw } });
    }
  });

  test('that nobody tells is none', () => {
    const { events, failure } = decodeBody({ id: 'r', status: null, output: [], usage }, family);
    expect(failure).toBeNull();
    expect(events.map(({ type }) => type)).toEqual(['start', 'usage']);
  });

  test('of the bytes alone is no end of an answer', () => {
    const decoder = createDecoder(family);
    decoder.push(sse(stream[9]));
    expect(decoder.end()).toEqual({ events: [], failure: null, isEnd: true });
  });

  test('may be marked as in the other API', () => {
    expect(decode('[DONE]')).toEqual({ events: [], failure: null, isEnd: true });
  });
});

describe('usage', () => {
  const usageOf = (counts: unknown, output: unknown[] = []) =>
    eventsOf(completed(output, { usage: counts })).find((event) => event.type === 'usage');

  test('searches that the provider made are counted, pages that it opened are not', () => {
    const search = { type: 'web_search_call', id: 'ws_1', action: { type: 'search' } };
    const opened = { type: 'web_search_call', id: 'ws_2', action: { type: 'open_page' } };
    expect(usageOf(usage, [search, opened])).toMatchObject({ usage: { web_search: 1 } });
  });

  test.each([
    ['negative', { ...usage, output_tokens: -5 }],
    ['fractional', { ...usage, input_tokens: 1.5 }],
    ['parts larger than their whole', { ...usage, input_tokens_details: { cached_tokens: 99 } }],
  ])('that is %s is a claim that cannot be read', (_name, counts) => {
    expect(usageOf(counts)).toEqual({ type: 'usage', usage: null });
  });

  test.each([[undefined], [null], [{}], [{ input_tokens: 3 }]])('%j is none', (counts) => {
    expect(usageOf(counts)).toBeUndefined();
  });
});

describe('failures', () => {
  test.each([
    [
      'rate limit',
      typed('failed', { response: { status: 'failed', error: { code: 'rate_limit_exceeded', message: 'Slow.' } } }),
      'rate_limited',
      'Slow.',
    ],
    [
      'a prompt to blame',
      typed('failed', { response: { status: 'failed', error: { code: 'invalid_prompt', message: 'Bad.' } } }),
      'invalid_request',
      'Bad.',
    ],
    [
      'no reason',
      typed('failed', { response: { status: 'failed', error: null } }),
      'server_error',
      'The provider reported an error without a message.',
    ],
    [
      'an error event',
      { type: 'error', code: 'server_error', message: 'Broken.', param: null },
      'server_error',
      'Broken.',
    ],
    ['a nested error', { type: 'error', error: { type: 'overloaded_error', message: 'Busy.' } }, 'overloaded', 'Busy.'],
    ['an error of a proxy', { error: { message: 'Proxy.' } }, 'server_error', 'Proxy.'],
    [
      'no JSON',
      '{"type":"response.out',
      'invalid_response',
      'The provider sent a stream event that is not a JSON object.',
    ],
  ])('in a stream: %s', (_name, data, kind, sentence) => {
    expect(decode(data).failure).toMatchObject({ kind, message: sentence });
  });

  test('what was counted before a failure is not lost', () => {
    const response = { id: 'r', status: 'failed', error: { message: 'x' }, output: [], usage };
    expect(decode(typed('failed', { response }))).toMatchObject({
      events: [{ type: 'start' }, { type: 'usage', usage: { output_reasoning: 12 } }],
      failure: { kind: 'server_error' },
    });
  });

  test.each([
    [undefined, 'invalid_response'],
    [[], 'invalid_response'],
    [{}, 'invalid_response'],
    [{ error: { message: 'x', code: 'rate_limit_exceeded' } }, 'rate_limited'],
    [{ error: 'Broken.' }, 'server_error'],
    [{ error: 7 }, 'server_error'],
    [{ status: 'failed', output: [], error: { message: 'x' } }, 'server_error'],
    [{ status: 'queued', output: [] }, 'invalid_response'],
  ])('of a whole answer %j', (body, kind) => {
    expect(decodeBody(body, family).failure?.kind).toBe(kind);
  });
});

describe('nothing makes it throw', () => {
  test('no JSON at all', () => {
    fc.assert(fc.property(fc.array(fc.jsonValue()), (list) => void decode(...list)));
    fc.assert(fc.property(fc.jsonValue(), (body) => void decodeBody(body, family)));
  });

  test('no mutation of a real stream', () => {
    const wrong = fc.constantFrom<unknown>(null, 5, -1, '', [], {}, 'x', [null], { id: 1 });
    const key = fc.constantFrom(
      'type',
      'item',
      'item_id',
      'output_index',
      'content_index',
      'delta',
      'response',
      'text',
      'annotation',
    );
    fc.assert(
      fc.property(fc.shuffledSubarray(stream), key, wrong, fc.nat(30), (events, field, value, at) => {
        decode(...events.map((event, index) => (index === at % events.length ? { ...event, [field]: value } : event)));
      }),
    );
  });
});
