import { type FoldedChoice, fold, type GenerationEvent, type Prompt } from '@bourse/generation';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ProviderFailure } from '../provider-failure.ts';
import { createSseParser, formatSse } from '../sse.ts';
import { createDecoder, decodeBody } from './decoder.ts';

const prompt: Prompt = {
  model: 'google/gemini',
  modelFallbacks: [],
  messages: [],
  tools: [{ name: 'my tool' }],
  sampling: {},
  choiceCount: 1,
  isStreamed: true,
  preferences: {},
  parameters: [],
  inputBytes: 0,
  source: { wire: 'openai-chat', body: {} },
  extensions: {},
};

const chunk = (parts: readonly unknown[], rest: object = {}) => ({
  responseId: 'r-1',
  candidates: [{ content: { role: 'model', parts }, index: 0, ...rest }],
});
const stop = { candidates: [{ finishReason: 'STOP', index: 0 }] };

function hear(list: readonly unknown[]): { events: GenerationEvent[]; failure: ProviderFailure | null } {
  const decoder = createDecoder(prompt);
  const events: GenerationEvent[] = [];
  for (const data of list) {
    const decoded = decoder.push({ event: null, data: typeof data === 'string' ? data : JSON.stringify(data) });
    events.push(...decoded.events);
    if (decoded.failure !== null) return { events, failure: decoded.failure };
  }
  expect(decoder.end()).toEqual({ events: [], failure: null, isEnd: true });
  return { events, failure: null };
}

function choiceOf(...list: readonly unknown[]): FoldedChoice {
  const [choice] = fold(hear(list).events).choices;
  if (choice === undefined) throw new Error('no choice');
  return choice;
}

describe('parts', () => {
  test('text goes on over chunks, thoughts are reasoning of their own', () => {
    expect(
      choiceOf(
        chunk([{ text: 'Let me ', thought: true }]),
        chunk([{ text: 'see', thought: true, thoughtSignature: 'S' }]),
        chunk([{ text: 'He' }]),
        chunk([{ text: 'llo' }], { finishReason: 'STOP' }),
      ),
    ).toMatchObject({
      blocks: [
        { type: 'reasoning', detail: { type: 'text', text: 'Let me see', signature: 'S', format: 'google-gemini-v1' } },
        { type: 'text', text: 'Hello' },
      ],
      finish: { unified: 'stop', raw: 'STOP' },
    });
  });

  test('the id of the answer is told once', () => {
    const { events } = hear([chunk([{ text: 'a' }]), chunk([{ text: 'b' }]), stop]);
    expect(events.filter(({ type }) => type === 'start')).toEqual([{ type: 'start', upstreamId: 'r-1' }]);
  });

  test("a call is whole, its name is the client's, and its id is made when there is none", () => {
    const call = { functionCall: { name: 'my_tool', args: { a: [1] } }, thoughtSignature: 'S' };
    const other = { functionCall: { name: 'unknown' } };
    const choice = choiceOf(chunk([{ text: 'x' }, call, other]), stop);
    expect(choice.blocks).toEqual([
      { type: 'text', text: 'x' },
      {
        type: 'tool-call',
        call: { callId: 'call_r1_0', name: 'my tool', argumentsText: '{"a":[1]}', signature: 'S' },
      },
      { type: 'tool-call', call: { callId: 'call_r1_1', name: 'unknown', argumentsText: '{}' } },
    ]);
    expect(choice.finish).toEqual({ unified: 'tool_calls', raw: 'STOP' });
  });

  test('ids of Google stay, and one that comes twice is replaced', () => {
    const call = { functionCall: { id: 'same', name: 'f', args: {} } };
    const ids = choiceOf(chunk([call, call, call]), stop).blocks.map(
      (block) => block.type === 'tool-call' && block.call.callId,
    );
    expect(ids[0]).toBe('same');
    expect(new Set(ids).size).toBe(3);
  });

  test('a signature on an empty text is kept, an empty text without one is nothing', () => {
    expect(
      choiceOf(chunk([{ text: 'a' }]), chunk([{ text: '', thoughtSignature: 'S' }]), chunk([{ text: '' }]), stop)
        .blocks,
    ).toEqual([{ type: 'text', text: 'a', signature: 'S' }]);
  });

  test('pictures and sound are media, drafts that the model only thought of are not shown', () => {
    const image = { mimeType: 'image/png', data: 'AA' };
    const choice = choiceOf(
      chunk([{ inlineData: image, thought: true }, { inlineData: image }]),
      chunk([
        { inlineData: { mimeType: 'audio/L16;rate=24000', data: 'BB' } },
        { inlineData: { mimeType: 'x/y', data: 'C' } },
      ]),
      stop,
    );
    expect(choice.images).toEqual(['data:image/png;base64,AA']);
    expect(choice.audio?.base64).toBe('BB');
  });

  test('code that Google ran is not told as text', () => {
    const parts = [{ executableCode: { language: 'PYTHON', code: 'x' } }, { codeExecutionResult: { output: 'y' } }];
    expect(choiceOf(chunk([...parts, { text: 'z' }]), stop).blocks).toEqual([{ type: 'text', text: 'z' }]);
  });

  test('alternatives are kept apart by their index', () => {
    const { choices } = fold(
      hear([
        { candidates: [{ index: 1, content: { parts: [{ text: 'b' }] } }, { content: { parts: [{ text: 'a' }] } }] },
        { candidates: [{ index: 1, finishReason: 'STOP' }, { finishReason: 'MAX_TOKENS' }] },
      ]).events,
    );
    expect(choices.map(({ blocks, finish }) => [blocks, finish?.unified])).toEqual([
      [[{ type: 'text', text: 'a' }], 'length'],
      [[{ type: 'text', text: 'b' }], 'stop'],
    ]);
  });

  test('sources are cited with places in characters, though Google counts bytes', () => {
    const groundingMetadata = {
      groundingChunks: [{ web: { uri: 'https://a', title: 'A' } }, { web: { uri: 'https://b' } }, { web: {} }],
      groundingSupports: [
        { segment: { startIndex: 3, endIndex: 7, text: 'said' }, groundingChunkIndices: [0, 2, 9] },
        { groundingChunkIndices: [0] },
      ],
    };
    const choice = choiceOf(chunk([{ text: 'é said' }]), chunk([], { finishReason: 'STOP', groundingMetadata }));
    expect(choice.citations).toEqual([
      { url: 'https://a', title: 'A', content: 'said', start: 2, end: 6 },
      { url: 'https://b', start: -1, end: -1 },
    ]);
  });

  test('log probabilities are in the words of the hub', () => {
    const logprobsResult = {
      chosenCandidates: [{ token: 'a', logProbability: -0.5 }],
      topCandidates: [
        {
          candidates: [
            { token: 'a', logProbability: -0.5 },
            { token: 'b', logProbability: -1 },
          ],
        },
      ],
    };
    expect(choiceOf(chunk([{ text: 'a' }], { logprobsResult }), stop).logprobs).toEqual([
      {
        token: 'a',
        logprob: -0.5,
        bytes: null,
        top_logprobs: [
          { token: 'a', logprob: -0.5, bytes: null },
          { token: 'b', logprob: -1, bytes: null },
        ],
      },
    ]);
  });
});

describe('the end', () => {
  test.each([
    ['STOP', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['SAFETY', 'content_filter'],
    ['RECITATION', 'content_filter'],
    ['BLOCKLIST', 'content_filter'],
    ['PROHIBITED_CONTENT', 'content_filter'],
    ['SPII', 'content_filter'],
    ['IMAGE_SAFETY', 'content_filter'],
    ['MALFORMED_FUNCTION_CALL', 'error'],
    ['OTHER', 'stop'],
    ['LANGUAGE', 'stop'],
    ['SOMETHING_NEW', 'stop'],
  ])('%s is %s', (raw, unified) => {
    expect(choiceOf(chunk([{ text: 'a' }], { finishReason: raw })).finish).toEqual({ unified, raw });
  });

  test('an answer of thoughts alone, cut at its limit, has no parts and is no failure', () => {
    const { events, failure } = hear([
      { candidates: [{ content: { role: 'model' }, finishReason: 'MAX_TOKENS', index: 0 }] },
    ]);
    expect(failure).toBeNull();
    expect(events).toEqual([{ type: 'finish', choice: 0, reason: { unified: 'length', raw: 'MAX_TOKENS' } }]);
  });

  test('a prompt that is refused ends filtered', () => {
    const refused = { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata: { promptTokenCount: 4 } };
    expect(hear([refused])).toEqual({
      events: [
        { type: 'finish', choice: 0, reason: { unified: 'content_filter', raw: 'PROHIBITED_CONTENT' } },
        { type: 'usage', usage: { input: 4, output: 0 } },
      ],
      failure: null,
    });
    expect(decodeBody(refused, prompt).failure).toBeNull();
  });

  test('an answer that ends in an error before it began is a failure, and may be had elsewhere', () => {
    const { failure, events } = hear([{ candidates: [{ finishReason: 'MALFORMED_FUNCTION_CALL' }] }]);
    expect(failure).toMatchObject({ kind: 'invalid_response', code: 'MALFORMED_FUNCTION_CALL' });
    expect(events).toEqual([]);
  });

  test('a stream without a finish reason was cut: nothing is invented', () => {
    expect(hear([chunk([{ text: 'a' }])]).events.filter(({ type }) => type === 'finish')).toEqual([]);
  });

  test('a second finish reason of a candidate is not told', () => {
    expect(hear([chunk([{ text: 'a' }]), stop, stop]).events.filter(({ type }) => type === 'finish')).toHaveLength(1);
  });
});

describe('failures', () => {
  test.each<[unknown, string]>([
    [{ error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } }, 'overloaded'],
    [[{ error: { code: 429, message: 'Quota', status: 'RESOURCE_EXHAUSTED' } }], 'rate_limited'],
    [{ error: { code: 400, message: 'bad', status: 'INVALID_ARGUMENT' } }, 'invalid_request'],
    ['{"candidates":[{"cont', 'invalid_response'],
    ['5', 'invalid_response'],
  ])('%o in a stream is %s', (data, kind) => {
    expect(hear([chunk([{ text: 'a' }]), data]).failure?.kind).toBe(kind);
  });

  test.each([[undefined], [null], [[]], [{}], [{ candidates: [] }], [{ usageMetadata: { promptTokenCount: 1 } }]])(
    'a body %o is no answer',
    (body) => {
      expect(decodeBody(body, prompt).failure?.kind).toBe('invalid_response');
    },
  );

  test('a body that is a list of chunks is read as one answer', () => {
    const { events } = decodeBody([chunk([{ text: 'a' }]), chunk([{ text: 'b' }]), stop], prompt);
    expect(fold(events).choices[0]?.blocks).toEqual([{ type: 'text', text: 'ab' }]);
  });
});

describe('laws', () => {
  const part = fc.oneof(
    fc.record({ text: fc.string({ unit: 'grapheme', minLength: 1 }) }),
    fc.record({ text: fc.string({ minLength: 1 }), thought: fc.constant(true) }),
    fc.record({ functionCall: fc.record({ name: fc.constantFrom('f', 'my_tool'), args: fc.constant({ a: 1 }) }) }),
    fc.record({ text: fc.constant('t'), thoughtSignature: fc.base64String({ minLength: 4 }) }),
  );
  const usageMetadata = { promptTokenCount: 5, candidatesTokenCount: 2, thoughtsTokenCount: 1 };

  test('a streamed answer is the whole answer, however its parts are spread and its bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), fc.array(fc.nat(40), { maxLength: 20 }), (parts, cuts) => {
        const body = { ...chunk(parts, { finishReason: 'STOP' }), usageMetadata };
        const chunks = [...parts.map((one) => chunk([one])), { ...stop, usageMetadata }];
        const bytes = new TextEncoder().encode(
          chunks.map((one) => formatSse({ event: null, data: JSON.stringify(one) })).join(''),
        );
        const decoder = createDecoder(prompt);
        const events: GenerationEvent[] = [];
        const parser = createSseParser((event) => events.push(...decoder.push(event).events));
        let from = 0;
        for (const size of cuts) {
          parser.push(bytes.subarray(from, from + size));
          from += size;
        }
        parser.push(bytes.subarray(from));
        parser.end();
        const whole = fold(decodeBody(body, prompt).events);
        expect({ ...fold(events), upstreamId: null }).toEqual({ ...whole, upstreamId: null });
      }),
      { numRuns: 60 },
    );
  });

  test('no JSON makes the decoder throw', () => {
    const words = fc.constantFrom(
      'candidates',
      'content',
      'parts',
      'text',
      'functionCall',
      'name',
      'args',
      'inlineData',
      'usageMetadata',
      'error',
      'promptTokenCount',
      'promptTokensDetails',
      'groundingMetadata',
      'groundingSupports',
      'groundingChunks',
      'segment',
      'finishReason',
      'index',
      'promptFeedback',
      'blockReason',
      'logprobsResult',
      'chosenCandidates',
      'details',
    );
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 6 },
        fc.constantFrom<unknown>('STOP', '', null, -1, 5, true),
        fc.dictionary(words, tie('node'), { maxKeys: 5 }),
        fc.array(tie('node'), { maxLength: 3 }),
      ),
    })).node;
    fc.assert(
      fc.property(fc.oneof(value, fc.jsonValue()), (json) => {
        decodeBody(json, prompt);
        hear([json, json]);
      }),
    );
  });
});
