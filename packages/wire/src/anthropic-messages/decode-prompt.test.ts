import { isAppError } from '@bourse/errors';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodePrompt } from './decode-prompt.ts';
import { dataFor, dataForCall, signatureFor } from './foreign-reasoning.ts';

const hi = { model: 'a/b', messages: [{ role: 'user', content: 'Hi' }] };
const withMessages = (...messages: object[]) => decodePrompt({ ...hi, messages }).messages;
const user = (...content: object[]) => withMessages({ role: 'user', content });

test.each([
  [{}, undefined],
  [{ speed: 'fast' }, 'priority'],
  [{ service_tier: 'priority' }, 'priority'],
  [{ service_tier: 'fast' }, 'priority'],
  [{ service_tier: 'flex' }, 'flex'],
  [{ service_tier: 'auto' }, undefined],
  [{ service_tier: 'standard_only' }, undefined],
])('of %j the market reads the tier %s, and leaves Anthropic its own words', (fields, tier) => {
  expect(decodePrompt({ ...hi, ...fields }).serviceTier).toBe(tier);
});

describe('messages', () => {
  test('the system prompt is the first of them, whatever its form', () => {
    expect(decodePrompt({ ...hi, system: 'S' }).messages[0]).toEqual({
      role: 'system',
      content: [{ type: 'text', text: 'S' }],
    });
    const system = [{ type: 'text', text: 'S', cache_control: { type: 'ephemeral', ttl: '1h' } }];
    expect(decodePrompt({ ...hi, system }).messages[0]?.content).toEqual([
      { type: 'text', text: 'S', cache: { ttl: '1h' } },
    ]);
    expect(decodePrompt({ ...hi, system: '' }).messages).toHaveLength(1);
  });

  test('pictures and documents of every source', () => {
    expect(
      user(
        {
          type: 'image',
          source: { type: 'base64', media_type: 'image/png', data: 'AA' },
          cache_control: { type: 'ephemeral' },
        },
        { type: 'image', source: { type: 'url', url: 'https://x/y.png' } },
        { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'BB' }, title: 'T' },
        { type: 'document', source: { type: 'url', url: 'https://x/y.pdf' } },
        { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'plain' }, title: 'T' },
        { type: 'document', source: { type: 'content', content: [{ type: 'text', text: 'inner' }] } },
        { type: 'search_result', source: 'https://s', title: 'S', content: [{ type: 'text', text: 'found' }] },
      ),
    ).toEqual([
      {
        role: 'user',
        content: [
          { type: 'image', url: 'data:image/png;base64,AA', cache: {} },
          { type: 'image', url: 'https://x/y.png' },
          { type: 'file', filename: 'T', fileData: 'data:application/pdf;base64,BB' },
          { type: 'file', fileData: 'https://x/y.pdf' },
          { type: 'text', text: 'T\n\nplain' },
          { type: 'text', text: 'inner' },
          { type: 'text', text: 'S\nhttps://s\nfound' },
        ],
      },
    ]);
  });

  test('results of tools are messages of their own, before what the user says', () => {
    expect(
      user(
        { type: 'text', text: 'And?' },
        { type: 'tool_result', tool_use_id: 'a', content: 'ok', is_error: true },
        {
          type: 'tool_result',
          tool_use_id: 'b',
          content: [{ type: 'text', text: 'x' }],
          cache_control: { type: 'ephemeral' },
        },
        { type: 'tool_result', tool_use_id: 'c' },
      ),
    ).toEqual([
      { role: 'tool', callId: 'a', content: [{ type: 'text', text: 'ok' }], isError: true },
      { role: 'tool', callId: 'b', content: [{ type: 'text', text: 'x', cache: {} }] },
      { role: 'tool', callId: 'c', content: [] },
      { role: 'user', content: [{ type: 'text', text: 'And?' }] },
    ]);
  });

  test('an assistant’s thoughts and calls; what its servers’ tools did is left to Anthropic', () => {
    expect(
      withMessages({
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Hm', signature: 'sig' },
          { type: 'thinking', thinking: 'unsigned' },
          { type: 'redacted_thinking', data: 'blob' },
          { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
          { type: 'web_search_tool_result', tool_use_id: 's', content: [] },
          { type: 'text', text: 'T' },
          { type: 'tool_use', id: 'x', name: 'f', input: { b: 1, a: [2] } },
        ],
      }),
    ).toEqual([
      {
        role: 'assistant',
        content: [{ type: 'text', text: 'T' }],
        toolCalls: [{ callId: 'x', name: 'f', argumentsText: '{"b":1,"a":[2]}' }],
        reasoning: [
          { type: 'text', text: 'Hm', signature: 'sig', format: 'anthropic-claude-v1' },
          { type: 'text', text: 'unsigned', format: 'unknown' },
          { type: 'encrypted', data: 'blob', format: 'anthropic-claude-v1' },
        ],
      },
    ]);
  });

  test('reasoning and signatures of other families come back as what they were', () => {
    const [message] = withMessages({
      role: 'assistant',
      content: [
        {
          type: 'thinking',
          thinking: 'Hm',
          signature: signatureFor({ signature: 's', format: 'google-gemini-v1', id: 'i' }),
        },
        { type: 'redacted_thinking', data: dataFor({ data: 'blob', format: 'openai-responses-v1', id: 'rs_1' }) },
        { type: 'redacted_thinking', data: dataForCall({ callId: 'x', signature: 'gem' }) },
        { type: 'tool_use', id: 'x', name: 'f', input: {} },
      ],
    });
    expect(message).toMatchObject({
      reasoning: [
        { type: 'text', text: 'Hm', signature: 's', id: 'i', format: 'google-gemini-v1' },
        { type: 'encrypted', data: 'blob', id: 'rs_1', format: 'openai-responses-v1' },
      ],
      toolCalls: [{ callId: 'x', signature: 'gem' }],
    });
  });

  test('a mark of ours that somebody damaged is no reason to fail', () => {
    const [message] = withMessages({
      role: 'assistant',
      content: [{ type: 'redacted_thinking', data: 'bourse1:{"da' }],
    });
    expect(message).toMatchObject({ reasoning: [{ type: 'encrypted', data: 'bourse1:{"da' }] });
  });
});

describe('the rest of the request', () => {
  test.each([
    [{ max_tokens: 5 }, { outputTokensMax: 5 }],
    [{ temperature: 0.5, top_p: 0.9, top_k: 3 }, { sampling: { temperature: 0.5, topP: 0.9, topK: 3 } }],
    [{ stop_sequences: ['X'] }, { sampling: { stop: ['X'] } }],
    [
      { tool_choice: { type: 'any', disable_parallel_tool_use: true } },
      { toolChoice: { type: 'required' }, hasParallelToolCalls: false },
    ],
    [{ tool_choice: { type: 'tool', name: 'f' } }, { toolChoice: { type: 'tool', name: 'f' } }],
    [{ tool_choice: { type: 'none' } }, { toolChoice: { type: 'none' } }],
    [{ thinking: { type: 'enabled', budget_tokens: 2000 } }, { reasoning: { tokensMax: 2000 } }],
    [{ thinking: { type: 'disabled' }, output_config: { effort: 'high' } }, { reasoning: { effort: 'none' } }],
    [{ thinking: { type: 'adaptive' } }, { reasoning: {} }],
    [{ thinking: { type: 'adaptive' }, output_config: { effort: 'low' } }, { reasoning: { effort: 'low' } }],
    [
      { output_config: { format: { type: 'json_schema', schema: { type: 'object' } } } },
      { responseFormat: { type: 'json_schema', name: 'answer', schema: { type: 'object' }, isStrict: true } },
    ],
    [{ cache_control: { type: 'ephemeral' } }, { cache: {} }],
    [{ metadata: { user_id: 'u' } }, { endUser: 'u' }],
    [{ user: 'v', metadata: { user_id: 'u' } }, { endUser: 'v' }],
    [{ fallbacks: [{ model: 'c/d' }] }, { modelFallbacks: ['c/d'] }],
    [{ models: ['c/d'] }, { modelFallbacks: ['c/d'] }],
    [
      { provider: { only: ['x'] }, session_id: 's', max_cost: '0.5' },
      { preferences: { only: ['x'] }, sessionId: 's', maxCostUsd: '0.5' },
    ],
    [{ stream: true }, { isStreamed: true }],
    [
      { max_tokens: null, stream: null, tools: null },
      { isStreamed: false, tools: [] },
    ],
    [{ tools: [{ type: 'web_search_20250305', name: 'web_search' }] }, { hasNativeTools: true, tools: [] }],
    [{ mcp_servers: [{ type: 'url' }] }, { hasNativeTools: true }],
    [{ future_field: 1 }, { extensions: { future_field: 1 } }],
  ])('%j', (fields, expected) => {
    expect(decodePrompt({ ...hi, ...fields })).toMatchObject(expected);
  });

  test('tools of the client', () => {
    const schema = { type: 'object', properties: { a: { type: 'string' } } };
    const tools = [
      { name: 'f', description: 'D', input_schema: schema, strict: true, cache_control: { type: 'ephemeral' } },
    ];
    expect(decodePrompt({ ...hi, tools })).toMatchObject({
      tools: [{ name: 'f', description: 'D', parameters: schema, isStrict: true, cache: {} }],
    });
  });

  test('blocks that only Anthropic reads keep a prompt with it; traces of them in an answer do not', () => {
    const block = { type: 'container_upload', file_id: 'x' };
    expect(decodePrompt({ ...hi, messages: [{ role: 'user', content: [block] }] }).hasNativeTools).toBe(true);
    const messages = [{ role: 'assistant', content: [{ type: 'server_tool_use', id: 's' }] }, ...hi.messages];
    expect(decodePrompt({ ...hi, messages }).hasNativeTools).toBeUndefined();
  });

  test('names the parameters that were sent, in the words of the catalog', () => {
    const { parameters } = decodePrompt({
      ...hi,
      max_tokens: 5,
      stop_sequences: [],
      tools: [{ name: 'f', input_schema: {} }],
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
      thinking: { type: 'adaptive' },
    });
    expect([...parameters].sort()).toEqual(['max_tokens', 'parallel_tool_calls', 'reasoning', 'tool_choice', 'tools']);
  });

  test('what the hub does not carry weighs, too', () => {
    const weight = (block: object) =>
      decodePrompt({ ...hi, messages: [{ role: 'user', content: [block] }] }).inputBytes;
    const text = { type: 'text', text: 'x' };
    expect(weight({ ...text, extra: 'y'.repeat(1000) })).toBeGreaterThan(weight(text) + 1000);
    expect(weight({ type: 'block_of_the_future', text: 'y'.repeat(1000) })).toBeGreaterThan(1000);
    const result = { type: 'tool_result', tool_use_id: 'a', content: [{ type: 'odd', text: 'y'.repeat(1000) }] };
    expect(weight(result)).toBeGreaterThan(1000);
  });
});

function pathOf(body: unknown): unknown {
  try {
    decodePrompt(body);
  } catch (error) {
    if (isAppError(error) && error.code === 'invalid_request') return error.metadata['path'];
    throw error;
  }
  return 'nothing was refused';
}

describe('what is refused', () => {
  test.each([
    [{ messages: hi.messages }, 'model'],
    [{ ...hi, messages: [] }, 'messages'],
    [{ ...hi, max_tokens: 0 }, 'max_tokens'],
    [{ ...hi, temperature: 3 }, 'temperature'],
    [{ ...hi, messages: [{ role: 'user', content: [{ type: 'text' }] }] }, 'messages[0].content[0].text'],
    [
      { ...hi, messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'file', file_id: 'f' } }] }] },
      'messages[0].content[0].source.type',
    ],
    [{ ...hi, tools: [{ name: 'f' }] }, 'tools[0].input_schema'],
    [{ ...hi, tools: [{ type: 'advisor_20260301', name: 'advisor' }] }, 'tools[0].type'],
    [{ ...hi, thinking: { type: 'enabled', budget_tokens: 5 } }, 'thinking.budget_tokens'],
    [{ ...hi, fallbacks: [{ model: 'c/d' }], models: ['e/f'] }, 'fallbacks'],
    [{ ...hi, fallbacks: [{ model: 'c/d', max_tokens: 4 }] }, 'fallbacks[0].max_tokens'],
    [{ ...hi, inference_geo: 'us' }, 'inference_geo'],
    [{ ...hi, provider: { onyl: ['x'] } }, 'provider.onyl'],
    [[], ''],
  ])('%j, at %s', (body, path) => {
    expect(pathOf(body)).toBe(path);
  });

  test('anything else with an AppError, never with another exception', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (messages, tools, system) => {
        for (const body of [
          messages,
          { ...hi, tools },
          { ...hi, system },
          { ...hi, messages: [{ role: 'user', content: messages }] },
        ]) {
          try {
            decodePrompt(body);
          } catch (error) {
            expect(isAppError(error)).toBe(true);
          }
        }
      }),
    );
  });
});
