import {
  fold,
  foldedCalls,
  foldedReasoning,
  foldedText,
  type GenerationEvent,
  type JsonObject,
  type Prompt,
} from '@bourse/generation';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventMessage, exceptionMessage } from '../../test/event-stream-bytes.ts';
import { decodePrompt } from '../openai-chat/decode-prompt.ts';
import type { CalledFormat, Decoded } from '../wire-format.ts';
import { bedrockConverse, bedrockConverseFor } from './index.ts';
import { traitsOf } from './model-traits.ts';

const claude = bedrockConverseFor('anthropic.claude-sonnet-4-5-20250929-v1:0');
const nova = bedrockConverseFor('amazon.nova-pro-v1:0');
const llama = bedrockConverseFor('meta.llama3-3-70b-instruct-v1:0');

function promptOf(fields: object = {}): Prompt {
  return decodePrompt({ model: 'acme/sprint', messages: [{ role: 'user', content: 'Hi' }], ...fields });
}

type Frame = readonly [type: string, payload: unknown];

/** What comes of frames as the gateway reads them: up to the end or a failure. */
function decodeStream(frames: readonly Frame[], format: CalledFormat = claude, prompt = promptOf()) {
  const decoder = format.createDecoder(prompt);
  const taken: Decoded[] = [];
  const isOver = () => taken.some(({ isEnd, failure }) => isEnd || failure !== null);
  const parser = format.createParser?.((event) => {
    if (!isOver()) taken.push(decoder.push(event));
  });
  for (const [type, payload] of frames) {
    parser?.push(type.endsWith('Exception') ? exceptionMessage(type, String(payload)) : eventMessage(type, payload));
  }
  parser?.end();
  if (!isOver()) taken.push(decoder.end());
  const failure = taken.find((piece) => piece.failure !== null)?.failure ?? null;
  return { events: taken.flatMap(({ events }) => events), failure };
}

const start = (index: number, toolUse: object): Frame => [
  'contentBlockStart',
  { contentBlockIndex: index, start: { toolUse } },
];
const delta = (index: number, piece: object): Frame => [
  'contentBlockDelta',
  { contentBlockIndex: index, delta: piece, p: 'abc' },
];
const stop = (index: number): Frame => ['contentBlockStop', { contentBlockIndex: index }];
const begin: Frame = ['messageStart', { role: 'assistant' }];
const end = (stopReason: string): Frame => ['messageStop', { stopReason }];
const counted = { inputTokens: 10, outputTokens: 5, totalTokens: 15 };
const metadata = (usage: unknown = counted): Frame => ['metadata', { usage, metrics: { latencyMs: 12 } }];
const words = (text: string): Frame[] => [begin, delta(0, { text }), stop(0)];

function choiceOf(events: readonly GenerationEvent[]) {
  const [choice] = fold(events).choices;
  if (choice === undefined) throw new Error('no choice');
  return choice;
}

describe('a stream', () => {
  test('has its text, and its finish only with the usage that comes behind it', () => {
    const { events } = decodeStream([
      begin,
      delta(0, { text: 'He' }),
      delta(0, { text: 'y' }),
      stop(0),
      end('end_turn'),
      metadata(),
    ]);
    expect(events).toEqual([
      { type: 'text-delta', choice: 0, block: 0, text: 'He' },
      { type: 'text-delta', choice: 0, block: 0, text: 'y' },
      { type: 'usage', usage: { input: 10, output: 5 } },
      { type: 'finish', choice: 0, reason: { unified: 'stop', raw: 'end_turn' } },
    ]);
  });

  test('without usage finishes at the end of the bytes, and an unfinished one does not finish', () => {
    expect(decodeStream([...words('Hi'), end('max_tokens')]).events.at(-1)).toMatchObject({
      reason: { unified: 'length' },
    });
    expect(decodeStream(words('Hi')).events).toHaveLength(1);
  });

  test('whose usage comes first finishes all the same, once', () => {
    const { events } = decodeStream([...words('Hi'), metadata(), end('end_turn')]);
    expect(events.map(({ type }) => type)).toEqual(['text-delta', 'usage', 'finish']);
  });

  test('ends at its last event: what follows is no part of it', () => {
    const { events } = decodeStream([...words('Hi'), end('end_turn'), metadata(), delta(0, { text: 'more' })]);
    expect(choiceOf(events).blocks).toEqual([{ type: 'text', text: 'Hi' }]);
  });

  test('parallel calls keep apart, and one without arguments has an empty object', () => {
    const { events } = decodeStream([
      begin,
      delta(0, { text: 'So' }),
      start(1, { toolUseId: 'a', name: 'f' }),
      start(2, { toolUseId: 'b', name: 'g' }),
      delta(1, { toolUse: { input: '{"x"' } }),
      delta(2, { toolUse: { input: '' } }),
      delta(1, { toolUse: { input: ':1}' } }),
      stop(1),
      stop(2),
      end('tool_use'),
      metadata(),
    ]);
    expect(foldedCalls(choiceOf(events))).toEqual([
      { callId: 'a', name: 'f', argumentsText: '{"x":1}' },
      { callId: 'b', name: 'g', argumentsText: '{}' },
    ]);
    expect(choiceOf(events).finish).toEqual({ unified: 'tool_calls', raw: 'tool_use' });
  });

  test('calls with no id or one that was there before get one of their own', () => {
    const { events } = decodeStream([
      start(0, { name: 'f' }),
      start(1, { toolUseId: 'a', name: 'f' }),
      start(2, { toolUseId: 'a', name: 'f' }),
      end('end_turn'),
    ]);
    const ids = foldedCalls(choiceOf(events)).map(({ callId }) => callId);
    expect(new Set(ids).size).toBe(3);
    expect(choiceOf(events).finish?.unified).toBe('tool_calls');
  });

  test('names of tools are those of the client again', () => {
    const prompt = promptOf({ tools: [{ type: 'function', function: { name: 'a.b' } }] });
    const { events } = decodeStream([start(0, { toolUseId: '1', name: 'a_b' }), end('tool_use')], claude, prompt);
    expect(foldedCalls(choiceOf(events))).toEqual([expect.objectContaining({ name: 'a.b' })]);
  });

  test('thoughts have their signature, and encrypted ones are whole', () => {
    const { events } = decodeStream([
      delta(0, { reasoningContent: { text: 'H' } }),
      delta(0, { reasoningContent: { text: 'm' } }),
      delta(0, { reasoningContent: { signature: 's' } }),
      delta(1, { reasoningContent: { redactedContent: 'QUJD' } }),
      delta(2, { text: 'Hi' }),
      end('end_turn'),
    ]);
    const format = 'anthropic-claude-v1';
    expect(foldedReasoning(choiceOf(events))).toEqual([
      { type: 'text', text: 'Hm', signature: 's', format },
      { type: 'encrypted', data: 'QUJD', format },
    ]);
  });

  test('nobody but Claude signs, and what is hidden is no thought', () => {
    const frames = [
      delta(0, { reasoningContent: { text: '[REDACTED]' } }),
      delta(1, { reasoningContent: { text: 'Hm' } }),
      end('end_turn'),
    ];
    const { events } = decodeStream(frames, llama);
    expect(foldedReasoning(choiceOf(events))).toEqual([{ type: 'text', text: 'Hm', format: 'unknown' }]);
  });

  test.each([
    ['throttlingException', 'Too many requests', 'rate_limited', 429],
    ['validationException', 'Malformed input', 'invalid_request', 400],
    ['modelStreamErrorException', 'oops', 'server_error', 424],
    ['internalServerException', 'oops', 'server_error', 500],
    ['serviceUnavailableException', 'later', 'overloaded', 503],
    ['modelTimeoutException', 'slow', 'timeout', 408],
    ['somethingNewException', 'what', 'server_error', 200],
  ])('the frame %s is a failure, and keeps what came before it', (type, message, kind, status) => {
    const { events, failure } = decodeStream([...words('Hi'), [type, message]]);
    expect(failure).toMatchObject({ kind, status, message, code: type });
    expect(choiceOf(events).blocks).toHaveLength(1);
  });

  test('damaged bytes and payloads that are no JSON are failures', () => {
    const decoder = claude.createDecoder(promptOf());
    expect(decoder.push({ event: ':malformed', data: 'Broken.' }).failure).toMatchObject({ kind: 'invalid_response' });
    for (const data of ['', '{', '[]', '"x"']) {
      expect(decoder.push({ event: 'metadata', data }).failure).toMatchObject({ kind: 'invalid_response' });
    }
  });
});

describe('the reason for the end', () => {
  test.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['content_filtered', 'content_filter'],
    ['guardrail_intervened', 'content_filter'],
    ['malformed_model_output', 'error'],
    ['malformed_tool_use', 'error'],
    ['constructor', 'stop'],
    ['tool_use', 'stop'],
  ])('%s without a call is %s', (raw, unified) => {
    expect(decodeStream([...words('Hi'), end(raw), metadata()]).events.at(-1)).toMatchObject({
      reason: { unified, raw },
    });
  });
});

describe('usage', () => {
  const usageOf = (usage: unknown) =>
    fold(decodeStream([...words('Hi'), end('end_turn'), metadata(usage)]).events).usage;

  test('counts what the cache gave and took beside what was read afresh, by the time that it is kept', () => {
    const cached = { ...counted, totalTokens: 1015, cacheReadInputTokens: 700, cacheWriteInputTokens: 300 };
    expect(usageOf(cached)).toEqual({ input: 10, output: 5, input_cache_read: 700, input_cache_write: 300 });
    const cacheDetails = [
      { ttl: '1h', inputTokens: 200 },
      { ttl: '5m', inputTokens: 100 },
    ];
    expect(usageOf({ ...cached, cacheDetails })).toEqual({
      input: 10,
      output: 5,
      input_cache_read: 700,
      input_cache_write: 100,
      input_cache_write_1h: 200,
    });
  });

  test('of zero is zero and not unknown', () => {
    expect(usageOf({ inputTokens: 0, outputTokens: 0 })).toEqual({ input: 0, output: 0 });
  });

  test.each([
    { ...counted, inputTokens: -1 },
    { ...counted, outputTokens: 1.5 },
    { ...counted, inputTokens: 1e12 },
    { ...counted, outputTokens: '5' },
    { ...counted, totalTokens: 3 },
    { ...counted, cacheReadInputTokens: -7 },
    { ...counted, cacheWriteInputTokens: 1, cacheDetails: [{ ttl: '1h', inputTokens: 2 }] },
  ])('that cannot be true is unreadable: %j', (usage) => {
    const { events } = decodeStream([...words('Hi'), end('end_turn'), metadata(usage)]);
    expect(events).toContainEqual({ type: 'usage', usage: null });
  });

  test.each([null, {}, { inputTokens: 5 }, 'x'])('that is missing is not claimed: %j', (usage) => {
    const { events } = decodeStream([...words('Hi'), end('end_turn'), metadata(usage)]);
    expect(events.map(({ type }) => type)).toEqual(['text-delta', 'finish']);
  });
});

describe('a form of the answer that is a tool', () => {
  const schema = { type: 'object', properties: { n: { type: 'integer' } } };
  const format = { response_format: { type: 'json_schema', json_schema: { name: 'count', schema } } };
  const answer = [
    start(1, { toolUseId: 'a', name: 'json_response' }),
    delta(1, { toolUse: { input: '{"n"' } }),
    delta(1, { toolUse: { input: ':1}' } }),
    stop(1),
  ];

  test('comes back as text piece by piece, and ends with stop', () => {
    const { events } = decodeStream([...answer, end('tool_use'), metadata()], nova, promptOf(format));
    expect(events).toEqual([
      { type: 'text-delta', choice: 0, block: 0, text: '{"n"' },
      { type: 'text-delta', choice: 0, block: 0, text: ':1}' },
      { type: 'usage', usage: { input: 10, output: 5 } },
      { type: 'finish', choice: 0, reason: { unified: 'stop', raw: 'tool_use' } },
    ]);
  });

  test('loses the words around it, and a second one', () => {
    const again = [
      start(2, { toolUseId: 'b', name: 'json_response' }),
      delta(2, { toolUse: { input: '{"n":2}' } }),
      stop(2),
    ];
    const { events } = decodeStream(
      [...words('Here it is:'), ...answer, ...again, end('tool_use')],
      nova,
      promptOf(format),
    );
    expect(foldedText(choiceOf(events))).toBe('{"n":1}');
  });

  test('that the model did without leaves its words, and so does a call of the client', () => {
    const plain = decodeStream([...words('{"n":1}'), end('end_turn')], nova, promptOf(format));
    expect(foldedText(choiceOf(plain.events))).toBe('{"n":1}');
    const tools = [{ type: 'function', function: { name: 'look' } }];
    const call = [...words('Wait'), start(1, { toolUseId: 'a', name: 'look' }), stop(1), end('tool_use')];
    const called = choiceOf(decodeStream(call, nova, promptOf({ ...format, tools })).events);
    expect(called.blocks.map(({ type }) => type)).toEqual(['text', 'tool-call']);
    expect(called.finish?.unified).toBe('tool_calls');
  });

  test('is nothing special where the model has an output format, or nobody asked', () => {
    const { events } = decodeStream([...answer, end('tool_use')], claude, promptOf(format));
    expect(foldedCalls(choiceOf(events))).toEqual([{ callId: 'a', name: 'json_response', argumentsText: '{"n":1}' }]);
  });
});

describe('a whole answer', () => {
  const body = (content: unknown, more: object = {}) => ({
    output: { message: { role: 'assistant', content } },
    stopReason: 'end_turn',
    usage: counted,
    ...more,
  });

  test('has blocks of all kinds', () => {
    const content = [
      { reasoningContent: { reasoningText: { text: 'Hm', signature: 's' } } },
      { reasoningContent: { redactedContent: 'QUJD' } },
      { text: 'Hi' },
      { citationsContent: { content: [{ text: 'cited' }], citations: [] } },
      { image: { format: 'png', source: { bytes: 'AAAA' } } },
      { toolUse: { toolUseId: 'a', name: 'f', input: { x: 1 } } },
    ];
    const { events } = claude.decodeBody(body(content, { stopReason: 'tool_use' }), promptOf());
    const choice = choiceOf(events);
    expect(choice.blocks.map(({ type }) => type)).toEqual(['reasoning', 'reasoning', 'text', 'text', 'tool-call']);
    expect(choice.images).toEqual(['data:image/png;base64,AAAA']);
    expect(foldedCalls(choice)).toEqual([{ callId: 'a', name: 'f', argumentsText: '{"x":1}' }]);
    expect(fold(events).usage).toEqual({ input: 10, output: 5 });
  });

  test.each([null, [], 'x', {}, { output: {} }, { output: { message: { content: 'x' } } }])('%j is none', (value) => {
    expect(claude.decodeBody(value, promptOf()).failure).toMatchObject({ kind: 'invalid_response' });
  });

  test('may be an exception under 200', () => {
    const thrown = { __type: 'com.amazon.coral.service#ThrottlingException', message: 'slow down' };
    expect(claude.decodeBody(thrown, promptOf()).failure).toMatchObject({ kind: 'rate_limited', message: 'slow down' });
    expect(claude.decodeBody({ message: 'no' }, promptOf()).failure).toMatchObject({ kind: 'server_error' });
  });

  test('without words and reason has no finish, without a reason it has', () => {
    expect(claude.decodeBody(body([], { stopReason: null }), promptOf()).events).toEqual([
      { type: 'usage', usage: { input: 10, output: 5 } },
    ]);
    expect(
      claude.decodeBody(body([{ text: 'Hi' }], { stopReason: undefined }), promptOf()).events.at(-1),
    ).toMatchObject({ reason: { unified: 'stop', raw: null } });
  });
});

const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 });
const blockOf: fc.Arbitrary<JsonObject> = fc.oneof(
  word.map((text) => ({ text })),
  fc.record({ text: word, signature: word }).map((reasoningText) => ({ reasoningContent: { reasoningText } })),
  word.map((redactedContent) => ({ reasoningContent: { redactedContent } })),
  fc
    .record({
      toolUseId: word,
      name: fc.constantFrom('f', 'json_response'),
      input: fc.constantFrom({}, { a: 'b' }, { n: [1] }),
    })
    .map((toolUse) => ({ toolUse })),
);

/** The frames of a block as a model streams it, in as many pieces as it has letters. */
function framesOf(block: JsonObject, index: number): Frame[] {
  const { text, toolUse, reasoningContent } = block;
  if (typeof text === 'string') return [...Array.from(text, (piece) => delta(index, { text: piece })), stop(index)];
  if (typeof toolUse === 'object' && toolUse !== null && 'toolUseId' in toolUse) {
    const { toolUseId, name, input } = toolUse;
    const json = JSON.stringify(input);
    return [
      start(index, { toolUseId, name }),
      ...Array.from(json, (piece) => delta(index, { toolUse: { input: piece } })),
      stop(index),
    ];
  }
  if (typeof reasoningContent !== 'object' || reasoningContent === null || !('reasoningText' in reasoningContent)) {
    return [delta(index, { reasoningContent }), stop(index)];
  }
  const { reasoningText } = reasoningContent;
  const { text: thought, signature } = reasoningText as { text: string; signature: string }; // made above
  return [
    ...Array.from(thought, (piece) => delta(index, { reasoningContent: { text: piece } })),
    delta(index, { reasoningContent: { signature } }),
    stop(index),
  ];
}

describe('the laws', () => {
  const schema = { type: 'object' };
  const prompts = [
    promptOf(),
    promptOf({ response_format: { type: 'json_schema', json_schema: { name: 'c', schema } } }),
  ];

  test('a streamed answer is the same as a whole one', () => {
    const anyPrompt = fc.constantFrom(...prompts);
    fc.assert(
      fc.property(
        fc.array(blockOf, { minLength: 1, maxLength: 6 }),
        anyPrompt,
        fc.constantFrom(claude, nova, llama),
        (content, prompt, format) => {
          const whole = format.decodeBody(
            { output: { message: { content } }, stopReason: 'tool_use', usage: counted },
            prompt,
          );
          const streamed = decodeStream(
            [begin, ...content.flatMap(framesOf), end('tool_use'), metadata()],
            format,
            prompt,
          );
          expect(fold(streamed.events)).toEqual(fold(whole.events));
        },
      ),
    );
  });

  test('nothing that a provider sends makes the decoders throw', () => {
    const type = fc.constantFrom(
      'contentBlockStart',
      'contentBlockDelta',
      'contentBlockStop',
      'messageStop',
      'metadata',
      ':exception',
      ':malformed',
      'x',
      null,
    );
    const member = fc.constantFrom(
      'contentBlockIndex',
      'start',
      'delta',
      'toolUse',
      'reasoningContent',
      'text',
      'stopReason',
      'usage',
      'input',
      '__type',
      'message',
      'output',
      'content',
      'constructor',
    );
    const payload = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(member, fc.oneof(fc.jsonValue(), fc.dictionary(member, fc.jsonValue()), fc.nat(2))),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(type, payload), { maxLength: 8 }),
        fc.constantFrom(...prompts),
        (frames, prompt) => {
          const decoder = nova.createDecoder(prompt);
          for (const [event, value] of frames) {
            decoder.push({ event, data: JSON.stringify(value) });
            nova.decodeBody(value, prompt);
            nova.decodeError(400, JSON.stringify(value), {});
          }
          decoder.end();
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('errors', () => {
  const format = bedrockConverse(traitsOf('meta.llama3-3-70b-instruct-v1:0'));

  test.each([
    [400, 'ValidationException', 'The text field is blank.', 'invalid_request'],
    [400, 'ValidationException', 'Input is too long for requested model.', 'context_length_exceeded'],
    [400, 'ValidationException', 'prompt is too long: 210000 tokens > 200000 maximum', 'context_length_exceeded'],
    [400, 'ValidationException', 'The provided model identifier is invalid.', 'not_found'],
    [400, 'ServiceQuotaExceededException', 'Quota.', 'rate_limited'],
    [403, 'AccessDeniedException', "You don't have access to the model.", 'forbidden'],
    [403, 'UnrecognizedClientException', 'The security token is invalid.', 'unauthenticated'],
    [403, 'InvalidSignatureException', 'The signature does not match.', 'unauthenticated'],
    [403, 'ExpiredTokenException', 'Expired.', 'unauthenticated'],
    [404, 'ResourceNotFoundException', 'No such model.', 'not_found'],
    [408, 'ModelTimeoutException', 'Slow.', 'timeout'],
    [424, 'ModelErrorException', 'The model failed.', 'server_error'],
    [429, 'ThrottlingException', 'Too many requests.', 'rate_limited'],
    [429, 'ModelNotReadyException', 'Warming up.', 'overloaded'],
    [500, 'InternalServerException', 'Oops.', 'server_error'],
    [503, 'ServiceUnavailableException', 'Later.', 'overloaded'],
    [418, 'BrandNewException', 'Tea.', 'invalid_request'],
  ])('%d %s (%s) is %s, named in a header or in the body', (status, name, message, kind) => {
    const expected = { kind, status, message, code: name };
    const header = { 'x-amzn-errortype': `${name}:http://internal.amazon.com/` };
    expect(format.decodeError(status, JSON.stringify({ message }), header)).toMatchObject(expected);
    const body = JSON.stringify({ __type: `com.amazon.coral#${name}`, Message: message });
    expect(format.decodeError(status, body, {})).toMatchObject(expected);
  });

  test('names of accounts and resources stay inside', () => {
    const message =
      'User: arn:aws:iam::123456789012:user/ops is not authorized on arn:aws-us-gov:bedrock:x::y in 123456789012';
    const failure = format.decodeError(403, JSON.stringify({ message }), {
      'x-amzn-errortype': 'AccessDeniedException',
    });
    expect(failure.message).toBe('User: [redacted] is not authorized on [redacted] in [redacted]');
  });

  test.each([
    ['', 'an empty body'],
    ['<html><body>x</body></html>', 'an HTML page'],
  ])('a body of %j is told as what it is', (body, words) => {
    expect(format.decodeError(502, body, {})).toMatchObject({
      kind: 'server_error',
      message: expect.stringContaining(words),
    });
  });

  test('a throttled call says when to come back', () => {
    expect(format.decodeError(429, '{"message":"m"}', { 'retry-after': '7' })).toMatchObject({
      kind: 'rate_limited',
      retryAfterSeconds: 7,
    });
  });
});
