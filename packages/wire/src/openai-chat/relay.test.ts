import { AppError } from '@bourse/errors';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contextWith } from '../../test/any-answer.ts';
import { parseFrames, renderedText } from '../../test/lane-harness.ts';
import type { SseEvent } from '../sse.ts';
import type { AnswerContext, LaneEvent, UsageReport } from '../wire-format.ts';
import { readFacts } from './answer-facts.ts';
import { relay } from './relay.ts';

const context: AnswerContext = {
  ...contextWith(),
  head: { id: 'gen-1', model: 'acme/sprint', provider: 'Fast "Host"', createdUnixSeconds: 7 },
};
const report: UsageReport = {
  usage: { input: 9, output: 2 },
  costUsd: '0.0000051',
  upstreamCostUsd: '0.0000049',
  isEstimated: false,
};
const event = (data: unknown, name: string | null = null): SseEvent => ({
  event: name,
  data: typeof data === 'string' ? data : JSON.stringify(data),
});

/** The data of the frame that the client gets; null when it gets none. Anything else than one whole frame is refused. */
function dataOf({ text }: LaneEvent): string | null {
  if (text === '') return null;
  const [, data] = /^data: (.*)\n\n$/s.exec(text) ?? [];
  if (data === undefined) throw new Error(`no frame: ${text}`);
  return data;
}

/** One event on a lane of its own. */
function relayed(sent: SseEvent, lane = relay.open(context)) {
  const taken = lane.event(sent);
  return { data: dataOf(taken), facts: taken.facts, isEnd: taken.isEnd };
}

const opening = '{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1786000000,"model":"m-2026"';

describe('an event on the relay lane', () => {
  test('writes our id, model and provider, and every other byte passes as it came', () => {
    const tail =
      '"choices":[{"index":0,"delta":{"content":"h\\u00e9 \\/"},"logprobs":null,"x":1.0}],"big":12345678901234567890 }';
    expect(relayed(event(`${opening},"service_tier":"default",${tail}`)).data).toBe(
      '{"id":"gen-1","object":"chat.completion.chunk","created":1786000000,"model":"acme/sprint","service_tier":"default",' +
        `"provider":"Fast \\"Host\\"",${tail}`,
    );
  });

  test('replaces the provider that another marketplace named', () => {
    const { data } = relayed(event(`${opening},"provider":"Other","choices":[]}`));
    expect(JSON.parse(data ?? '')).toMatchObject({ provider: 'Fast "Host"' });
    expect(data).not.toContain('Other');
  });

  test.each([
    `${opening},"choices":[{"index":0,"delta":{}}],"usage":null}`,
    `${opening},"choices":[{"index":0,"delta":{}}], "usage" : null }`,
    `${opening},"usage":null,"choices":[{"index":0,"delta":{}}]}`,
    `${opening},"choices":[{"index":0,"delta":{}}],"usage":{"prompt_tokens":1,"completion_tokens":1},"z":1}`,
    `${opening},"usage":{"prompt_tokens":1},"choices":[{"index":0,"delta":{}}],"usage":null}`,
    `${opening},"choices":[{"index":0,"delta":{"content":"\\"usage\\":null}"}}],"usage":null}`,
  ])('never shows the usage of the provider: %s', (data) => {
    const { data: sent } = relayed(event(data));
    expect(Object.keys(JSON.parse(sent ?? ''))).not.toContain('usage');
    expect(JSON.parse(sent ?? '').choices).toEqual(JSON.parse(data).choices);
  });

  test('swallows the usage chunk and tells what it said', () => {
    const usage = { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 };
    for (const choices of ['before', 'after']) {
      const chunk = choices === 'before' ? { id: 'c', choices: [], usage } : { id: 'c', usage, choices: [] };
      const taken = relayed(event(chunk));
      expect(taken.data).toBeNull();
      expect(taken.facts.usage).toEqual({ input: 9, output: 2 });
    }
  });

  test('keeps what rides on the usage chunk, without the usage', () => {
    const chunk = {
      id: 'c',
      model: 'm',
      choices: [],
      citations: ['https://x'],
      usage: { prompt_tokens: 1, completion_tokens: 1 },
    };
    const taken = relayed(event(chunk));
    expect(JSON.parse(taken.data ?? '')).toEqual({
      id: 'gen-1',
      model: 'acme/sprint',
      provider: 'Fast "Host"',
      choices: [],
      citations: ['https://x'],
    });
    expect(taken.facts.usage).toEqual({ input: 1, output: 1 });
  });

  test('passes a chunk with no choices that carries news, such as content filter results', () => {
    const taken = relayed(event({ id: 'c', choices: [], prompt_filter_results: [1] }));
    expect(JSON.parse(taken.data ?? '')).toMatchObject({ prompt_filter_results: [1] });
  });

  test.each(['[DONE]', ' [DONE] '])('knows the end mark %j, as often as it comes', (data) => {
    const lane = relay.open(context);
    expect(relayed(event(data), lane)).toMatchObject({ data: null, isEnd: true });
    expect(relayed(event(data), lane)).toMatchObject({ data: null, isEnd: true });
  });

  test.each(['', '  ', { type: 'ping' }, { id: 'c' }, { id: 'c', choices: null }])(
    'swallows what has no choices and is no error: %j',
    (data) => {
      expect(relayed(event(data))).toMatchObject({ data: null, isEnd: false, facts: { error: null } });
    },
  );

  test.each([
    ['a top-level error', { error: { code: 429, message: 'slow', type: 'x' } }, 'rate_limited'],
    [
      'an error beside choices',
      { choices: [{ index: 0, delta: {} }], error: { message: 'org-abcdef12 died' } },
      'server_error',
    ],
    ['an error before choices', { error: { code: 502, message: 'x' }, choices: [] }, 'server_error'],
    ['an error as text', { error: 'boom' }, 'server_error'],
    ['an error of a choice', { choices: [{ index: 0, delta: {}, error: { code: 503, message: 'x' } }] }, 'overloaded'],
    ['a finish by error', { choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }] }, 'server_error'],
    ['the older vLLM error', { object: 'error', message: 'too long', code: 400 }, 'invalid_request'],
    ['a list', [], 'invalid_response'],
    ['a number', 5, 'invalid_response'],
    ['cut JSON', '{"id":"c","choices":[{"ind', 'invalid_response'],
    ['HTML', '<html>', 'invalid_response'],
  ])('reports %s and lets none of it through', (_name, data, kind) => {
    const taken = relayed(event(data));
    expect(taken).toMatchObject({ data: null, facts: { error: { kind } } });
    expect(JSON.stringify(taken)).not.toContain('org-abcdef12');
  });

  test('treats an event named error as an error, JSON or not', () => {
    expect(relayed(event({ message: 'x' }, 'error')).facts.error?.kind).toBe('server_error');
    expect(relayed(event({ error: { code: 429, message: 'x' } }, 'error')).facts.error?.kind).toBe('rate_limited');
    expect(relayed(event('boom', 'error')).facts.error?.message).toBe('boom');
    expect(relayed(event({ choices: [{ delta: {} }] }, 'error'))).toMatchObject({ data: null });
  });

  test('does not mistake a null error for one', () => {
    expect(relayed(event({ id: 'c', error: null, choices: [{ index: 0, delta: { content: 'a' } }] }))).toMatchObject({
      facts: { error: null, outputText: 'a' },
    });
  });

  test('tells text, reasoning, refusal and tool arguments', () => {
    const delta = {
      role: 'assistant',
      reasoning: 'r',
      reasoning_content: 'r',
      reasoning_details: [{ type: 'reasoning.text', text: 'r' }],
      content: 'c',
      refusal: 'f',
      tool_calls: [{ index: 0, id: 'i', function: { name: 'n', arguments: '{"a"' } }],
    };
    const taken = relayed(event({ id: 'c', choices: [{ index: 0, delta, finish_reason: 'tool_calls' }] }));
    expect(taken.facts).toEqual({
      usage: null,
      finish: { unified: 'tool_calls', raw: 'tool_calls' },
      upstreamId: 'c',
      outputText: 'rcf{"a"',
      isUsageUnreadable: false,
      hasOutput: true,
      toolCalls: [{ key: '0:0', name: 'n', argumentsText: '{"a"' }],
      error: null,
    });
  });

  test.each([
    ['DeepSeek reasoning', { reasoning_content: 'think' }, 'think'],
    ['reasoning details alone', { reasoning_details: [{ text: 'a' }, { summary: 'b' }, { data: 'x' }, null] }, 'ab'],
    [
      'Mistral parts',
      {
        content: [
          { type: 'thinking', thinking: [{ text: 't' }] },
          { type: 'text', text: 'c' },
        ],
      },
      'tc',
    ],
    ['a legacy call', { function_call: { name: 'f', arguments: '{}' } }, '{}'],
    ['a transcript', { audio: { transcript: 'hi', data: 'AAAA' } }, 'hi'],
    ['nothing', { content: null, tool_calls: [], refusal: null }, ''],
  ])('counts %s', (_name, delta, text) => {
    expect(relayed(event({ choices: [{ index: 0, delta }] })).facts.outputText).toBe(text);
  });

  test('survives quirks: null deltas, choices that are no objects', () => {
    expect(relayed(event({ choices: [{ index: 0, delta: null }, null, 7] })).facts).toMatchObject({
      outputText: '',
      error: null,
    });
  });
});

const json = fc.jsonValue({ depthSize: 'small' }).filter((value) => !JSON.stringify(value).includes('\\\\'));
const words = fc.string({ unit: 'grapheme', maxLength: 12 });
const deltas = fc.record(
  {
    role: fc.constant('assistant'),
    content: fc.option(words),
    reasoning: fc.option(words),
    refusal: fc.option(words),
    extra: json,
  },
  { requiredKeys: [] },
);
const choice = fc.record(
  {
    index: fc.nat(3),
    delta: fc.option(deltas),
    finish_reason: fc.constantFrom(null, 'stop', 'length'),
    logprobs: json,
  },
  { requiredKeys: ['index'] },
);
const usages = fc.constantFrom(null, { prompt_tokens: 3, completion_tokens: 4 }, { prompt_tokens: -1 }, 'x');
const members = fc.record(
  {
    id: fc.constantFrom('chatcmpl-1', 'chatcmpl-2', 7, null),
    object: fc.constant('chat.completion.chunk'),
    created: fc.constantFrom(1, 2),
    model: fc.constantFrom('m', 'other'),
    provider: fc.constantFrom('X', null),
    error: fc.constant(null),
    choices: fc.array(choice, { maxLength: 3 }),
    usage: usages,
    future: json,
  },
  { requiredKeys: ['choices'] },
);
/** Members in any order, as JSON with or without white space. */
const chunkText = fc
  .tuple(members, fc.array(fc.nat(8), { minLength: 9, maxLength: 9 }), fc.boolean())
  .map(([chunk, order, isSpaced]) => {
    const entries = Object.entries(chunk).map((entry, index) => ({ entry, rank: order[index] ?? 0 }));
    const shuffled = Object.fromEntries(entries.sort((a, b) => a.rank - b.rank).map(({ entry }) => entry));
    return JSON.stringify(shuffled, null, isSpaced ? 1 : undefined);
  });

describe('the relay of any stream', () => {
  test('changes id, model, provider and usage, nothing else, and loses no text', () => {
    fc.assert(
      fc.property(fc.array(chunkText, { minLength: 1, maxLength: 6 }), (texts) => {
        const lane = relay.open(context);
        for (const text of texts) {
          const source = JSON.parse(text);
          const { data, facts } = relayed(event(text), lane);
          expect(facts).toEqual(readFacts(source, 'delta'));
          if (data === null) {
            expect(source.choices).toEqual([]);
            continue;
          }
          const { usage: _swallowed, ...rest } = source;
          expect(JSON.parse(data)).toEqual({ ...rest, id: 'gen-1', model: 'acme/sprint', provider: 'Fast "Host"' });
        }
      }),
      { numRuns: 500 },
    );
  });

  test('gives each chunk the same bytes whatever came before it in the stream', () => {
    fc.assert(
      fc.property(fc.array(chunkText, { minLength: 2, maxLength: 6 }), (texts) => {
        const lane = relay.open(context);
        for (const text of texts) {
          const { data: inStream } = relayed(event(text), lane);
          const { data: alone } = relayed(event(text));
          expect(inStream === null ? null : JSON.parse(inStream)).toEqual(alone === null ? null : JSON.parse(alone));
          expect(inStream).toBe(alone);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('never throws for any text', () => {
    const pieces = fc.array(
      fc.oneof(
        fc.constantFrom('{', '}', '[', ']', '"', ',', ':', '"choices"', '"usage"', '"id"', 'null', '1', '\\'),
        fc.string({ maxLength: 4 }),
      ),
      { maxLength: 20 },
    );
    const texts = fc.array(fc.tuple(fc.boolean(), pieces), { maxLength: 4 });
    fc.assert(
      fc.property(texts, (list) => {
        const lane = relay.open(context);
        lane.event(event(`${opening},"choices":[]}`));
        for (const [hasOpening, parts] of list) {
          const text = `${hasOpening ? `${opening},` : ''}${parts.join('')}`;
          const { data } = relayed(event(text), lane);
          if (data !== null) expect(() => JSON.parse(text)).not.toThrow();
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('relay.body', () => {
  const body = `{
  "id": "chatcmpl-1", "object": "chat.completion", "created": 1786000000, "model": "m-2026",
  "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hei", "annotations": []}, "finish_reason": "stop"}],
  "usage": {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}, "cost_in_ticks": 12345678901234567890
}`;

  test('reads the facts and waits for the money', () => {
    const taken = relay.body(body, context);
    expect(taken.facts).toEqual({
      usage: { input: 9, output: 2 },
      finish: { unified: 'stop', raw: 'stop' },
      upstreamId: 'chatcmpl-1',
      outputText: 'Hei',
      isUsageUnreadable: false,
      hasOutput: true,
      error: null,
    });
    const rendered = renderedText(taken, report);
    expect(JSON.parse(rendered)).toMatchObject({
      id: 'gen-1',
      model: 'acme/sprint',
      provider: 'Fast "Host"',
      usage: { prompt_tokens: 9, cost: 0.0000051, cost_details: { upstream_inference_cost: 0.0000049 } },
    });
    expect(rendered).toContain('"cost":0.0000051,');
    expect(rendered).toContain('"cost_in_ticks": 12345678901234567890');
    expect(rendered).toContain(
      '"choices": [{"index": 0, "message": {"role": "assistant", "content": "Hei", "annotations": []}',
    );
  });

  test('adds a usage where the provider gave none', () => {
    const taken = relay.body('{"choices":[{"message":{"content":"a"}}]}', context);
    expect(taken.facts.usage).toBeNull();
    expect(JSON.parse(renderedText(taken, { ...report, isEstimated: true }))).toMatchObject({
      usage: { total_tokens: 11, is_estimated: true },
    });
  });

  test.each(['', '<html></html>', 'null', '[]', '"a"', '{}', '{"choices":[]}', '{"choices":{}}', '{"choices":[{"mess'])(
    'refuses %j as a failure of the provider, without quoting it',
    (text) => {
      const { error } = relay.body(text, context).facts;
      expect(error?.kind).toBe('invalid_response');
      if (text !== '') expect(error?.message).not.toContain(text);
    },
  );

  test('classifies an error under 200', () => {
    expect(relay.body('{"error":{"code":429,"message":"slow"}}', context).facts.error?.kind).toBe('rate_limited');
    const ended = '{"choices":[{"finish_reason":"error","message":{}}]}';
    expect(relay.body(ended, context).facts.error?.kind).toBe('server_error');
  });

  test('keeps every unknown field of any body', () => {
    fc.assert(
      fc.property(members, json, (chunk, message) => {
        const source = { ...chunk, choices: [{ index: 0, message }] };
        const rendered = JSON.parse(renderedText(relay.body(JSON.stringify(source), context), report));
        const {
          id: _id,
          model: _model,
          provider: _provider,
          usage: _usage,
          ...kept
        } = JSON.parse(JSON.stringify(source));
        expect(rendered).toMatchObject(kept);
      }),
    );
  });
});

describe('how a relayed stream ends', () => {
  const lane = () => relay.open(context);

  test('with a chunk without choices that carries the money, and the end mark', () => {
    const [first, mark, ...more] = parseFrames(lane().finish(report)).map(({ data }) => data);
    const chunk = JSON.parse(first ?? '');
    expect(chunk).toMatchObject({
      id: 'gen-1',
      object: 'chat.completion.chunk',
      created: 7,
      model: 'acme/sprint',
      provider: 'Fast "Host"',
      choices: [],
    });
    expect(chunk.usage).toMatchObject({ prompt_tokens: 9, completion_tokens: 2, total_tokens: 11, cost: 0.0000051 });
    expect(mark).toBe('[DONE]');
    expect(more).toEqual([]);
  });

  test('with the cost digit by digit', () => {
    expect(lane().finish({ ...report, costUsd: '123456789.123456789' })).toContain('"cost":123456789.123456789,');
  });

  test('with an error, and nothing after it, when it broke off', () => {
    const open = lane();
    open.event(event({ id: 'c', choices: [{ index: 0, delta: { content: 'a' } }] }));
    const frames = parseFrames(open.fail(new AppError('provider_failed', 'It broke.')));
    expect(frames).toHaveLength(1);
    expect(JSON.parse(frames[0]?.data ?? '')).toMatchObject({
      id: 'gen-1',
      provider: 'Fast "Host"',
      error: { code: 502, message: 'It broke.' },
      choices: [{ index: 0, finish_reason: 'error' }],
    });
  });

  test('with nothing of its own when the bytes are over: a cut stream stays cut', () => {
    const open = lane();
    open.event(event({ id: 'c', choices: [{ index: 0, delta: { content: 'a' } }] }));
    expect(open.end()).toMatchObject({ text: '', facts: { finish: null, hasOutput: false, error: null } });
  });
});
