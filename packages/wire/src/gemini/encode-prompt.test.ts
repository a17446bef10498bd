import type { ContentPart, JsonObject, Message, Prompt, ReasoningDetail, ToolCall } from '@bourse/generation';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CallTarget } from '../wire-format.ts';
import { encodePrompt, lacks } from './encode-prompt.ts';

const prompt = (fields: Partial<Prompt> = {}): Prompt => ({
  model: 'google/gemini',
  modelFallbacks: [],
  messages: [user('hi')],
  tools: [],
  sampling: {},
  choiceCount: 1,
  isStreamed: false,
  preferences: {},
  parameters: [],
  inputBytes: 2,
  source: { wire: 'openai-chat', body: {} },
  extensions: {},
  ...fields,
});
const target = (upstreamModel = 'gemini-3-flash-preview', fields: Partial<CallTarget> = {}): CallTarget => ({
  upstreamModel,
  isStreamed: false,
  outputTokensMax: null,
  endpointOutputTokensMax: null,
  ...fields,
});
const text = (words: string): ContentPart => ({ type: 'text', text: words });
const user = (words: string): Message => ({ role: 'user', content: [text(words)] });
const system = (words: string): Message => ({ role: 'system', content: [text(words)] });
const model = (
  words: string,
  toolCalls: readonly ToolCall[] = [],
  reasoning: readonly ReasoningDetail[] = [],
): Message => ({ role: 'assistant', content: words === '' ? [] : [text(words)], toolCalls, reasoning });
const call = (callId: string, name = 'f', argumentsText = '{}'): ToolCall => ({ callId, name, argumentsText });
const result = (callId: string, words: string, isError?: boolean): Message => ({
  role: 'tool',
  callId,
  content: [text(words)],
  ...(isError === undefined ? {} : { isError }),
});

const encoded = (fields: Partial<Prompt>, upstreamModel?: string) =>
  encodePrompt(prompt(fields), target(upstreamModel));
const contentsOf = (messages: readonly Message[], upstreamModel?: string) =>
  encoded({ messages }, upstreamModel)['contents'] as { role: string; parts: JsonObject[] }[]; // what encodePrompt writes
const configOf = (fields: Partial<Prompt>, upstreamModel?: string) =>
  encoded(fields, upstreamModel)['generationConfig'];

describe('turns', () => {
  test('a leading run of system messages is hoisted, a later one stays in its place and is marked', () => {
    const developer: Message = { role: 'developer', content: [text('B')] };
    expect(encoded({ messages: [system('A'), developer, user('q'), system('late')] })).toEqual({
      systemInstruction: { parts: [{ text: 'A' }, { text: 'B' }] },
      contents: [{ role: 'user', parts: [{ text: 'q' }, { text: '<system>\nlate\n</system>' }] }],
    });
  });

  test('a prompt of system text alone is asked as the question', () => {
    expect(encoded({ messages: [system('A')] })).toEqual({ contents: [{ role: 'user', parts: [{ text: 'A' }] }] });
  });

  test('neighbours of one role become one turn, in order', () => {
    expect(contentsOf([user('a'), user('b'), model('c'), model('d'), user('e')])).toEqual([
      { role: 'user', parts: [{ text: 'a' }, { text: 'b' }] },
      { role: 'model', parts: [{ text: 'c' }, { text: 'd' }] },
      { role: 'user', parts: [{ text: 'e' }] },
    ]);
  });

  test('empty texts and empty turns are left out, and a conversation never begins with the model', () => {
    expect(contentsOf([model('hello'), user(''), model(''), user('q')])).toEqual([
      { role: 'user', parts: [{ text: '...' }] },
      { role: 'model', parts: [{ text: 'hello' }] },
      { role: 'user', parts: [{ text: 'q' }] },
    ]);
  });

  test('the name of a speaker is not told: Google knows no such field', () => {
    expect(JSON.stringify(encoded({ messages: [{ role: 'user', content: [text('a')], name: 'ann' }] }))).not.toContain(
      'ann',
    );
  });

  test('a refusal that is replayed is text', () => {
    const refused: Message = { role: 'assistant', content: [], toolCalls: [], reasoning: [], refusal: 'No.' };
    expect(contentsOf([user('q'), refused])[1]).toEqual({ role: 'model', parts: [{ text: 'No.' }] });
  });
});

describe('calls and their results', () => {
  test('results are paired with calls by name, in the order of the calls, in a turn of their own', () => {
    const messages = [
      user('q'),
      model('', [call('1', 'f'), call('2', 'g')]),
      result('2', 'two'),
      result('1', 'one'),
      user('go'),
    ];
    expect(contentsOf(messages, 'gemini-2.5-flash')).toEqual([
      { role: 'user', parts: [{ text: 'q' }] },
      {
        role: 'model',
        parts: [{ functionCall: { name: 'f', args: {} } }, { functionCall: { name: 'g', args: {} } }],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { name: 'f', response: { output: 'one' } } },
          { functionResponse: { name: 'g', response: { output: 'two' } } },
        ],
      },
      { role: 'user', parts: [{ text: 'go' }] },
    ]);
  });

  test('a failed tool says error, and only when the client says that it failed', () => {
    const of = (message: Message) =>
      contentsOf([user('q'), model('', [call('1')]), message], 'gemini-2.5-pro')[2]?.parts;
    expect(of(result('1', 'broken', true))).toEqual([
      { functionResponse: { name: 'f', response: { error: 'broken' } } },
    ]);
    expect(of(result('1', '{"error":"no"}'))).toEqual([
      { functionResponse: { name: 'f', response: { output: '{"error":"no"}' } } },
    ]);
  });

  test('a missing result is filled in, and one that answers nothing is kept as text', () => {
    const contents = contentsOf(
      [user('q'), model('', [call('1')]), result('9', 'stray'), user('go')],
      'gemini-2.5-pro',
    );
    expect(contents.slice(2)).toEqual([
      { role: 'user', parts: [{ functionResponse: { name: 'f', response: { error: 'The tool gave no result.' } } }] },
      { role: 'user', parts: [{ text: '<tool_result id="9">' }, { text: 'stray' }, { text: 'go' }] },
    ]);
  });

  test.each([
    ['', {}],
    ['  ', {}],
    ['{"a":1}', { a: 1 }],
    ['[1]', { _raw: '[1]' }],
    ['{"a":', { _raw: '{"a":' }],
  ])('arguments %o are the object %o', (argumentsText, args) => {
    const contents = contentsOf([user('q'), model('', [call('1', 'f', argumentsText)])], 'gemini-2.5-pro');
    expect(contents[1]?.parts).toEqual([{ functionCall: { name: 'f', args } }]);
  });

  test('pictures in a result are parts of it from Gemini 3 on, and follow it before', () => {
    const image: ContentPart = { type: 'image', url: 'data:image/png;base64,AA' };
    const inlineData = { mimeType: 'image/png', data: 'AA' };
    const messages: Message[] = [
      user('q'),
      model('', [call('1')]),
      { role: 'tool', callId: '1', content: [text('see'), image] },
    ];
    expect(contentsOf(messages, 'gemini-3-pro-preview')[2]?.parts).toEqual([
      { functionResponse: { id: '1', name: 'f', response: { output: 'see' }, parts: [{ inlineData }] } },
    ]);
    expect(contentsOf(messages, 'gemini-2.5-pro')[2]?.parts).toEqual([
      { functionResponse: { name: 'f', response: { output: 'see' } } },
      { inlineData },
    ]);
  });

  test('whatever the history, a turn of calls is followed by exactly as many results', () => {
    const message = fc.oneof(
      fc.constant(user('u')),
      fc.constant(system('s')),
      fc.array(fc.constantFrom('1', '2', '3'), { maxLength: 3 }).map((ids) =>
        model(
          'm',
          ids.map((id) => call(id)),
        ),
      ),
      fc.constantFrom('1', '2', '9').map((id) => result(id, 'r')),
    );
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 12 }), (messages) => {
        const contents = contentsOf(messages);
        expect(contents[0]?.role).toBe('user');
        for (const [index, { parts }] of contents.entries()) {
          expect(parts.length).toBeGreaterThan(0);
          const calls = parts.filter((part) => 'functionCall' in part).length;
          const results = (contents[index + 1]?.parts ?? []).filter((part) => 'functionResponse' in part).length;
          expect(results).toBe(calls);
        }
      }),
    );
  });
});

describe('signatures', () => {
  const signedCall: ToolCall = { ...call('1'), signature: 'SIG' };
  const partsOf = (message: Message, upstreamModel?: string) =>
    contentsOf([user('q'), message], upstreamModel)[1]?.parts;

  test('go back on the part that they came on', () => {
    const signedText: Message = {
      role: 'assistant',
      content: [
        { type: 'text', text: 'a', signature: 'T' },
        { type: 'text', text: '', signature: 'E' },
      ],
      toolCalls: [signedCall],
      reasoning: [],
    };
    expect(partsOf(signedText)).toEqual([
      { text: 'a', thoughtSignature: 'T' },
      { text: '', thoughtSignature: 'E' },
      { functionCall: { id: '1', name: 'f', args: {} }, thoughtSignature: 'SIG' },
    ]);
  });

  test.each([
    ['gemini-3-pro-preview', 'skip_thought_signature_validator'],
    ['gemini-3.1-flash', 'skip_thought_signature_validator'],
    ['gemini-flash-latest', 'skip_thought_signature_validator'],
    ['gemini-2.5-pro', undefined],
    ['gemini-2.0-flash', undefined],
  ])('%s is told %s for the first of several foreign calls, and nothing for the others', (upstreamModel, sentinel) => {
    const parts = partsOf(model('', [call('1'), call('2')]), upstreamModel);
    expect(parts?.map((part) => part['thoughtSignature'])).toEqual([sentinel, undefined]);
  });

  test('the words of thoughts are never replayed, and signatures of other families neither', () => {
    const reasoning: ReasoningDetail[] = [
      { type: 'text', text: 'secret', signature: 'CLAUDE', format: 'anthropic-claude-v1' },
      { type: 'encrypted', data: 'OPENAI', format: 'openai-responses-v1' },
      { type: 'text', text: 'secret', format: 'google-gemini-v1' },
      { type: 'summary', text: 'secret', format: 'google-gemini-v1' },
    ];
    const body = JSON.stringify(partsOf(model('a', [call('1')], reasoning), 'gemini-2.5-pro'));
    expect(body).not.toMatch(/secret|CLAUDE|OPENAI/);
  });

  test('come back from reasoning details: a call finds its own by its id', () => {
    const encrypted = (data: string, id?: string): ReasoningDetail => ({
      type: 'encrypted',
      data,
      format: 'google-gemini-v1',
      ...(id === undefined ? {} : { id }),
    });
    expect(partsOf(model('', [call('1')], [encrypted('S', '1')]))?.[0]?.['thoughtSignature']).toBe('S');
    expect(partsOf(model('', [call('1')], [encrypted('S')]))?.[0]?.['thoughtSignature']).toBe('S');
    expect(partsOf(model('a', [], [encrypted('S')]))).toEqual([{ text: 'a', thoughtSignature: 'S' }]);
  });
});

describe('media', () => {
  const partOf = (part: ContentPart) => contentsOf([{ role: 'user', content: [part] }])[0]?.parts[0];

  test.each<[ContentPart, JsonObject]>([
    [{ type: 'image', url: 'data:image/png;base64,AA' }, { inlineData: { mimeType: 'image/png', data: 'AA' } }],
    [
      { type: 'image', url: ' data:image/JPEG; charset=x ;base64, A A\n' },
      { inlineData: { mimeType: 'image/jpeg', data: 'AA' } },
    ],
    [
      { type: 'file', fileData: 'data:application/pdf;base64,AA', filename: 'a.pdf' },
      { inlineData: { mimeType: 'application/pdf', data: 'AA' } },
    ],
    [{ type: 'audio', base64: 'AA', format: 'mp3' }, { inlineData: { mimeType: 'audio/mp3', data: 'AA' } }],
    [{ type: 'audio', base64: 'AA', format: 'OPUS' }, { inlineData: { mimeType: 'audio/opus', data: 'AA' } }],
    [
      { type: 'file', fileData: 'gs://bucket/a.pdf' },
      { fileData: { mimeType: 'application/pdf', fileUri: 'gs://bucket/a.pdf' } },
    ],
    [
      { type: 'image', url: 'https://x.test/a.webp?b=1' },
      { fileData: { mimeType: 'image/webp', fileUri: 'https://x.test/a.webp?b=1' } },
    ],
    [{ type: 'video', url: 'https://youtu.be/abc' }, { fileData: { fileUri: 'https://youtu.be/abc' } }],
  ])('%o is sent as %o', (part, sent) => {
    expect(partOf(part)).toEqual(sent);
  });

  test('the highest detail of all pictures is the resolution of them all', () => {
    const image = (detail: string): ContentPart => ({ type: 'image', url: 'data:image/png;base64,AA', detail });
    const of = (...details: string[]) => configOf({ messages: [{ role: 'user', content: details.map(image) }] });
    expect(of('low', 'high')).toEqual({ mediaResolution: 'MEDIA_RESOLUTION_HIGH' });
    expect(of('low')).toEqual({ mediaResolution: 'MEDIA_RESOLUTION_LOW' });
    expect(of('auto')).toBeUndefined();
  });
});

describe('tools', () => {
  const parameters = { type: 'object', properties: { a: { type: ['string', 'null'] } }, additionalProperties: false };
  const declared = (fields: Partial<Prompt>, upstreamModel?: string) => encoded(fields, upstreamModel)['tools'];

  test('newer models get plain JSON Schema, older ones the OpenAPI subset', () => {
    const tools = [{ name: 'f', description: 'd', parameters }];
    expect(declared({ tools }, 'gemini-2.5-pro')).toEqual([
      { functionDeclarations: [{ name: 'f', description: 'd', parametersJsonSchema: parameters }] },
    ]);
    expect(declared({ tools }, 'gemini-2.0-flash')).toEqual([
      {
        functionDeclarations: [
          {
            name: 'f',
            description: 'd',
            parameters: { type: 'object', properties: { a: { type: 'string', nullable: true } } },
          },
        ],
      },
    ]);
  });

  test.each([[undefined], [{ type: 'object' }], [{ type: 'object', properties: {} }]])(
    'parameters %o are left out: an object without members is refused',
    (empty) => {
      const tools = [{ name: 'f', ...(empty === undefined ? {} : { parameters: empty }) }];
      expect(declared({ tools })).toEqual([{ functionDeclarations: [{ name: 'f' }] }]);
    },
  );

  test.each([
    [{ type: 'auto' }, { mode: 'AUTO' }],
    [{ type: 'none' }, { mode: 'NONE' }],
    [{ type: 'required' }, { mode: 'ANY' }],
    [
      { type: 'tool', name: 'f' },
      { mode: 'ANY', allowedFunctionNames: ['f'] },
    ],
  ] as const)('the choice %o is %o', (toolChoice, functionCallingConfig) => {
    expect(encoded({ tools: [{ name: 'f' }], toolChoice })['toolConfig']).toEqual({ functionCallingConfig });
    expect(encoded({ toolChoice })['toolConfig']).toBeUndefined();
  });

  test('names that Google refuses are replaced everywhere, and stay apart', () => {
    const tools = ['my tool', 'my/tool', 'my_tool', '1st', 'x'.repeat(80)].map((name) => ({ name }));
    const messages = [user('q'), model('', [call('1', 'my tool')]), result('1', 'r')];
    const body = encoded({ tools, messages, toolChoice: { type: 'tool', name: '1st' } }, 'gemini-2.5-pro');
    const names = ['my_tool_2', 'my_tool_3', 'my_tool', '_1st', 'x'.repeat(64)];
    expect(body['tools']).toEqual([{ functionDeclarations: names.map((name) => ({ name })) }]);
    expect(body['toolConfig']).toEqual({ functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['_1st'] } });
    expect(JSON.stringify(body['contents'])).toContain('"functionResponse":{"name":"my_tool_2"');
  });
});

describe('settings', () => {
  test('nothing that was not asked for is said: no defaults, no safety settings', () => {
    expect(encoded({})).toEqual({ contents: [{ role: 'user', parts: [{ text: 'hi' }] }] });
  });

  test('what Google knows is sent in its words, the rest is left out', () => {
    const sampling = {
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      minP: 0.1,
      frequencyPenalty: 0.1,
      presencePenalty: 0.2,
      seed: 2 ** 40 + 5,
      stop: ['1', '', '2', '3', '4', '5', '6'],
      logitBias: { '1': 1 },
      logprobs: true,
      topLogprobs: 3,
    };
    expect(configOf({ sampling, outputTokensMax: 50, choiceCount: 2, outputModalities: ['text', 'image'] })).toEqual({
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      frequencyPenalty: 0.1,
      presencePenalty: 0.2,
      seed: 5,
      stopSequences: ['1', '2', '3', '4', '5'],
      responseLogprobs: true,
      logprobs: 3,
      maxOutputTokens: 50,
      candidateCount: 2,
      responseModalities: ['TEXT', 'IMAGE'],
    });
    expect(configOf({ sampling: { topK: 0 } })).toBeUndefined();
  });

  test('the lower of what was asked for and what can be paid is the cap', () => {
    const body = encodePrompt(prompt({ outputTokensMax: 50 }), target('gemini-3-pro', { outputTokensMax: 20 }));
    expect(body['generationConfig']).toEqual({ maxOutputTokens: 20 });
  });

  test('a voice is named where sound is asked for', () => {
    const audioOutput = { voice: 'Kore', format: 'pcm16' };
    expect(configOf({ outputModalities: ['audio'], audioOutput })).toEqual({
      responseModalities: ['AUDIO'],
      speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Kore' } } },
    });
  });

  const schema = { type: 'object', properties: { a: { const: 5 } } };
  const form = { type: 'json_schema', name: 'n', schema } as const;
  test.each([
    ['gemini-3-pro-preview', { responseMimeType: 'application/json', responseJsonSchema: schema }],
    ['gemini-2.5-flash', { responseMimeType: 'application/json', responseJsonSchema: schema }],
    [
      'gemini-2.0-flash',
      {
        responseMimeType: 'application/json',
        responseSchema: { type: 'object', properties: { a: { type: 'string', enum: ['5'] } } },
      },
    ],
  ])('%s is given a JSON schema as %o', (upstreamModel, config) => {
    expect(configOf({ responseFormat: form }, upstreamModel)).toEqual(config);
  });

  test('plain JSON and plain text', () => {
    expect(configOf({ responseFormat: { type: 'json_object' } })).toEqual({ responseMimeType: 'application/json' });
    expect(configOf({ responseFormat: { type: 'text' } })).toBeUndefined();
  });

  test('models that refuse JSON beside tools are told in words, and the tools stay', () => {
    const fields = { responseFormat: form, tools: [{ name: 'f' }], messages: [system('A'), user('q')] };
    const older = encoded(fields, 'gemini-2.5-pro');
    expect(older['generationConfig']).toBeUndefined();
    expect(older['tools']).toBeDefined();
    expect(JSON.stringify(older['systemInstruction'])).toContain('JSON Schema');
    expect(configOf(fields, 'gemini-3-pro')).toMatchObject({ responseMimeType: 'application/json' });
  });
});

describe('thinking', () => {
  test.each([
    ['gemini-2.5-flash', { effort: 'high' }, 1000, { thinkingBudget: 800, includeThoughts: true }],
    ['gemini-2.5-flash', { effort: 'none' }, 1000, { thinkingBudget: 0, includeThoughts: false }],
    ['gemini-2.5-pro', { effort: 'none' }, 1000, { thinkingBudget: 128, includeThoughts: false }],
    ['gemini-2.5-flash-lite', { effort: 'minimal' }, 1000, { thinkingBudget: 512, includeThoughts: true }],
    ['gemini-2.5-pro', { effort: 'max' }, undefined, { thinkingBudget: 32_768, includeThoughts: true }],
    ['gemini-2.5-pro', { tokensMax: 2000 }, undefined, { thinkingBudget: 2000, includeThoughts: true }],
    ['gemini-2.5-flash', { tokensMax: 99_000 }, undefined, { thinkingBudget: 24_576, includeThoughts: true }],
    ['gemini-2.5-flash', {}, undefined, { includeThoughts: true }],
    ['gemini-2.5-flash', { isExcluded: true }, undefined, { includeThoughts: false }],
    ['gemini-3-pro-preview', { effort: 'medium' }, undefined, { thinkingLevel: 'high', includeThoughts: true }],
    ['gemini-3.1-pro-preview', { effort: 'medium' }, undefined, { thinkingLevel: 'medium', includeThoughts: true }],
    ['gemini-3-pro-preview', { effort: 'none' }, undefined, { thinkingLevel: 'low', includeThoughts: false }],
    ['gemini-3-flash-preview', { effort: 'minimal' }, undefined, { thinkingLevel: 'minimal', includeThoughts: true }],
    ['gemini-3-flash-preview', { effort: 'xhigh' }, undefined, { thinkingLevel: 'high', includeThoughts: true }],
    ['gemini-3-flash-preview', { tokensMax: 500 }, undefined, { thinkingBudget: 500, includeThoughts: true }],
    ['gemini-2.0-flash', { effort: 'high' }, undefined, undefined],
  ] as const)('%s with %o and %s tokens is %o', (upstreamModel, reasoning, outputTokensMax, thinkingConfig) => {
    const config = configOf(
      { reasoning, ...(outputTokensMax === undefined ? {} : { outputTokensMax }) },
      upstreamModel,
    ) as JsonObject | undefined; // what encodePrompt writes
    expect(config?.['thinkingConfig']).toEqual(thinkingConfig);
  });
});

describe('a client of the same dialect', () => {
  const body = {
    model: 'google/gemini',
    stream: true,
    user: 'ann',
    provider: { order: ['a'] },
    contents: [{ role: 'user', parts: [{ text: 'hi', videoMetadata: { fps: 1 } }] }],
    generationConfig: { temperature: 1, maxOutputTokens: 100, imageConfig: { aspectRatio: '1:1' } },
    safetySettings: [{ category: 'c', threshold: 't' }],
    futureField: { a: 1 },
    api_key: 'steer',
  };

  test('has its own body forwarded, unknown fields included, less what is ours or would steer', () => {
    const source = { wire: 'gemini' as const, body };
    expect(encodePrompt(prompt({ source, outputTokensMax: 100 }), target('g', { outputTokensMax: 7 }))).toEqual({
      contents: body.contents,
      generationConfig: { ...body.generationConfig, maxOutputTokens: 7 },
      safetySettings: body.safetySettings,
      futureField: { a: 1 },
    });
    expect(body.generationConfig.maxOutputTokens).toBe(100);
  });

  test('lacks nothing', () => {
    expect(lacks(prompt({ source: { wire: 'gemini', body } }))).toBeNull();
  });
});

describe('what cannot cross', () => {
  test.each<[Partial<Prompt>, string | null]>([
    [{}, null],
    [{ messages: [{ role: 'user', content: [{ type: 'file', fileData: 'file-abc' }] }] }, 'file_input'],
    [{ messages: [{ role: 'user', content: [{ type: 'file', fileData: 'https://x.test/a.pdf' }] }] }, null],
    [{ audioOutput: { voice: 'v', format: 'mp3' } }, 'audio_output'],
    [{ audioOutput: { voice: 'v', format: 'pcm16' } }, null],
  ])('%o lacks %s', (fields, feature) => {
    expect(lacks(prompt(fields))).toBe(feature);
  });
});
