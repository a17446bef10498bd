import { AppError } from '@bourse/errors';
import { fold, type GenerationEvent, type JsonObject, type Prompt } from '@bourse/generation';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSseParser } from '../sse.ts';
import type { AnswerContext, UsageReport } from '../wire-format.ts';
import { createDecoder, decodeBody } from './decoder.ts';
import { createEncoder, encodeBody } from './encoder.ts';

const head = { id: 'gen-1', model: 'google/gemini', provider: 'Somebody', createdUnixSeconds: 1 };
const report: UsageReport = {
  usage: { input: 10, output: 5 },
  costUsd: '0.000012',
  upstreamCostUsd: '0.00001',
  isEstimated: false,
};
const usageMetadata = {
  promptTokenCount: 10,
  candidatesTokenCount: 5,
  totalTokenCount: 15,
  cost: 0.000012,
  costDetails: { upstreamInferenceCost: 0.00001 },
};

function contextOf(thinkingConfig: JsonObject = { includeThoughts: true }): AnswerContext {
  const prompt: Prompt = {
    model: 'google/gemini',
    modelFallbacks: [],
    messages: [],
    tools: [],
    sampling: {},
    choiceCount: 1,
    isStreamed: true,
    preferences: {},
    parameters: [],
    inputBytes: 0,
    source: { wire: 'gemini', body: { generationConfig: { thinkingConfig } } },
    extensions: {},
  };
  return { head, prompt };
}

const context = contextOf();

function framesOf(text: string): JsonObject[] {
  const frames: JsonObject[] = [];
  const parser = createSseParser(({ data }) => frames.push(JSON.parse(data)));
  parser.push(new TextEncoder().encode(text));
  parser.end();
  return frames;
}

const text = (words: string, signature?: string): GenerationEvent => ({
  type: 'text-delta',
  choice: 0,
  block: 1,
  text: words,
  ...(signature === undefined ? {} : { signature }),
});
const stop: GenerationEvent = { type: 'finish', choice: 0, reason: { unified: 'stop', raw: 'stop' } };
const candidate = (parts: readonly object[], rest: object = {}) => ({
  candidates: [{ content: { role: 'model', parts }, index: 0, ...rest }],
  modelVersion: 'google/gemini',
  responseId: 'gen-1',
});

describe('a stream', () => {
  test('is chunks that look like whole answers, and the last one has the end, the counts and the cost', () => {
    const encoder = createEncoder(context);
    const written = encoder.push([{ type: 'start', upstreamId: 'u' }, text('He'), text('llo', 'S'), stop]);
    expect(framesOf(written)).toEqual([
      candidate([{ text: 'He' }]),
      candidate([{ text: 'llo', thoughtSignature: 'S' }]),
    ]);
    expect(framesOf(encoder.finish(report))).toEqual([
      { ...candidate([{ text: '' }], { finishReason: 'STOP' }), usageMetadata },
    ]);
  });

  test('the cost is written digit by digit', () => {
    const encoder = createEncoder(context);
    encoder.push([text('a'), stop]);
    expect(encoder.finish({ ...report, costUsd: '1234567890123456789.000000001' })).toContain(
      '"cost":1234567890123456789.000000001',
    );
  });

  test('calls are whole, in the order in which they began, also when their arguments come mixed', () => {
    const encoder = createEncoder(context);
    const call = (block: number, name: string): GenerationEvent => ({
      type: 'tool-call-start',
      choice: 0,
      block,
      callId: name,
      name,
    });
    const piece = (block: number, argumentsText: string): GenerationEvent => ({
      type: 'tool-call-delta',
      choice: 0,
      block,
      argumentsText,
    });
    const events = [call(0, 'f'), call(1, 'g'), piece(1, '{"b"'), piece(0, '{"a":1'), piece(1, ':2}'), piece(0, '}')];
    expect(encoder.push(events)).toBe('');
    const called: GenerationEvent = { type: 'finish', choice: 0, reason: { unified: 'tool_calls', raw: 'tool_calls' } };
    expect(framesOf(encoder.push([call(2, 'h'), piece(2, 'not json'), called]))).toEqual([
      candidate([
        { functionCall: { id: 'f', name: 'f', args: { a: 1 } } },
        { functionCall: { id: 'g', name: 'g', args: { b: 2 } } },
        { functionCall: { id: 'h', name: 'h', args: { _raw: 'not json' } } },
      ]),
    ]);
    expect(framesOf(encoder.finish(report))[0]).toMatchObject({ candidates: [{ finishReason: 'STOP' }] });
  });

  test('a signature of Google stays with its call', () => {
    const encoder = createEncoder(context);
    const call: GenerationEvent = {
      type: 'tool-call-start',
      choice: 0,
      block: 0,
      callId: 'c',
      name: 'f',
      signature: 'S',
    };
    expect(framesOf(encoder.push([call, stop]))).toEqual([
      candidate([{ functionCall: { id: 'c', name: 'f', args: {} }, thoughtSignature: 'S' }]),
    ]);
  });

  test.each([
    ['length', 'max_tokens', 'MAX_TOKENS'],
    ['content_filter', 'refusal', 'SAFETY'],
    ['content_filter', 'RECITATION', 'RECITATION'],
    ['error', 'error', 'OTHER'],
    ['stop', 'LANGUAGE', 'STOP'],
  ] as const)('the end %s (%s) is %s', (unified, raw, word) => {
    const encoder = createEncoder(context);
    encoder.push([{ type: 'finish', choice: 0, reason: { unified, raw } }]);
    expect(framesOf(encoder.finish(report))[0]).toMatchObject({ candidates: [{ finishReason: word }] });
  });

  test('an error is told in a frame of its own, also when nothing was written before', () => {
    const error = new AppError('provider_failed', 'Broken.');
    for (const events of [[], [text('a')]]) {
      const encoder = createEncoder(context);
      encoder.push(events);
      expect(framesOf(encoder.fail(error))).toMatchObject([
        { error: { code: 502, message: 'Broken.', status: 'UNAVAILABLE' } },
      ]);
    }
  });

  test('pictures, sound, refusals, probabilities and sources have their places', () => {
    const encoder = createEncoder(context);
    const frames = framesOf(
      encoder.push([
        { type: 'image', choice: 0, url: 'data:image/png;base64,AA' },
        { type: 'audio-delta', choice: 0, base64: 'BB' },
        { type: 'audio-delta', choice: 0, transcript: 'not shown' },
        {
          type: 'logprobs',
          choice: 0,
          entries: [{ token: 'a', logprob: -1, top_logprobs: [{ token: 'b', logprob: -2 }] }],
        },
        { type: 'refusal-delta', choice: 0, text: 'é No.' },
        { type: 'citation', choice: 0, citation: { url: 'https://a', title: 'A', content: 'No', start: 2, end: 4 } },
        { type: 'citation', choice: 0, citation: { url: 'https://b', start: -1, end: -1 } },
        stop,
      ]),
    );
    expect(frames.map((frame) => frame['candidates'])).toEqual([
      [{ content: { role: 'model', parts: [{ inlineData: { mimeType: 'image/png', data: 'AA' } }] }, index: 0 }],
      [
        {
          content: { role: 'model', parts: [{ inlineData: { mimeType: 'audio/L16;rate=24000', data: 'BB' } }] },
          index: 0,
        },
      ],
      [
        {
          content: { role: 'model', parts: [] },
          index: 0,
          logprobsResult: {
            chosenCandidates: [{ token: 'a', logProbability: -1 }],
            topCandidates: [{ candidates: [{ token: 'b', logProbability: -2 }] }],
          },
        },
      ],
      [{ content: { role: 'model', parts: [{ text: 'é No.' }] }, index: 0 }],
    ]);
    expect(framesOf(encoder.finish(report))[0]).toMatchObject({
      candidates: [
        {
          groundingMetadata: {
            groundingChunks: [{ web: { uri: 'https://a', title: 'A' } }, { web: { uri: 'https://b' } }],
            groundingSupports: [{ segment: { startIndex: 3, endIndex: 5, text: 'No' }, groundingChunkIndices: [0] }],
          },
        },
      ],
    });
  });
});

describe('thoughts', () => {
  const thought = (
    format: 'google-gemini-v1' | 'anthropic-claude-v1',
    kind: 'text' | 'encrypted' = 'text',
  ): GenerationEvent => ({
    type: 'reasoning-delta',
    choice: 0,
    block: 0,
    kind,
    text: 'hm',
    signature: 'S',
    format,
  });
  const partsOf = (event: GenerationEvent, shown: AnswerContext) =>
    framesOf(createEncoder(shown).push([event])).flatMap(({ candidates }) => candidates);

  test('are shown only to who asked for them', () => {
    expect(partsOf(thought('google-gemini-v1'), contextOf())).toHaveLength(1);
    expect(partsOf(thought('google-gemini-v1'), contextOf({}))).toEqual([]);
    const body = encodeBody(fold([thought('google-gemini-v1'), text('a'), stop]), contextOf({}), report);
    expect(body).not.toContain('hm');
  });

  test('keep the signatures that Google can read, and no others; blobs are nothing to read', () => {
    expect(JSON.stringify(partsOf(thought('google-gemini-v1'), context))).toContain('"thoughtSignature":"S"');
    expect(JSON.stringify(partsOf(thought('anthropic-claude-v1'), context))).not.toContain('"S"');
    expect(partsOf(thought('google-gemini-v1', 'encrypted'), context)).toEqual([]);
  });
});

test('a whole answer', () => {
  const events: GenerationEvent[] = [
    text('hello', 'S'),
    { type: 'tool-call-start', choice: 0, block: 2, callId: 'c', name: 'f' },
    { type: 'tool-call-delta', choice: 0, block: 2, argumentsText: '{"a":1}' },
    { type: 'finish', choice: 0, reason: { unified: 'tool_calls', raw: 'tool_calls' } },
  ];
  expect(JSON.parse(encodeBody(fold(events), context, report))).toEqual({
    ...candidate([{ text: 'hello', thoughtSignature: 'S' }, { functionCall: { id: 'c', name: 'f', args: { a: 1 } } }], {
      finishReason: 'STOP',
    }),
    usageMetadata,
  });
});

describe('laws', () => {
  const event: fc.Arbitrary<readonly GenerationEvent[]> = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1 }).map((words): GenerationEvent[] => [text(words)]),
    fc
      .string({ minLength: 1 })
      .map((words): GenerationEvent[] => [
        { type: 'reasoning-delta', choice: 0, block: 0, kind: 'text', text: words, format: 'google-gemini-v1' },
      ]),
    fc.constant<GenerationEvent[]>([{ type: 'image', choice: 0, url: 'data:image/png;base64,AA' }]),
  );
  /** Thoughts come before the answer, as models write them: two blocks. */
  const answer = fc.array(event, { minLength: 1, maxLength: 8 }).map((list) => {
    const events = list.flat();
    return [
      ...events.filter(({ type }) => type === 'reasoning-delta'),
      ...events.filter(({ type }) => type !== 'reasoning-delta'),
      stop,
    ];
  });
  const read = (frames: readonly JsonObject[]) => {
    const decoder = createDecoder(context.prompt);
    return fold(frames.flatMap((frame) => decoder.push({ event: null, data: JSON.stringify(frame) }).events));
  };

  test('what is written is read back, as a stream and as a body', () => {
    fc.assert(
      fc.property(answer, (events) => {
        const encoder = createEncoder(context);
        const streamed = read(framesOf(encoder.push(events) + encoder.finish(report)));
        const whole = fold(decodeBody(JSON.parse(encodeBody(fold(events), context, report)), context.prompt).events);
        expect(streamed).toEqual(whole);
        const [sent] = fold(events).choices;
        expect(whole.choices[0]?.blocks).toEqual(sent?.blocks);
        expect(whole.choices[0]?.images).toEqual(sent?.images);
        expect(whole.usage).toEqual(report.usage);
      }),
    );
  });
});
