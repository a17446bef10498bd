import { isAppError } from '@bourse/errors';
import { describe, expect, test } from 'vitest';
import { decodePrompt } from './decode-prompt.ts';

const model = 'acme/sprint';
const decode = (fields: object = {}) => decodePrompt({ model, input: 'Hi', ...fields });

function refusal(fields: object): { path: unknown; message: string } {
  try {
    decode(fields);
  } catch (error) {
    if (isAppError(error)) return { path: error.metadata['path'], message: error.message };
  }
  throw new Error('not refused');
}

describe('what would need memory', () => {
  test.each([
    [{ store: true }, 'store'],
    [{ previous_response_id: 'resp_1' }, 'previous_response_id'],
    [{ conversation: 'conv_1' }, 'conversation'],
    [{ conversation: { id: 'conv_1' } }, 'conversation'],
    [{ background: true }, 'background'],
    [{ truncation: 'auto' }, 'truncation'],
    [{ prompt: { id: 'pmpt_1' } }, 'prompt'],
    [{ input: [{ type: 'item_reference', id: 'msg_1' }] }, 'input[0]'],
  ])('%j is refused, and the field is named', (fields, path) => {
    const refused = refusal(fields);
    expect(refused.path).toBe(path);
    expect(refused.message).toMatch(/\.$/);
  });

  test('the words for having none are accepted', () => {
    const fields = { store: false, previous_response_id: null, conversation: null, background: false };
    expect(decode({ ...fields, truncation: 'disabled' }).messages).toHaveLength(1);
  });
});

describe('input', () => {
  test('a string is one user message, and instructions come before it', () => {
    expect(decode({ instructions: 'Be brief.' }).messages).toEqual([
      { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
      { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
    ]);
  });

  test('messages come in their easy and their full form, with every kind of part', () => {
    const input = [
      { role: 'developer', content: 'D' },
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'input_text', text: 'T' },
          { type: 'input_image', image_url: 'https://a/b.png', detail: 'low' },
          { type: 'input_file', filename: 'f.pdf', file_data: 'data:application/pdf;base64,AA' },
          { type: 'input_file', file_url: 'https://a/c.pdf' },
          { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
        ],
      },
      {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        status: 'completed',
        content: [
          { type: 'output_text', text: 'A', annotations: [] },
          { type: 'refusal', refusal: 'No.' },
        ],
      },
    ];
    expect(decode({ input }).messages).toEqual([
      { role: 'developer', content: [{ type: 'text', text: 'D' }] },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'T' },
          { type: 'image', url: 'https://a/b.png', detail: 'low' },
          { type: 'file', fileData: 'data:application/pdf;base64,AA', filename: 'f.pdf' },
          { type: 'file', fileData: 'https://a/c.pdf' },
          { type: 'audio', base64: 'AAAA', format: 'wav' },
        ],
      },
      { role: 'assistant', content: [{ type: 'text', text: 'A' }], toolCalls: [], reasoning: [], refusal: 'No.' },
    ]);
  });

  test('what an assistant thought, said and called between two others is one message', () => {
    const input = [
      { role: 'user', content: 'Weather?' },
      {
        type: 'reasoning',
        id: 'rs_1',
        summary: [{ type: 'summary_text', text: 'Look.' }],
        encrypted_content: 'gAAA',
      },
      { role: 'assistant', content: 'Let me look.' },
      { type: 'function_call', id: 'fc_1', call_id: 'c1', name: 'weather', arguments: '{"a":1}' },
      { type: 'custom_tool_call', call_id: 'c2', name: 'shell', input: 'ls "x"' },
      { type: 'function_call_output', call_id: 'c1', output: 'sunny' },
      {
        type: 'custom_tool_call_output',
        call_id: 'c2',
        output: [
          { type: 'input_text', text: 'x' },
          { type: 'input_image', image_url: 'data:image/png;base64,AA' },
        ],
      },
    ];
    const format = 'openai-responses-v1';
    expect(decode({ input }).messages.slice(1)).toEqual([
      {
        role: 'assistant',
        content: [{ type: 'text', text: 'Let me look.' }],
        toolCalls: [
          { callId: 'c1', name: 'weather', argumentsText: '{"a":1}' },
          { callId: 'c2', name: 'shell', argumentsText: '{"input":"ls \\"x\\""}' },
        ],
        reasoning: [
          { type: 'summary', text: 'Look.', id: 'rs_1', format },
          { type: 'encrypted', data: 'gAAA', id: 'rs_1', format },
        ],
      },
      { role: 'tool', callId: 'c1', content: [{ type: 'text', text: 'sunny' }] },
      {
        role: 'tool',
        callId: 'c2',
        content: [
          { type: 'text', text: 'x' },
          { type: 'image', url: 'data:image/png;base64,AA' },
        ],
      },
    ]);
  });

  test.each([
    [{ input: undefined }, 'input'],
    [{ input: 5 }, 'input'],
    [{ input: [] }, 'input'],
    [{ input: [{ role: 'robot', content: 'x' }] }, 'input[0].role'],
    [
      {
        input: [
          { role: 'user', content: 'x' },
          { role: 'user', content: [{ type: 'input_text' }] },
        ],
      },
      'input[1].content[0].text',
    ],
    [{ input: [{ type: 'function_call', name: 'f', arguments: '{}' }] }, 'input[0].call_id'],
    [{ input: [{ type: 'function_call_output', call_id: 'c' }] }, 'input[0].output'],
    [{ input: [{ type: 'reasoning', summary: 'text' }] }, 'input[0].summary'],
    [{ input: [{ role: 'user', content: [{ type: 'input_image' }] }] }, 'input[0].content[0]'],
    [{ temperature: 9 }, 'temperature'],
    [{ tools: [{ type: 'function' }] }, 'tools[0].name'],
  ])('%j is refused by the path of what is wrong', (fields, path) => {
    expect(refusal(fields).path).toBe(path);
  });
});

describe('settings', () => {
  test('reach the hub in its words', () => {
    const prompt = decode({
      tools: [
        { type: 'function', name: 'f', description: 'D', parameters: { type: 'object' }, strict: false },
        { type: 'custom', name: 'shell', format: { type: 'grammar', syntax: 'lark', definition: 'start: "a"' } },
      ],
      tool_choice: { type: 'function', name: 'f' },
      parallel_tool_calls: false,
      reasoning: { effort: 'high', summary: 'auto' },
      text: { format: { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true }, verbosity: 'low' },
      max_output_tokens: 100,
      temperature: 0.5,
      top_p: 0.9,
      include: ['message.output_text.logprobs'],
      top_logprobs: 2,
      provider: { only: ['x'] },
      max_cost: '0.01',
      stream: true,
      prompt_cache_key: 'k',
      service_tier: 'flex',
      future_field: 1,
    });
    expect(prompt).toMatchObject({
      tools: [
        { name: 'f', description: 'D', parameters: { type: 'object' }, isStrict: false },
        { name: 'shell', parameters: { required: ['input'], properties: { input: { type: 'string' } } } },
      ],
      toolChoice: { type: 'tool', name: 'f' },
      hasParallelToolCalls: false,
      reasoning: { effort: 'high', summary: 'auto' },
      responseFormat: { type: 'json_schema', name: 'n', schema: { type: 'object' }, isStrict: true },
      verbosity: 'low',
      outputTokensMax: 100,
      sampling: { temperature: 0.5, topP: 0.9, logprobs: true, topLogprobs: 2 },
      preferences: { only: ['x'] },
      maxCostUsd: '0.01',
      isStreamed: true,
      promptCacheKey: 'k',
      serviceTier: 'flex',
      choiceCount: 1,
      source: { wire: 'openai-responses' },
    });
    expect(prompt.extensions).toEqual({ future_field: 1 });
    expect(prompt).not.toHaveProperty('hasNativeTools');
    expect(prompt.parameters).toEqual([
      'temperature',
      'top_p',
      'max_tokens',
      'logprobs',
      'top_logprobs',
      'response_format',
      'structured_outputs',
      'tools',
      'tool_choice',
      'parallel_tool_calls',
      'reasoning',
      'verbosity',
    ]);
  });

  test.each([
    [{ tools: [{ type: 'web_search' }] }],
    [{ tool_choice: { type: 'web_search' } }],
    [{ input: [{ type: 'web_search_call', id: 'ws_1', status: 'completed' }] }],
  ])('%j can be read only by an endpoint of the dialect', (fields) => {
    expect(decode(fields).hasNativeTools).toBe(true);
  });

  test('an effort and a budget for thinking are alternatives', () => {
    expect(refusal({ reasoning: { effort: 'low', max_tokens: 5 } }).path).toBe('reasoning');
    expect(decode({ reasoning: { enabled: false } }).reasoning).toEqual({ effort: 'none' });
    expect(decode({ reasoning: { max_tokens: 5, exclude: true } }).reasoning).toEqual({
      tokensMax: 5,
      isExcluded: true,
    });
  });

  test('all that the model may read is weighed, also what the hub does not carry', () => {
    const plain = decode().inputBytes;
    expect(decode({ instructions: 'x'.repeat(100) }).inputBytes).toBeGreaterThanOrEqual(plain + 100);
    expect(decode({ tools: [{ type: 'web_search', note: 'x'.repeat(100) }] }).inputBytes).toBeGreaterThan(plain + 100);
    const item = { type: 'web_search_call', id: 'ws_1', query: 'x'.repeat(100) };
    expect(decode({ input: [{ role: 'user', content: 'Hi' }, item] }).inputBytes).toBeGreaterThan(plain + 100);
    expect(decode({ future_field: 'x'.repeat(100) }).inputBytes).toBeGreaterThanOrEqual(plain + 100);
  });
});
