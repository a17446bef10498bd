import { isJsonObject, type JsonObject, type Prompt } from '@bourse/generation';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodePrompt } from '../openai-chat/decode-prompt.ts';
import { encodePrompt } from './encode-prompt.ts';
import { bedrockConverse } from './index.ts';
import { traitsOf } from './model-traits.ts';

const SONNET = 'global.anthropic.claude-sonnet-4-5-20250929-v1:0';
const CLAUDE_4 = 'anthropic.claude-sonnet-4-20250514-v1:0';
const CLAUDE_5 = 'global.anthropic.claude-opus-5';
const NOVA = 'amazon.nova-pro-v1:0';
const MISTRAL = 'mistral.mistral-large-3-675b-instruct';
const LLAMA = 'meta.llama3-3-70b-instruct-v1:0';

const PNG = 'data:image/png;base64,iVBORw0KGgoAAAA';
const schema = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };

function promptOf(fields: object): Prompt {
  return decodePrompt({ model: 'acme/sprint', messages: [{ role: 'user', content: 'Hi' }], ...fields });
}

function encode(fields: object | Prompt, model = SONNET, cap: number | null = null): JsonObject {
  const prompt = 'inputBytes' in fields ? fields : promptOf(fields);
  const target = { upstreamModel: model, isStreamed: true, outputTokensMax: cap, endpointOutputTokensMax: 64_000 };
  return encodePrompt(prompt, target, traitsOf(model));
}

const messagesOf = (messages: object[], fields: object = {}, model = SONNET) =>
  encode({ messages, ...fields }, model)['messages'];
const user = (content: unknown) => ({ role: 'user', content });
const tool = (name: string, more: object = {}) => ({
  type: 'function',
  function: { name, parameters: schema, ...more },
});
const call = (id: string, name: string, args = '{"n":1}') => ({
  id,
  type: 'function',
  function: { name, arguments: args },
});
const result = (id: string, content: unknown) => ({ role: 'tool', tool_call_id: id, content });
const text = (words: string) => ({ text: words });
const lookup = { tools: [tool('look')] };

describe('the traits of a model', () => {
  test.each([
    ['anthropic.claude-v2:1', 'claude', 'none', false, 'all'],
    ['anthropic.claude-3-5-sonnet-20241022-v2:0', 'claude', 'none', false, 'all'],
    ['us.anthropic.claude-3-7-sonnet-20250219-v1:0', 'claude', 'budget', false, 'all'],
    [CLAUDE_4, 'claude', 'budget', false, 'one'],
    [SONNET, 'claude', 'budget', true, 'one'],
    ['global.anthropic.claude-opus-4-6-v1:0', 'claude', 'adaptive', true, 'one'],
    ['global.anthropic.claude-opus-4-7-v1:0', 'claude', 'adaptive', true, 'none'],
    [CLAUDE_5, 'claude', 'adaptive', true, 'none'],
    [
      'arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-fable-5-1-v1:0',
      'claude',
      'adaptive',
      true,
      'none',
    ],
    ['global.amazon.nova-2-lite-v1:0', 'nova', 'nova', false, 'all'],
    [NOVA, 'nova', 'none', false, 'all'],
    ['openai.gpt-oss-120b-1:0', 'gpt-oss', 'effort', false, 'all'],
    [LLAMA, 'other', 'none', false, 'all'],
  ])('%s is told by its name', (model, family, thinking, hasOutputConfig, sampling) => {
    expect(traitsOf(model)).toMatchObject({ family, thinking, hasOutputConfig, sampling });
  });
});

describe('turns', () => {
  test('leading instructions are the system part, later ones stay in place and are marked', () => {
    const body = encode({
      messages: [
        { role: 'system', content: 'One' },
        { role: 'developer', content: 'Two' },
        user('Hi'),
        { role: 'system', content: 'Three' },
      ],
    });
    expect(body['system']).toEqual([text('One'), text('Two')]);
    expect(body['messages']).toEqual([{ role: 'user', content: [text('Hi'), text('<system>\nThree\n</system>')] }]);
  });

  test('neighbours of one role are one turn, blank text is left out, names of people are not sent', () => {
    const messages = [
      { ...user('a'), name: 'ann' },
      user(''),
      user([
        { type: 'text', text: ' ' },
        { type: 'text', text: 'b' },
      ]),
      { role: 'assistant', content: 'c' },
      { role: 'assistant', content: 'd' },
      { role: 'assistant', content: '' },
      user('e'),
    ];
    expect(messagesOf(messages)).toEqual([
      { role: 'user', content: [text('a'), text('b')] },
      { role: 'assistant', content: [text('c'), text('d')] },
      { role: 'user', content: [text('e')] },
    ]);
  });

  test('a conversation that does not begin with the user gets the smallest beginning, and an unfinished end is trimmed', () => {
    expect(messagesOf([{ role: 'assistant', content: 'The answer is  ' }])).toEqual([
      { role: 'user', content: [text('.')] },
      { role: 'assistant', content: [text('The answer is')] },
    ]);
    expect(messagesOf([{ role: 'system', content: 'S' }])).toEqual([{ role: 'user', content: [text('.')] }]);
  });

  test('results come first in one turn with what the user says beside them', () => {
    const messages = [
      user('Q'),
      { role: 'assistant', content: 'Let me see', tool_calls: [call('a', 'look'), call('b', 'look', '')] },
      user('hurry'),
      result('b', 'B'),
      result('a', [
        { type: 'text', text: 'A' },
        { type: 'image_url', image_url: { url: PNG } },
      ]),
    ];
    expect(messagesOf(messages, lookup)).toEqual([
      { role: 'user', content: [text('Q')] },
      {
        role: 'assistant',
        content: [
          text('Let me see'),
          { toolUse: { toolUseId: 'a', name: 'look', input: { n: 1 } } },
          { toolUse: { toolUseId: 'b', name: 'look', input: {} } },
        ],
      },
      {
        role: 'user',
        content: [
          { toolResult: { toolUseId: 'b', content: [text('B')] } },
          {
            toolResult: {
              toolUseId: 'a',
              content: [text('A'), { image: { format: 'png', source: { bytes: 'iVBORw0KGgoAAAA' } } }],
            },
          },
          text('hurry'),
        ],
      },
    ]);
  });

  test('every call has a result and every result a call, whatever the client left out', () => {
    const messages = [
      user('Q'),
      { role: 'assistant', tool_calls: [call('x y', 'look'), call('x y', 'look', 'no json')] },
      result('x y', ''),
      result('nobody', 'lost'),
      { role: 'assistant', content: 'Done' },
    ];
    expect(messagesOf(messages, lookup)).toEqual([
      { role: 'user', content: [text('Q')] },
      {
        role: 'assistant',
        content: [
          { toolUse: { toolUseId: 'x_y', name: 'look', input: { n: 1 } } },
          { toolUse: { toolUseId: 'x_y_2', name: 'look', input: { _raw: 'no json' } } },
        ],
      },
      {
        role: 'user',
        content: [
          { toolResult: { toolUseId: 'x_y', content: [text('(empty)')] } },
          {
            toolResult: {
              toolUseId: 'x_y_2',
              content: [text('There is no result of this call.')],
              status: 'error',
            },
          },
          text('[Result of the tool call nobody]'),
          text('lost'),
        ],
      },
      { role: 'assistant', content: [text('Done')] },
    ]);
  });

  test('only what the client called a failure is one', () => {
    const prompt = promptOf({
      messages: [user('Q'), { role: 'assistant', tool_calls: [call('a', 'look')] }, result('a', '{"error":"x"}')],
      ...lookup,
    });
    const failedAt = (isError: boolean): Prompt => ({
      ...prompt,
      messages: prompt.messages.map((message) => (message.role === 'tool' ? { ...message, isError } : message)),
    });
    expect(JSON.stringify(encode(prompt))).not.toContain('status');
    expect(JSON.stringify(encode(failedAt(false)))).not.toContain('status');
    expect(JSON.stringify(encode(failedAt(true)))).toContain('"status":"error"');
  });
});

describe('tools', () => {
  test('are given with an object of parameters, and strictly only where the model knows how', () => {
    const tools = [tool('look', { description: 'D', strict: true }), { type: 'function', function: { name: 'bare' } }];
    const bare = { toolSpec: { name: 'bare', inputSchema: { json: { type: 'object', properties: {} } } } };
    const look = { name: 'look', description: 'D', inputSchema: { json: schema } };
    expect(encode({ tools })['toolConfig']).toEqual({
      tools: [{ toolSpec: { ...look, strict: true } }, bare],
    });
    expect(encode({ tools }, CLAUDE_4)['toolConfig']).toEqual({
      tools: [{ toolSpec: look }, bare],
    });
  });

  test.each([
    ['required', { any: {} }],
    [{ type: 'function', function: { name: 'look' } }, { tool: { name: 'look' } }],
  ])('the choice %j is %j', (choice, expected) => {
    expect(encode({ ...lookup, tool_choice: choice })['toolConfig']).toMatchObject({ toolChoice: expected });
  });

  test('a choice that a model does not take is no choice: a certain tool is the only one, or the model is not asked', () => {
    const named = {
      tools: [tool('look'), tool('leap')],
      tool_choice: { type: 'function', function: { name: 'leap' } },
    };
    expect(encode(named, MISTRAL)['toolConfig']).toEqual({
      tools: [{ toolSpec: { name: 'leap', inputSchema: { json: schema } } }],
      toolChoice: { any: {} },
    });
    for (const [model, lacking] of [
      [LLAMA, 'forced_tool_call'],
      [MISTRAL, null],
      [SONNET, null],
    ] as const) {
      expect(bedrockConverse(traitsOf(model)).lacks(promptOf(named))).toBe(lacking);
      expect(bedrockConverse(traitsOf(model)).lacks(promptOf({ ...lookup, tool_choice: 'auto' }))).toBeNull();
    }
  });

  test.each([{ ...lookup, tool_choice: 'none' }, {}])(
    'where none may be called, earlier calls are told in words',
    (fields) => {
      const messages = [user('Q'), { role: 'assistant', tool_calls: [call('a', 'look')] }, result('a', 'A')];
      const body = encode({ messages, ...fields });
      expect(body).not.toHaveProperty('toolConfig');
      expect(body['messages']).toEqual([
        { role: 'user', content: [text('Q')] },
        { role: 'assistant', content: [text('[Called the tool look with {"n":1}]')] },
        { role: 'user', content: [text('[Result of the tool call a]'), text('A')] },
      ]);
    },
  );

  test('one call at a time is said in the words of Claude, which nobody else would understand', () => {
    const fields = { ...lookup, tool_choice: 'required', parallel_tool_calls: false };
    expect(encode(fields)['additionalModelRequestFields']).toEqual({
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
    });
    expect(encode(fields, LLAMA)).not.toHaveProperty('additionalModelRequestFields');
  });

  test('names are brought into the allowed letters, each to its own', () => {
    const tools = [tool('a.b'), tool('a_b'), tool('a b')];
    const messages = [user('Q'), { role: 'assistant', tool_calls: [call('1', 'a b')] }, result('1', 'A')];
    const body = JSON.stringify(encode({ messages, tools }));
    expect(body).toContain('"toolSpec":{"name":"a_b_2"');
    expect(body).toContain('"toolSpec":{"name":"a_b"');
    expect(body).toContain('"toolUseId":"1","name":"a_b_3"');
  });
});

describe('media', () => {
  const file = (filename: string, url: string) => ({ type: 'file', file: { filename, file_data: url } });

  test('pictures, films and documents are bytes with a format; the bytes of a picture know better than its type', () => {
    const jpeg = { type: 'image_url', image_url: { url: 'data:image/png;charset=x;base64,/9j/ 4AAQ' } };
    const film = { type: 'video_url', video_url: { url: 'data:video/quicktime;base64,AAAA' } };
    expect(messagesOf([user([jpeg, film, file('a.md', 'data:application/octet-stream;base64,SGk=')])])).toEqual([
      {
        role: 'user',
        content: [
          { image: { format: 'jpeg', source: { bytes: '/9j/4AAQ' } } },
          { video: { format: 'mov', source: { bytes: 'AAAA' } } },
          { document: { format: 'md', source: { bytes: 'SGk=' }, name: 'a' } },
          text('See the document.'),
        ],
      },
    ]);
  });

  test('documents have names in the allowed letters, each its own', () => {
    const pdf = 'data:application/pdf;base64,JVBERg==';
    const names = ['Q3_report: "final".pdf', 'Q3 report final.pdf', '日本.pdf', '', 'x'.repeat(300)];
    const body = JSON.stringify(
      messagesOf([
        user(['Read', ...names].map((name) => (name === 'Read' ? { type: 'text', text: name } : file(name, pdf)))),
      ]),
    );
    const found = [...body.matchAll(/"name":"([^"]*)"/g)].map(([, name]) => name);
    expect(found).toEqual(['Q3 report final', 'Q3 report final (2)', 'Document', 'Document (2)', 'x'.repeat(100)]);
  });

  test.each([
    [
      'a picture of an unknown kind',
      { type: 'image_url', image_url: { url: 'data:image/svg+xml;base64,AAAA' } },
      'image_input',
    ],
    [
      'a type that is the name of something else',
      { type: 'image_url', image_url: { url: 'data:constructor;base64,AAAA' } },
      'image_input',
    ],
    ['a bucket of ours', { type: 'image_url', image_url: { url: 's3://bucket/key' } }, 'image_input'],
    ['sound', { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }, 'audio_input'],
    [
      'a film of an unknown kind',
      { type: 'video_url', video_url: { url: 'data:video/ogg;base64,AAAA' } },
      'video_input',
    ],
    ['an archive', file('a.zip', 'data:application/zip;base64,AAAA'), 'file_input'],
    ['a picture by address', { type: 'image_url', image_url: { url: 'https://a.example/x' } }, null],
    ['a document', file('a.pdf', 'data:application/pdf;base64,AAAA'), null],
  ])('%s: %j lacks %j', (_name, part, expected) => {
    expect(bedrockConverse(traitsOf(SONNET)).lacks(promptOf({ messages: [user([part])] }))).toBe(expected);
  });

  test('addresses are to be read by whoever calls; what they held may still be of no use', () => {
    const format = bedrockConverse(traitsOf(SONNET));
    expect(format.needsBytes?.('https://a.example/x.png')).toBe(true);
    expect(format.needsBytes?.(PNG)).toBe(false);
    const part = { type: 'image_url', image_url: { url: 'https://a.example/x' } };
    expect(() => encode({ messages: [user([part])] })).toThrow('cannot read this type of image');
  });

  test.each([
    [{ n: 2 }, 'several_choices'],
    [{ logprobs: true }, 'logprobs'],
    [{ modalities: ['image', 'text'] }, 'image_output'],
    [{ modalities: ['audio', 'text'], audio: { voice: 'a', format: 'wav' } }, 'audio_output'],
    [{ modalities: ['text'] }, null],
  ])('%j lacks %j', (fields, expected) => {
    expect(bedrockConverse(traitsOf(SONNET)).lacks(promptOf(fields))).toBe(expected);
  });
});

describe('knobs', () => {
  const knobs = { temperature: 1.5, top_p: 0.9, top_k: 5, stop: ['END', '\n'], max_tokens: 100, seed: 1, min_p: 0.1 };

  test.each([
    [LLAMA, { maxTokens: 50, temperature: 1.5, topP: 0.9, stopSequences: ['END'] }, undefined],
    [NOVA, { maxTokens: 50, temperature: 1.5, topP: 0.9, stopSequences: ['END'] }, { inferenceConfig: { topK: 5 } }],
    [SONNET, { maxTokens: 50, temperature: 1, stopSequences: ['END'] }, { top_k: 5 }],
    [CLAUDE_5, { maxTokens: 50, stopSequences: ['END'] }, undefined],
  ])('%s gets those that it knows, and the cap that we can afford', (model, config, fields) => {
    const body = encode(knobs, model, 50);
    expect(body['inferenceConfig']).toEqual(config);
    expect(body['additionalModelRequestFields']).toEqual(fields);
  });

  test('nothing is sent that nobody asked for, and nothing of the client passes by itself', () => {
    expect(encode({ user: 'u', metadata: { a: 'b' }, service_tier: 'flex', future: 1 }, LLAMA)).toEqual({
      messages: [{ role: 'user', content: [text('Hi')] }],
    });
  });
});

describe('thinking', () => {
  const fieldsOf = (fields: object, model: string, cap: number | null = null) =>
    encode(fields, model, cap)['additionalModelRequestFields'];

  test.each([
    [
      SONNET,
      { reasoning: { effort: 'high' }, max_tokens: 10_000 },
      { thinking: { type: 'enabled', budget_tokens: 8_000 } },
    ],
    [
      SONNET,
      { reasoning: { max_tokens: 500 }, max_tokens: 10_000 },
      { thinking: { type: 'enabled', budget_tokens: 1_024 } },
    ],
    [
      SONNET,
      { reasoning: { max_tokens: 90_000 }, max_tokens: 4_000 },
      { thinking: { type: 'enabled', budget_tokens: 3_999 } },
    ],
    [SONNET, { reasoning: {} }, { thinking: { type: 'enabled', budget_tokens: 32_000 } }],
    [SONNET, { reasoning: { effort: 'high' }, max_tokens: 1_000 }, { thinking: { type: 'disabled' } }],
    [SONNET, { reasoning: { effort: 'none' } }, { thinking: { type: 'disabled' } }],
    [
      CLAUDE_5,
      { reasoning: { effort: 'minimal' } },
      { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'low' } },
    ],
    [
      CLAUDE_5,
      { reasoning: { effort: 'xhigh' } },
      { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'xhigh' } },
    ],
    [
      'anthropic.claude-opus-4-6-v1:0',
      { reasoning: { effort: 'xhigh' } },
      { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } },
    ],
    [
      'anthropic.claude-opus-4-6-v1:0',
      { reasoning: { max_tokens: 60_000 } },
      { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } },
    ],
    [CLAUDE_5, { reasoning: { effort: 'none' } }, { thinking: { type: 'disabled' } }],
    [
      'amazon.nova-2-lite-v1:0',
      { reasoning: { effort: 'max' } },
      { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'medium' } },
    ],
    ['amazon.nova-2-lite-v1:0', { reasoning: { effort: 'none' } }, { reasoningConfig: { type: 'disabled' } }],
    ['openai.gpt-oss-20b-1:0', { reasoning: { effort: 'xhigh' } }, { reasoning_effort: 'high' }],
    [LLAMA, { reasoning: { effort: 'high' } }, undefined],
  ])('%s with %j is told %j', (model, fields, expected) => {
    expect(fieldsOf(fields, model)).toEqual(expected);
  });

  test('a budget comes with a cap above it, and without the knobs that thinking refuses', () => {
    const body = encode({ reasoning: { effort: 'low' }, temperature: 0.2, top_p: 0.5, top_k: 3 });
    expect(body['inferenceConfig']).toEqual({ maxTokens: 64_000 });
    expect(body['additionalModelRequestFields']).toEqual({ thinking: { type: 'enabled', budget_tokens: 12_800 } });
  });

  test('a call that is forced counts more than the wish to think', () => {
    const fields = { ...lookup, tool_choice: 'required', reasoning: { effort: 'high' } };
    expect(fieldsOf(fields, SONNET)).toEqual({ thinking: { type: 'disabled' } });
    expect(fieldsOf(fields, CLAUDE_5)).toEqual({ thinking: { type: 'disabled' } });
  });

  const signed = { type: 'reasoning.text', text: 'Hm', signature: 's', format: 'anthropic-claude-v1' };
  const blob = { type: 'reasoning.encrypted', data: 'x', format: 'anthropic-claude-v1' };
  const loop = (details: object[]) => ({
    messages: [
      user('Q'),
      { role: 'assistant', reasoning_details: details, tool_calls: [call('a', 'look')] },
      result('a', 'A'),
    ],
    reasoning: { max_tokens: 2_000 },
    ...lookup,
  });

  test('signed and encrypted thoughts go back to Claude, in front of the calls and in their order', () => {
    const body = encode(loop([signed, blob]));
    expect(body['messages']).toMatchObject([
      {},
      {
        content: [
          { reasoningContent: { reasoningText: { text: 'Hm', signature: 's' } } },
          { reasoningContent: { redactedContent: 'x' } },
          { toolUse: { toolUseId: 'a' } },
        ],
      },
      {},
    ]);
    expect(body['additionalModelRequestFields']).toMatchObject({ thinking: { type: 'enabled' } });
  });

  test.each([
    ['unsigned', { ...signed, signature: undefined }],
    ['foreign', { ...signed, format: 'google-gemini-v1' }],
    ['of unknown origin', { ...signed, format: undefined }],
    ['a summary', { type: 'reasoning.summary', summary: 'Hm', format: 'anthropic-claude-v1' }],
    ['a foreign blob', { ...blob, format: 'openai-responses-v1' }],
  ])('a thought that is %s stays behind, and a loop that began without one ends without', (_name, detail) => {
    const body = encode(loop([detail]));
    expect(JSON.stringify(body)).not.toContain('reasoningContent');
    expect(JSON.stringify(body)).not.toContain('Hm');
    expect(body['additionalModelRequestFields']).toEqual({ thinking: { type: 'disabled' } });
  });

  test('nobody but Claude is sent thoughts', () => {
    expect(JSON.stringify(encode(loop([signed]), LLAMA))).not.toContain('reasoningContent');
  });
});

describe('the form of the answer', () => {
  const format = { response_format: { type: 'json_schema', json_schema: { name: 'count', description: 'D', schema } } };

  test('is the output format of models that have one', () => {
    expect(encode(format)['outputConfig']).toEqual({
      textFormat: {
        type: 'json_schema',
        structure: { jsonSchema: { schema: expect.any(String), name: 'count', description: 'D' } },
      },
    });
    expect(encode(format)).not.toHaveProperty('toolConfig');
    // Claude wants every object closed.
    expect(JSON.stringify(encode(format)['outputConfig'])).toContain(
      JSON.stringify('"additionalProperties":false').slice(1, -1),
    );
  });

  test('is a tool of its own for those that can be made to call one', () => {
    const spec = (name: string) => ({
      toolSpec: { name, description: expect.stringContaining('D'), inputSchema: { json: schema } },
    });
    expect(encode(format, NOVA)['toolConfig']).toEqual({
      tools: [spec('json_response')],
      toolChoice: { tool: { name: 'json_response' } },
    });
    expect(encode({ ...format, tools: [tool('json_response')] }, NOVA)['toolConfig']).toEqual({
      tools: [{ toolSpec: { name: 'json_response', inputSchema: { json: schema } } }, spec('json_response_2')],
      toolChoice: { any: {} },
    });
  });

  test('is any tool where a certain one cannot be named, and told in words where none can be forced', () => {
    expect(encode(format, MISTRAL)['toolConfig']).toMatchObject({ toolChoice: { any: {} } });
    const body = encode(format, LLAMA);
    expect(body).not.toHaveProperty('toolConfig');
    expect(JSON.stringify(body['system'])).toContain('JSON Schema');
  });

  test('gives way to a call that the client forces', () => {
    const body = encode({ ...format, ...lookup, tool_choice: 'required' }, NOVA);
    expect(JSON.stringify(body)).not.toContain('json_response');
  });

  test.each([
    [{ type: 'json_object' }, 'JSON object'],
    [{ type: 'json_schema', json_schema: { name: 'list', schema: { type: 'array' } } }, '{"type":"array"}'],
  ])('%j is asked for in words', (responseFormat, words) => {
    const { system } = encode({ response_format: responseFormat }, LLAMA);
    expect(JSON.stringify(system).replaceAll('\\"', '"')).toContain(words);
  });
});

describe('cache points', () => {
  const marked = (words: string, ttl?: string) => ({
    type: 'text',
    text: words,
    cache_control: { type: 'ephemeral', ...(ttl ? { ttl } : {}) },
  });
  const point = { cachePoint: { type: 'default' } };
  const rich = {
    messages: [
      { role: 'system', content: [marked('s1'), marked('s2', '1h')] },
      user([marked('u1')]),
      { role: 'assistant', content: 'a1' },
      user([marked('u2'), { type: 'text', text: 'x' }]),
      { role: 'assistant', content: 'a2' },
      user([marked('u3')]),
    ],
    tools: [{ ...tool('look'), cache_control: { type: 'ephemeral' } }],
  };

  test('stand behind what they mark, and four of them are kept: the last of tools and system, and the latest', () => {
    const body = encode(rich);
    expect(body['system']).toEqual([text('s1'), text('s2'), { cachePoint: { type: 'default', ttl: '1h' } }]);
    expect(body['toolConfig']).toMatchObject({ tools: [{ toolSpec: {} }, point] });
    expect(body['messages']).toMatchObject([
      { content: [text('u1')] },
      {},
      { content: [text('u2'), point, text('x')] },
      {},
      { content: [text('u3'), point] },
    ]);
  });

  test('are not for models that have no cache, nor behind the tools of Nova', () => {
    expect(JSON.stringify(encode(rich, LLAMA))).not.toContain('cachePoint');
    expect(JSON.stringify(encode(rich, NOVA)['toolConfig'])).not.toContain('cachePoint');
    expect(JSON.stringify(encode(rich, NOVA)['messages'])).toContain('cachePoint');
  });

  test('a prompt that is marked as a whole has one at its end', () => {
    expect(messagesOf([user('Q')], { cache_control: { type: 'ephemeral' } })).toEqual([
      { role: 'user', content: [text('Q'), point] },
    ]);
  });

  test('the mark of a result stands behind the result', () => {
    const messages = [user('Q'), { role: 'assistant', tool_calls: [call('a', 'look')] }, result('a', [marked('A')])];
    expect(messagesOf(messages, lookup)).toMatchObject([
      {},
      {},
      { content: [{ toolResult: { content: [text('A')] } }, point] },
    ]);
  });
});

test('any conversation becomes turns that Converse accepts', () => {
  const words = fc.constantFrom('', ' ', 'a', 'b ');
  const id = fc.constantFrom('c1', 'c 2', '');
  const message = fc.oneof(
    fc.record({ role: fc.constantFrom('system', 'user', 'developer'), content: words }),
    fc.record({
      role: fc.constant('assistant'),
      content: words,
      tool_calls: fc.array(
        id.map((name) => call(`id${name}`, 'look')),
        { maxLength: 2 },
      ),
    }),
    fc.record({ role: fc.constant('tool'), tool_call_id: id.map((name) => `id${name}`), content: words }),
  );
  const blocksOf = (turn: unknown): JsonObject[] => {
    const content = isJsonObject(turn) ? turn['content'] : null;
    return Array.isArray(content) ? content.filter(isJsonObject) : [];
  };
  const idsIn = (turn: unknown, kind: string) =>
    blocksOf(turn).flatMap((block) => {
      const found = block[kind];
      return isJsonObject(found) ? [found['toolUseId']] : [];
    });
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 8 }), fc.boolean(), (messages, hasTools) => {
      const turns = messagesOf(messages, hasTools ? lookup : {});
      if (!Array.isArray(turns)) throw new Error('no turns');
      for (const [at, turn] of turns.entries()) {
        expect(turn).toMatchObject({ role: at % 2 === 0 ? 'user' : 'assistant' });
        expect(blocksOf(turn).length).toBeGreaterThan(0);
        for (const { text: said } of blocksOf(turn)) if (typeof said === 'string') expect(said.trim()).not.toBe('');
        expect(new Set(idsIn(turns[at + 1], 'toolResult'))).toEqual(new Set(idsIn(turn, 'toolUse')));
      }
      const all = turns.flatMap((turn) => idsIn(turn, 'toolUse'));
      expect(new Set(all).size).toBe(all.length);
      if (!hasTools) expect(all).toEqual([]);
    }),
  );
});
