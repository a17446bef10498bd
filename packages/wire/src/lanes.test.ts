import { AppError } from '@bourse/errors';
import {
  type FoldedBlock,
  type FoldedChoice,
  type FoldedGeneration,
  fold,
  foldedText,
  type GenerationEvent,
  isJsonObject,
} from '@bourse/generation';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyAnswer, contextWith, promptWith, report } from '../test/any-answer.ts';
import { cutBytes, parseFrames, passThrough, renderedText } from '../test/lane-harness.ts';
import { failed, nothingDecoded } from './facts.ts';
import { type Crossing, openBody, openLane } from './lanes.ts';
import { openaiChat } from './openai-chat/index.ts';
import { parseJson } from './parse-json.ts';
import { decodeError, invalidResponse } from './provider-failure.ts';
import type { CalledFormat, Decoded, ServedFormat } from './wire-format.ts';

/** A second dialect, as small as one can be: a provider says `{"say":"a"}`, `{"think":"b"}`, `{"fail":"c"}`, and `{"over":true}`. */
function tinyEvents(said: unknown): Decoded {
  if (!isJsonObject(said)) return failed(invalidResponse('no JSON'));
  const { say, think, fail, over } = said;
  const events: GenerationEvent[] = [];
  if (typeof think === 'string')
    events.push({ type: 'reasoning-delta', choice: 0, block: 0, kind: 'text', text: think, format: 'unknown' });
  if (typeof say === 'string') events.push({ type: 'text-delta', choice: 0, block: 1, text: say });
  if (over === true) {
    events.push({ type: 'usage', usage: { input: 1, output: 2 } });
    events.push({ type: 'finish', choice: 0, reason: { unified: 'stop', raw: 'over' } });
  }
  return typeof fail === 'string'
    ? failed({ ...invalidResponse(fail), kind: 'overloaded' }, events)
    : { events, failure: null, isEnd: over === true };
}

const tinyCalled: CalledFormat = {
  id: 'gemini',
  lacks: () => null,
  encodePrompt: () => ({}),
  streamType: 'text/event-stream',
  createDecoder: () => ({ push: ({ data }) => tinyEvents(parseJson(data)), end: () => nothingDecoded }),
  decodeBody: (body) => tinyEvents(body),
  decodeError,
};

/** Towards its clients it writes one line for each event, and nothing for what it has no words for. */
const tinyServed: ServedFormat = {
  id: 'gemini',
  keepAlive: '',
  decodePrompt: () => promptWith(),
  createEncoder: ({ head }) => ({
    push: (events) =>
      events
        .map((event) => (event.type === 'text-delta' ? `${head.id} says ${event.text}\n` : `${event.type}\n`))
        .join(''),
    finish: ({ costUsd }) => `paid ${costUsd}\n`,
    fail: ({ code }) => `failed ${code}\n`,
  }),
  encodeBody: ({ choices }, { head }, { costUsd }) =>
    `${head.id} says ${choices.map(foldedText).join('|')} for ${costUsd}`,
  encodeError: ({ code }) => ({ code }),
};

const relayed: Crossing = { served: openaiChat, called: openaiChat, isRebuilt: false };
const rebuilt: Crossing = { ...relayed, isRebuilt: true };
const inward: Crossing = { served: openaiChat, called: tinyCalled, isRebuilt: false };
const outward: Crossing = { served: tinyServed, called: openaiChat, isRebuilt: false };

const context = contextWith();
const event = (data: unknown) => ({ event: null, data: typeof data === 'string' ? data : JSON.stringify(data) });
const chunk = (delta: unknown, more: object = {}) => ({
  id: 'u-1',
  choices: [{ index: 0, delta, finish_reason: null }],
  ...more,
});
const streamOf = (...list: readonly unknown[]) => list.map((data) => `data: ${event(data).data}\n\n`).join('');
const whole = (text: string) => [new TextEncoder().encode(text)];

/** What a client of openai-chat understands of what it was sent. */
function heardBy(text: string): FoldedGeneration {
  const decoder = openaiChat.createDecoder(context.prompt);
  return fold(parseFrames(text).flatMap((frame) => decoder.push(frame).events));
}

describe('which way an answer goes', () => {
  const news = chunk({ content: 'a', novelty: 1 });
  const sentBy = (crossing: Crossing, prompt = {}) =>
    openLane(crossing, contextWith(prompt)).event(event(news)).text.includes('novelty');

  test('relayed where both ends speak one dialect: what is unknown passes', () => {
    expect(sentBy(relayed)).toBe(true);
    expect(sentBy(relayed, { reasoning: { isExcluded: false } })).toBe(true);
  });

  test.each<[string, Crossing, object]>([
    ['the answers of the provider are not quite the dialect', rebuilt, {}],
    ['the client speaks another dialect', outward, {}],
    ['reasoning must not be shown', relayed, { reasoning: { isExcluded: true } }],
    ['the dialect cannot be relayed', { ...relayed, called: withoutRelay() }, {}],
  ])('written anew where %s: what is unknown does not pass', (_name, crossing, prompt) => {
    expect(sentBy(crossing, prompt)).toBe(false);
  });

  test('the same holds for whole answers', () => {
    const body = JSON.stringify({ novelty: 1, choices: [{ message: { content: 'a' }, finish_reason: 'stop' }] });
    const sent = (crossing: Crossing) => renderedText(openBody(body, crossing, context), report);
    expect(sent(relayed)).toContain('novelty');
    expect(sent(rebuilt)).not.toContain('novelty');
    expect(sent({ ...relayed, called: withoutRelay() })).not.toContain('novelty');
    expect(sent(outward)).toBe('gen-1 says a for 0.0000051');
  });
});

function withoutRelay(): CalledFormat {
  const { relay: _relay, ...called } = openaiChat;
  return called;
}

describe('from one dialect to another', () => {
  test('a stream is written in the words of its client, and its money comes last', () => {
    const lane = openLane(outward, context);
    const { text } = passThrough(lane, whole(streamOf(chunk({ content: 'Hi' }), chunk({ content: '!' }), '[DONE]')));
    expect(text + lane.finish(report)).toBe('start\ngen-1 says Hi\ngen-1 says !\nfinish\npaid 0.0000051\n');
  });

  test('a foreign stream is openai-chat for its client', () => {
    const lane = openLane(inward, context);
    const passed = passThrough(lane, whole(streamOf({ think: 'hm' }, { say: 'Hi' }, { say: '!' }, { over: true })));
    expect(passed).toMatchObject({
      outputText: 'hmHi!',
      hasOutput: true,
      usage: { input: 1, output: 2 },
      finish: { unified: 'stop', raw: 'over' },
      error: null,
    });
    const [choice] = heardBy(passed.text + lane.finish(report)).choices;
    expect(choice?.blocks).toEqual([
      { type: 'reasoning', detail: { type: 'text', text: 'hm', format: 'unknown' } },
      { type: 'text', text: 'Hi!' },
    ]);
    expect(parseFrames(lane.finish(report)).at(-1)?.data).toBe('[DONE]');
  });

  test('a whole answer waits for the money', () => {
    const answer = openBody('{"say":"Hi","over":true}', inward, context);
    expect(answer.facts).toMatchObject({ outputText: 'Hi', usage: { input: 1, output: 2 }, error: null });
    expect(JSON.parse(renderedText(answer, report))).toMatchObject({
      id: 'gen-1',
      choices: [{ message: { content: 'Hi' }, finish_reason: 'stop', native_finish_reason: 'over' }],
      usage: { cost: 0.0000051 },
    });
  });

  test('a failure is told in the facts, and nothing of it reaches the client', () => {
    const passed = passThrough(openLane(inward, context), whole(streamOf({ say: 'Hi' }, { fail: 'org-1 died' })));
    expect(passed.error).toMatchObject({ kind: 'overloaded', message: 'org-1 died' });
    expect(passed.text).not.toContain('died');
    expect(heardBy(passed.text).choices.map(foldedText)).toEqual(['Hi']);
    expect(openBody('{"fail":"died"}', inward, context).facts.error?.kind).toBe('overloaded');
  });

  test.each(['', '<html>', '[]', '"x"', '{"say":'])('%j is no answer, and not an exception', (text) => {
    expect(openBody(text, inward, context).facts.error?.kind).toBe('invalid_response');
    expect(openBody(text, rebuilt, context).facts.error?.kind).toBe('invalid_response');
    expect(openBody(text, relayed, context).facts.error?.kind).toBe('invalid_response');
    for (const crossing of [inward, rebuilt, relayed]) {
      const { text: sent, facts } = openLane(crossing, context).event(event(text === '' ? 'x' : text));
      expect(sent).toBe('');
      expect(facts.error?.kind).toBe('invalid_response');
    }
  });
});

describe('reasoning that shall not be shown', () => {
  const hidden = contextWith({ reasoning: { isExcluded: true } });

  test.each<[string, Crossing, string]>([
    ['relayed otherwise', relayed, streamOf(chunk({ reasoning: 'secret' }), chunk({ content: 'Hi' }), '[DONE]')],
    ['written anew', rebuilt, streamOf(chunk({ reasoning_content: 'secret' }), chunk({ content: 'Hi' }), '[DONE]')],
    ['of another dialect', inward, streamOf({ think: 'secret' }, { say: 'Hi' }, { over: true })],
  ])('is counted and not sent, in a stream %s', (_name, crossing, stream) => {
    const lane = openLane(crossing, hidden);
    const passed = passThrough(lane, whole(stream));
    expect(passed.outputText).toBe('secretHi');
    const sent = passed.text + lane.finish(report);
    expect(sent).not.toMatch(/secret|reasoning_details|"reasoning"/);
    expect(heardBy(sent).choices.map(foldedText)).toEqual(['Hi']);
  });

  test('is output all the same, so that the wait for the first token is over', () => {
    const { text, facts } = openLane(relayed, hidden).event(event(chunk({ reasoning: 'secret' })));
    expect({ text, hasOutput: facts.hasOutput }).toEqual({ text: '', hasOutput: true });
  });

  test('is counted and not sent in a whole answer', () => {
    const message = {
      content: 'Hi',
      reasoning: 'secret',
      reasoning_details: [{ type: 'reasoning.text', text: 'secret' }],
    };
    const answer = openBody(JSON.stringify({ choices: [{ message, finish_reason: 'stop' }] }), relayed, hidden);
    expect(answer.facts.outputText).toBe('secretHi');
    const sent = renderedText(answer, report);
    expect(sent).not.toMatch(/secret|reasoning_details/);
    expect(JSON.parse(sent).choices[0].message.content).toBe('Hi');
  });
});

describe('how a lane ends', () => {
  const cut = streamOf(chunk({ role: 'assistant', content: '' }), chunk({ content: 'half a sen' }));

  test.each([
    ['relayed', relayed],
    ['rebuilt', rebuilt],
  ])('a cut stream that is %s gets nothing that its provider did not say', (_name, crossing) => {
    const lane = openLane(crossing, context);
    const passed = passThrough(lane, whole(cut));
    expect(passed).toMatchObject({ finish: null, usage: null, error: null, hasOutput: true });
    expect(passed.text).not.toMatch(/"finish_reason":"|DONE/);
    expect(lane.end().text).toBe('');
  });

  test('an opening without an answer is no answer on either lane', () => {
    const stream = streamOf(chunk({ role: 'assistant', content: '' }), '[DONE]');
    for (const crossing of [relayed, rebuilt]) {
      const passed = passThrough(openLane(crossing, context), whole(stream));
      expect(passed).toMatchObject({ finish: null, hasOutput: false });
      expect(passed.text).not.toContain('"finish_reason":"');
    }
  });

  test.each([
    ['relayed', relayed],
    ['rebuilt', rebuilt],
  ])('a stream that is %s and whole ends with the money and the end mark', (_name, crossing) => {
    const lane = openLane(crossing, context);
    const { text } = passThrough(
      lane,
      whole(streamOf(chunk({ content: 'Hi' }), '[DONE]', chunk({ content: 'never' }))),
    );
    expect(text).not.toMatch(/DONE|never/);
    const [money, mark] = parseFrames(lane.finish(report)).map(({ data }) => data);
    expect(JSON.parse(money ?? '')).toMatchObject({ id: 'gen-1', choices: [], usage: { total_tokens: 11 } });
    expect(mark).toBe('[DONE]');
  });

  test.each<[string, Crossing]>([
    ['relayed', relayed],
    ['rebuilt', rebuilt],
    ['translated', inward],
  ])('a stream that is %s and broke off ends with one error frame', (_name, crossing) => {
    const lane = openLane(crossing, context);
    lane.event(event({ ...chunk({ content: 'Hi' }), say: 'Hi' }));
    const frames = parseFrames(lane.fail(new AppError('provider_failed', 'It broke.', { detail: 'secret' })));
    expect(frames).toHaveLength(1);
    expect(JSON.parse(frames[0]?.data ?? '')).toMatchObject({
      id: 'gen-1',
      error: { code: 502, message: 'It broke.' },
      choices: [{ index: 0, finish_reason: 'error' }],
    });
    expect(frames[0]?.data).not.toContain('secret');
  });

  test('another dialect fails in its own words', () => {
    expect(openLane(outward, context).fail(new AppError('provider_failed', 'x'))).toBe('failed provider_failed\n');
  });
});

const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 });
const detailIndex = fc.constantFrom(undefined, 0, 1, 3);
const call = fc.record(
  {
    index: fc.constantFrom(0, 1, null),
    id: fc.constantFrom('call_a', 'call_b', '', null),
    function: fc.record({ name: fc.constantFrom('f', 'g', null), arguments: fc.option(word) }, { requiredKeys: [] }),
    extra_content: fc.constant({ google: { thought_signature: 'sig' } }),
  },
  { requiredKeys: [] },
);
const delta = fc.oneof(
  fc.record({ content: word }),
  fc.record({ role: fc.constant('assistant'), content: fc.constant('') }),
  fc.record({ reasoning: word }),
  fc.record({ reasoning_content: word, content: fc.constant(null) }),
  fc.record({
    content: fc.tuple(fc.record({ type: fc.constant('thinking'), thinking: fc.tuple(fc.record({ text: word })) })),
  }),
  fc.record({
    content: fc.option(word),
    reasoning_details: fc.array(
      fc.oneof(
        fc.record({
          type: fc.constant('reasoning.text'),
          text: fc.option(word),
          signature: fc.option(word),
          index: detailIndex,
        }),
        fc.record({ type: fc.constant('reasoning.text'), signature: word, index: detailIndex }),
        fc.record({
          type: fc.constant('reasoning.summary'),
          summary: word,
          format: fc.constant('openai-responses-v1'),
          index: detailIndex,
        }),
        fc.record({ type: fc.constant('reasoning.encrypted'), data: word, id: fc.option(word), index: detailIndex }),
      ),
      { maxLength: 2 },
    ),
  }),
  fc.record({ tool_calls: fc.array(call, { maxLength: 2 }) }),
  fc.record({ function_call: fc.record({ name: fc.constantFrom('f', null), arguments: word }) }),
  fc.record({ refusal: word }),
  fc.record({ images: fc.tuple(fc.record({ image_url: fc.record({ url: word }) })) }),
  fc.record({ audio: fc.record({ id: word, data: word, transcript: word }, { requiredKeys: [] }) }),
  fc.record({
    annotations: fc.tuple(fc.record({ type: fc.constant('url_citation'), url_citation: fc.record({ url: word }) })),
  }),
  fc.jsonValue({ depthSize: 'small' }),
);
const choice = fc.record(
  {
    index: fc.constantFrom(0, 0, 0, 1, 2, null),
    delta,
    finish_reason: fc.constantFrom(null, null, null, null, 'stop', 'length', 'eos', ''),
    logprobs: fc.constantFrom(null, { content: [{ token: 'a', logprob: -1 }] }),
  },
  { requiredKeys: ['delta'] },
);
const anyChunk = fc.oneof(
  { weight: 8, arbitrary: fc.record({ choices: fc.array(choice, { maxLength: 2 }) }) },
  {
    weight: 8,
    arbitrary: word.map((content) => ({ choices: [{ index: 0, delta: { content }, finish_reason: null }] })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      { choices: [], usage: { prompt_tokens: 3, completion_tokens: 4 } },
      { choices: [], usage: { prompt_tokens: -3, completion_tokens: 4 } },
      { choices: [{ index: 0, delta: {} }], usage: null },
      { choices: [] },
      { object: 'ping' },
    ),
  },
);
const frameEnd = fc.constantFrom('\n\n', '\n\n', '\n\n', '\r\n\r\n', '\n\n: comment\n\n', '\n\n: one newline\n');
/** The bytes of a provider: any chunks, and then an end mark or none. */
const anyStream = fc
  .tuple(fc.array(fc.tuple(anyChunk, frameEnd), { maxLength: 20 }), fc.boolean(), fc.boolean())
  .map(([chunks, hasMark, hasTail]) => {
    const envelope = { id: 'u-1', object: 'chat.completion.chunk', created: 1, model: 'm' };
    const frames = chunks.map(([said, end]) => `data: ${JSON.stringify({ ...envelope, ...said })}${end}`);
    return `${frames.join('')}${hasMark ? 'data: [DONE]\n\n' : ''}${hasTail ? 'data: {"choices":[{"delta":{"content":"tail"}}]}' : ''}`;
  });

/** What is in an alternative; the raw word for its end is the provider's, only ours is compared. */
type Told = Omit<FoldedChoice, 'finish'> & { readonly finish: string | null };

function isSilent({ blocks, refusal, citations, images, audio, logprobs }: Told): boolean {
  return blocks.length + refusal.length + citations.length + images.length === 0 && audio === null && logprobs === null;
}

/** A folded answer without the alternatives that have nothing in them: who writes anew does not open those. */
function told({ choices, usage }: FoldedGeneration) {
  const named = choices.map((choice): Told => ({ ...choice, finish: choice.finish?.unified ?? null }));
  return { usage, choices: named.filter((choice) => !isSilent(choice)) };
}

/** An alternative as a body has it: which text stood before which call is not told there. */
function unordered({ blocks, ...rest }: Told) {
  const of = (type: FoldedBlock['type']) => blocks.filter((block) => block.type === type);
  const text = blocks.map((block) => (block.type === 'text' ? block.text : '')).join('');
  return { ...rest, text, reasoning: of('reasoning'), calls: of('tool-call') };
}

describe('any stream', () => {
  test('says the same to its client on both lanes, and teaches us the same', () => {
    fc.assert(
      fc.property(anyStream, (stream) => {
        const [plain, anew] = [relayed, rebuilt].map((crossing) => {
          const lane = openLane(crossing, context);
          const { text, finish, hasOutput: _hasOutput, ...facts } = passThrough(lane, whole(stream));
          return { lane, text, facts, hasFinished: finish !== null };
        });
        if (plain === undefined || anew === undefined) throw new Error('two lanes');
        // An end mark may end an answer that named no reason: the relay passes that on, who writes anew says the reason that it means.
        const isWhole = anew.hasFinished && anew.facts.error === null;
        const [heard, heardAnew] = [plain, anew].map(({ text, lane }) =>
          told(heardBy(text + (isWhole ? lane.finish(report) : ''))),
        );
        expect(heardAnew).toEqual(heard);
        const isMarked = stream.includes('data: [DONE]') && anew.facts.error === null;
        expect(anew.hasFinished).toBe(plain.hasFinished || (isMarked && (heard?.choices.length ?? 0) > 0));
        // Within one chunk the lanes name its pieces in different orders.
        const sorted = (text: string) => text.split('').sort();
        expect({ ...anew.facts, outputText: sorted(anew.facts.outputText) }).toEqual({
          ...plain.facts,
          outputText: sorted(plain.facts.outputText),
        });
      }),
      { numRuns: 600 },
    );
  });

  test('that we wrote ourselves is the same answer however often it is written anew', () => {
    fc.assert(
      fc.property(anyAnswer, (events) => {
        const encoder = openaiChat.createEncoder(context);
        const first = encoder.push(events) + encoder.finish(report);
        const lane = openLane(rebuilt, context);
        expect(passThrough(lane, whole(first)).text + lane.finish(report)).toBe(first);
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    ['relayed', relayed],
    ['rebuilt', rebuilt],
    ['translated to another dialect', outward],
  ])('gives the same bytes and the same facts however its bytes are cut, when it is %s', (_name, crossing) => {
    fc.assert(
      fc.property(anyStream, fc.array(fc.nat(), { maxLength: 12 }), (stream, places) => {
        const atOnce = passThrough(openLane(crossing, context), whole(stream));
        expect(passThrough(openLane(crossing, context), cutBytes(stream, places))).toEqual(atOnce);
        const bytes = Array.from(new TextEncoder().encode(stream), (byte) => new Uint8Array([byte]));
        expect(passThrough(openLane(crossing, context), bytes)).toEqual(atOnce);
      }),
      { numRuns: 100 },
    );
  });

  test('never makes a lane throw, and a client only ever gets whole frames', () => {
    const junk = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((json) => `data: ${json}\n\n`),
      fc.constant('event: error\n'),
    );
    fc.assert(
      fc.property(fc.array(junk, { maxLength: 8 }), anyStream, (pieces, stream) => {
        for (const crossing of [relayed, rebuilt]) {
          const { text } = passThrough(openLane(crossing, context), whole(pieces.join('') + stream));
          expect(text).toMatch(/^(data: [^\r\n]*\n\n)*$/);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('that is whole: streamed or in one body, written anew it is the same answer as relayed', () => {
    const body = fc.array(choice, { minLength: 1, maxLength: 3 }).map((choices) =>
      JSON.stringify({
        id: 'u-1',
        choices: choices.map(({ delta: message, ...rest }, index) => ({ ...rest, index, message })),
      }),
    );
    fc.assert(
      fc.property(body, (text) => {
        const [plain, anew] = [relayed, rebuilt].map((crossing) => {
          const answer = openBody(text, crossing, context);
          const { facts } = answer;
          expect(facts.error).toBeNull();
          const heard = told(
            fold(openaiChat.decodeBody(JSON.parse(renderedText(answer, report)), context.prompt).events),
          );
          return { facts, heard: { ...heard, choices: heard.choices.map(unordered) } };
        });
        // An answer that neither says anything nor ends is none, and is not sent.
        if (plain?.facts.hasOutput || plain?.facts.finish) expect(anew?.heard).toEqual(plain.heard);
      }),
      { numRuns: 500 },
    );
  });
});
