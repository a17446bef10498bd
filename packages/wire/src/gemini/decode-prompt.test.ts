import { isAppError } from '@bourse/errors';
import type { JsonObject, Message } from '@bourse/generation';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CallTarget } from '../wire-format.ts';
import { decodePrompt } from './decode-prompt.ts';
import { encodePrompt } from './encode-prompt.ts';

const contents = [{ role: 'user', parts: [{ text: 'hi' }] }];
const decode = (fields: JsonObject = {}) => decodePrompt({ model: 'google/gemini', contents, ...fields });

function refusal(body: unknown): { message: string; path: unknown } {
  try {
    decodePrompt(body);
  } catch (error) {
    if (isAppError(error) && error.code === 'invalid_request')
      return { message: error.message, path: error.metadata['path'] };
    throw error;
  }
  throw new Error('it was accepted');
}

test('the smallest request', () => {
  expect(decode()).toEqual({
    model: 'google/gemini',
    modelFallbacks: [],
    preferences: {},
    messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
    tools: [],
    sampling: {},
    choiceCount: 1,
    isStreamed: false,
    parameters: [],
    inputBytes: 18,
    source: { wire: 'gemini', body: { model: 'google/gemini', contents } },
    extensions: {},
  });
});

test('every setting that has a word elsewhere is translated', () => {
  const prompt = decode({
    stream: true,
    provider: { order: ['a'] },
    generationConfig: {
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      seed: 3,
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
      stopSequences: ['x'],
      maxOutputTokens: 100,
      candidateCount: 2,
      responseLogprobs: true,
      logprobs: 4,
      responseMimeType: 'application/json',
      responseSchema: { type: 'OBJECT', properties: { a: { type: 'STRING' } } },
      responseModalities: ['IMAGE', 'TEXT'],
      speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Kore' } } },
      thinkingConfig: { thinkingLevel: 'LOW' },
    },
  });
  expect(prompt).toMatchObject({
    sampling: {
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      seed: 3,
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
      stop: ['x'],
      logprobs: true,
      topLogprobs: 4,
    },
    outputTokensMax: 100,
    choiceCount: 2,
    isStreamed: true,
    preferences: { order: ['a'] },
    responseFormat: {
      type: 'json_schema',
      name: 'response',
      schema: { type: 'object', properties: { a: { type: 'string' } } },
    },
    outputModalities: ['text', 'image'],
    audioOutput: { voice: 'Kore', format: 'pcm16' },
    reasoning: { effort: 'low' },
  });
  expect(prompt.parameters).toEqual([
    'temperature',
    'top_p',
    'top_k',
    'frequency_penalty',
    'presence_penalty',
    'max_tokens',
    'logprobs',
    'top_logprobs',
    'seed',
    'response_format',
    'structured_outputs',
    'stop',
    'reasoning',
  ]);
});

test.each([
  [{ thinkingBudget: 0 }, { effort: 'none' }],
  [{ thinkingBudget: -1 }, {}],
  [{ thinkingBudget: 500 }, { tokensMax: 500 }],
  [{ thinkingLevel: 'THINKING_LEVEL_UNSPECIFIED', includeThoughts: true }, {}],
  [{ thinkingLevel: 'high' }, { effort: 'high' }],
])('thinking %o is %o', (thinkingConfig, reasoning) => {
  expect(decode({ generationConfig: { thinkingConfig } }).reasoning).toEqual(reasoning);
});

test("names in snake case mean the same, but those within arguments and schemas are the client's own", () => {
  const prompt = decodePrompt({
    model: 'google/gemini',
    system_instruction: { parts: [{ text: 'S' }] },
    contents: [
      { role: 'user', parts: [{ inline_data: { mime_type: 'image/png', data: 'AA' } }] },
      { role: 'model', parts: [{ function_call: { name: 'f', args: { mime_type: 1 } }, thought_signature: 'T' }] },
    ],
    tools: [
      {
        function_declarations: [
          { name: 'f', parameters: { type: 'OBJECT', properties: { top_p: { type: 'STRING' } } } },
        ],
      },
    ],
    generation_config: { max_output_tokens: 5 },
  });
  expect(prompt.messages).toEqual([
    { role: 'system', content: [{ type: 'text', text: 'S' }] },
    { role: 'user', content: [{ type: 'image', url: 'data:image/png;base64,AA' }] },
    {
      role: 'assistant',
      content: [],
      reasoning: [],
      toolCalls: [{ callId: 'call_1', name: 'f', argumentsText: '{"mime_type":1}', signature: 'T' }],
    },
  ]);
  expect(prompt.tools).toEqual([
    { name: 'f', parameters: { type: 'object', properties: { top_p: { type: 'string' } } } },
  ]);
  expect(prompt.outputTokensMax).toBe(5);
});

test('what speaks to the marketplace is read beside Google’s own fields', () => {
  const provider = { only: ['google'], sort: 'latency' };
  const prompt = decode({ provider, service_tier: 'flex', session_id: 's', models: ['a/b'], plugins: [{ id: 'web' }] });
  expect(prompt).toMatchObject({
    preferences: { only: ['google'], sort: 'latency' },
    serviceTier: 'flex',
    sessionId: 's',
    modelFallbacks: ['a/b'],
    plugins: [{ id: 'web', isEnabled: true, options: {} }],
    extensions: {},
  });
});

describe('turns', () => {
  const messagesOf = (...turns: JsonObject[]): readonly Message[] => decode({ contents: turns }).messages;
  const user = { role: 'user', parts: [{ text: 'q' }] };

  test('results are matched with the calls of the turn before, by id or by name in order', () => {
    const called = {
      role: 'model',
      parts: [
        { text: 'hm', thought: true, thoughtSignature: 'S' },
        { text: 'a', thoughtSignature: 'T' },
        { functionCall: { name: 'f', args: { n: 1 } } },
        { functionCall: { name: 'f', args: { n: 2 } } },
        { functionCall: { id: 'own', name: 'g' } },
      ],
    };
    const answers = {
      parts: [
        { text: 'and also' },
        { functionResponse: { id: 'own', name: 'g', response: { error: 'broken' } } },
        { functionResponse: { name: 'f', response: { output: 'one' } } },
        { functionResponse: { name: 'f', response: { a: 1, b: [2] } } },
      ],
    };
    expect(messagesOf(user, called, answers).slice(1)).toEqual([
      {
        role: 'assistant',
        content: [{ type: 'text', text: 'a', signature: 'T' }],
        reasoning: [{ type: 'text', text: 'hm', signature: 'S', format: 'google-gemini-v1' }],
        toolCalls: [
          { callId: 'call_1', name: 'f', argumentsText: '{"n":1}' },
          { callId: 'call_2', name: 'f', argumentsText: '{"n":2}' },
          { callId: 'own', name: 'g', argumentsText: '{}' },
        ],
      },
      { role: 'tool', callId: 'own', content: [{ type: 'text', text: 'broken' }], isError: true },
      { role: 'tool', callId: 'call_1', content: [{ type: 'text', text: 'one' }] },
      { role: 'tool', callId: 'call_2', content: [{ type: 'text', text: '{"a":1,"b":[2]}' }] },
      { role: 'user', content: [{ type: 'text', text: 'and also' }] },
    ]);
  });

  test('media by bytes and by address', () => {
    const media = (mimeType: string) => ({ inlineData: { mimeType, data: 'AA' } });
    const file = (mimeType?: string) => ({
      fileData: { fileUri: 'https://x.test/a', ...(mimeType === undefined ? {} : { mimeType }) },
    });
    const parts = [
      media('image/png'),
      media('audio/mpeg'),
      media('audio/wav'),
      media('video/mp4'),
      media('application/pdf'),
      file('image/png'),
      file(),
    ];
    expect(messagesOf({ role: 'user', parts })[0]?.content).toEqual([
      { type: 'image', url: 'data:image/png;base64,AA' },
      { type: 'audio', base64: 'AA', format: 'mp3' },
      { type: 'audio', base64: 'AA', format: 'wav' },
      { type: 'video', url: 'data:video/mp4;base64,AA' },
      { type: 'file', fileData: 'data:application/pdf;base64,AA' },
      { type: 'image', url: 'https://x.test/a' },
      { type: 'file', fileData: 'https://x.test/a' },
    ]);
  });

  test('a result that answers nothing is refused', () => {
    const stray = { role: 'user', parts: [{ functionResponse: { name: 'f', response: {} } }] };
    expect(refusal({ model: 'a/b', contents: [user, stray] }).path).toBe('contents[1].parts[0].functionResponse');
  });
});

describe('tools', () => {
  const tools = [
    {
      functionDeclarations: [
        { name: 'f', parametersJsonSchema: { type: 'object' } },
        { name: 'g', description: 'd' },
      ],
    },
  ];
  const withConfig = (functionCallingConfig: JsonObject) => decode({ tools, toolConfig: { functionCallingConfig } });

  test('are declared with either kind of schema', () => {
    expect(decode({ tools }).tools).toEqual([
      { name: 'f', parameters: { type: 'object' } },
      { name: 'g', description: 'd' },
    ]);
  });

  test.each<[JsonObject, unknown, readonly string[]]>([
    [{ mode: 'AUTO' }, { type: 'auto' }, ['f', 'g']],
    [{ mode: 'VALIDATED' }, { type: 'auto' }, ['f', 'g']],
    [{ mode: 'NONE' }, { type: 'none' }, ['f', 'g']],
    [{ mode: 'ANY' }, { type: 'required' }, ['f', 'g']],
    [{ mode: 'ANY', allowedFunctionNames: ['g'] }, { type: 'tool', name: 'g' }, ['f', 'g']],
    [{ mode: 'ANY', allowedFunctionNames: ['g', 'x'] }, { type: 'required' }, ['g']],
    [{}, undefined, ['f', 'g']],
  ])('%o is the choice %o', (config, choice, names) => {
    const prompt = withConfig(config);
    expect(prompt.toolChoice).toEqual(choice);
    expect(prompt.tools.map(({ name }) => name)).toEqual(names);
  });
});

describe('refusals name the wrong field', () => {
  test.each<[JsonObject, string]>([
    [{}, 'contents'],
    [{ contents: [] }, 'contents'],
    [{ contents: 'hi' }, 'contents'],
    [{ contents: [{ role: 'assistant', parts: [] }] }, 'contents[0].role'],
    [{ contents, generationConfig: { temperature: 9 } }, 'generationConfig.temperature'],
    [{ contents, generationConfig: { responseMimeType: 'text/x.enum' } }, 'generationConfig.responseMimeType'],
    [{ contents, tools: [{ googleSearch: {} }] }, 'tools[0].googleSearch'],
    [{ contents, tools: [{ codeExecution: {} }] }, 'tools[0].codeExecution'],
    [{ contents, cachedContent: 'cachedContents/x' }, 'cachedContent'],
    [{ contents, provider: { oder: [] } }, 'provider.oder'],
  ])('%o', (fields, path) => {
    expect(refusal({ model: 'a/b', ...fields }).path).toBe(path);
  });

  test.each([[null], [[]], ['x'], [{ contents }]])('%o is refused', (body) => {
    expect(refusal(body).message).not.toBe('');
  });
});

test('what nobody knows is an extension, and counts', () => {
  const prompt = decode({ labels: { a: 'b' }, safetySettings: [{ category: 'c', threshold: 't' }] });
  expect(prompt.extensions).toEqual({ labels: { a: 'b' } });
  expect(prompt.inputBytes).toBeGreaterThan(decode().inputBytes);
});

describe('laws', () => {
  const target: CallTarget = {
    upstreamModel: 'gemini-2.5-pro',
    isStreamed: false,
    outputTokensMax: null,
    endpointOutputTokensMax: null,
  };
  const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 });
  const userTurn = fc
    .array(words, { minLength: 1, maxLength: 3 })
    .map((texts): Message[] => [{ role: 'user', content: texts.map((text) => ({ type: 'text', text })) }]);
  const answerTurn = fc
    .tuple(words, fc.array(fc.constantFrom('f', 'g'), { maxLength: 3 }), words)
    .map(([text, names, result]): Message[] => [
      {
        role: 'assistant',
        content: [{ type: 'text', text }],
        toolCalls: names.map((name, index) => ({ callId: `${index}`, name, argumentsText: '{"a":1}', signature: 'S' })),
        reasoning: [],
      },
      ...names.map(
        (_name, index): Message => ({ role: 'tool', callId: `${index}`, content: [{ type: 'text', text: result }] }),
      ),
    ]);
  const conversation = fc
    .array(fc.tuple(userTurn, answerTurn), { maxLength: 4 })
    .chain((turns) => userTurn.map((last) => [...turns.flat(2), ...last]));

  /** The ids of calls are made anew for older models, which have none. */
  const renamed = (messages: readonly Message[]) => {
    let count = 0;
    let names = new Map<string, string>();
    return messages.map((message) => {
      if (message.role === 'tool') return { ...message, callId: names.get(message.callId) };
      if (message.role !== 'assistant') return message;
      names = new Map();
      const toolCalls = message.toolCalls.map((call) => {
        count += 1;
        names.set(call.callId, `call_${count}`);
        return { ...call, callId: `call_${count}` };
      });
      return { ...message, toolCalls };
    });
  };

  test('a conversation that crosses into the dialect is read back as it was', () => {
    fc.assert(
      fc.property(conversation, (messages) => {
        const prompt = { ...decode(), messages, source: { wire: 'openai-chat' as const, body: {} } };
        const read = decodePrompt({ model: 'a/b', ...encodePrompt(prompt, target) });
        expect(read.messages).toEqual(renamed(messages));
      }),
    );
  });

  test('no JSON makes it fail in another way than by refusing', () => {
    const names = fc.constantFrom(
      'model',
      'contents',
      'parts',
      'role',
      'text',
      'tools',
      'functionCall',
      'functionResponse',
      'name',
      'generationConfig',
      '__proto__',
    );
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 6 },
        fc.constantFrom<unknown>('user', 'a/b', 1, null),
        fc.dictionary(names, tie('node')),
        fc.array(tie('node'), { maxLength: 2 }),
      ),
    })).node;
    fc.assert(
      fc.property(value, (body) => {
        try {
          decodePrompt(body);
        } catch (error) {
          expect(isAppError(error) && error.code).toBe('invalid_request');
        }
      }),
    );
  });
});
