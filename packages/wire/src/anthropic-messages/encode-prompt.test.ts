import type { JsonObject } from '@bourse/generation';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodePrompt as decodeChat } from '../openai-chat/decode-prompt.ts';
import type { CallTarget } from '../wire-format.ts';
import { decodePrompt } from './decode-prompt.ts';
import { encodePrompt, lacks } from './encode-prompt.ts';
import { signatureFor } from './foreign-reasoning.ts';

const target = (fields: Partial<CallTarget> = {}): CallTarget => ({
  upstreamModel: 'up-1',
  isStreamed: false,
  outputTokensMax: null,
  endpointOutputTokensMax: 8000,
  ...fields,
});
const user = { role: 'user', content: 'Hi' };
const chat = (fields: object, at: Partial<CallTarget> = {}): JsonObject =>
  encodePrompt(decodeChat({ model: 'a/b', messages: [user], ...fields }), target(at));
const turns = (...messages: object[]) => chat({ messages })['messages'];
const call = (id: string, name = 'f', text = '{}') => ({ id, type: 'function', function: { name, arguments: text } });
const called = (...calls: object[]) => ({ role: 'assistant', content: null, tool_calls: calls });
const answered = (id: string, content: unknown = 'ok') => ({ role: 'tool', tool_call_id: id, content });
const fn = (name: string, fields: object = {}) => ({ type: 'function', function: { name, ...fields } });
const mark = { cache_control: { type: 'ephemeral' } };
const marked = (text: string, ttl?: string) => ({
  type: 'text',
  text,
  cache_control: { type: 'ephemeral', ...(ttl ? { ttl } : {}) },
});

describe('turns', () => {
  test('leading instructions are the system prompt, later ones keep their place and say whose they are', () => {
    const body = chat({
      messages: [
        { role: 'system', content: 'A' },
        { role: 'developer', content: 'B' },
        user,
        { role: 'assistant', content: 'Yes' },
        { role: 'system', content: 'C' },
        { role: 'user', content: 'And?' },
      ],
    });
    expect(body['system']).toEqual([
      { type: 'text', text: 'A' },
      { type: 'text', text: 'B' },
    ]);
    expect(body['messages']).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'Yes' }] },
      {
        role: 'user',
        content: [
          { type: 'text', text: '<system>C</system>' },
          { type: 'text', text: 'And?' },
        ],
      },
    ]);
  });

  test('one instruction is plain text, and instructions alone are a question', () => {
    expect(chat({ messages: [{ role: 'system', content: 'A' }, user] })['system']).toBe('A');
    const alone = chat({ messages: [{ role: 'system', content: 'A' }] });
    expect(alone).not.toHaveProperty('system');
    expect(alone['messages']).toEqual([{ role: 'user', content: [{ type: 'text', text: 'A' }] }]);
  });

  test('neighbours of one role are one turn; what is empty is left out', () => {
    expect(
      turns(
        user,
        { role: 'assistant', content: '' },
        { role: 'user', content: ' \n' },
        { role: 'user', content: 'B', name: 'bob' },
      ),
    ).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Hi' },
          { type: 'text', text: 'B' },
        ],
      },
    ]);
  });

  test('results of tools come first in their turn, in one turn', () => {
    expect(
      turns(
        user,
        called(call('a'), call('b')),
        { role: 'user', content: 'Wait.' },
        answered('a'),
        answered('b', [{ type: 'text', text: 'x' }]),
      ),
    ).toMatchObject([
      {},
      { role: 'assistant', content: [{ id: 'a' }, { id: 'b' }] },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'a', content: 'ok' },
          { type: 'tool_result', tool_use_id: 'b', content: 'x' },
          { type: 'text', text: 'Wait.' },
        ],
      },
    ]);
  });

  test('a beginning to go on from loses its trailing white space', () => {
    expect(turns(user, { role: 'assistant', content: 'Once upon a \n' })).toMatchObject([
      {},
      { role: 'assistant', content: [{ text: 'Once upon a' }] },
    ]);
  });

  test('pictures and documents, in results too', () => {
    const png = 'data:image/jpeg;name=a.png;base64,iVBOR w0KGgo=';
    const pdf = 'data:application/pdf;base64,JVBERi0=';
    const note = 'data:text/plain;base64,w6k=';
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } };
    expect(
      turns(
        {
          role: 'user',
          content: [
            { type: 'image_url', image_url: { url: png, detail: 'high' } },
            { type: 'image_url', image_url: { url: 'https://x/y.png' } },
            { type: 'file', file: { filename: 'a.pdf', file_data: pdf } },
            { type: 'file', file: { file_data: note } },
            { type: 'file', file: { file_data: 'https://x/y.pdf' } },
          ],
        },
        called(call('a')),
        answered('a', [{ type: 'image_url', image_url: { url: png } }]),
      ),
    ).toMatchObject([
      {
        content: [
          image,
          { type: 'image', source: { type: 'url', url: 'https://x/y.png' } },
          { type: 'document', source: { type: 'base64', media_type: 'application/pdf' }, title: 'a.pdf' },
          { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'é' } },
          { type: 'document', source: { type: 'url', url: 'https://x/y.pdf' } },
        ],
      },
      {},
      { content: [{ type: 'tool_result', tool_use_id: 'a', content: [image] }] },
    ]);
  });

  test('only what Anthropic signed goes back to it as a thought', () => {
    const details = [
      { type: 'reasoning.text', text: 'mine', signature: 's', format: 'anthropic-claude-v1' },
      { type: 'reasoning.encrypted', data: 'd', format: 'anthropic-claude-v1' },
      { type: 'reasoning.text', text: 'unsigned', format: 'anthropic-claude-v1' },
      { type: 'reasoning.text', text: 'foreign', signature: 's', format: 'google-gemini-v1' },
      { type: 'reasoning.encrypted', data: 'd', format: 'openai-responses-v1' },
      { type: 'reasoning.summary', summary: 'sum', format: 'anthropic-claude-v1' },
    ];
    expect(turns(user, { role: 'assistant', content: 'T', reasoning_details: details }, user)).toMatchObject([
      {},
      {
        content: [
          { type: 'thinking', thinking: 'mine', signature: 's' },
          { type: 'redacted_thinking', data: 'd' },
          { type: 'text', text: 'T' },
        ],
      },
      {},
    ]);
  });
});

describe('tools', () => {
  test('have a schema of an object, and names and ids that Anthropic takes', () => {
    const body = chat({
      tools: [fn('a.b', { description: 'D', strict: true }), fn('a_b', { parameters: { properties: {} } })],
      messages: [user, called(call('call:1', 'a.b')), answered('call:1')],
    });
    expect(body['tools']).toEqual([
      { name: 'a_b_2', description: 'D', input_schema: { type: 'object', properties: {} } },
      { name: 'a_b', input_schema: { type: 'object', properties: {} } },
    ]);
    expect(body['messages']).toMatchObject([
      {},
      { content: [{ id: 'call_1', name: 'a_b_2' }] },
      { content: [{ tool_use_id: 'call_1' }] },
    ]);
  });

  test('repeated ids of calls are told apart, and results find the call before them', () => {
    expect(
      turns(
        user,
        called(call('x')),
        answered('x', '1'),
        called(call('x'), call('x')),
        answered('x', '2'),
        answered('x', '3'),
      ),
    ).toMatchObject([
      {},
      { content: [{ id: 'x' }] },
      { content: [{ tool_use_id: 'x', content: '1' }] },
      { content: [{ id: 'x_2' }, { id: 'x_3' }] },
      {
        content: [
          { tool_use_id: 'x_2', content: '2' },
          { tool_use_id: 'x_3', content: '3' },
        ],
      },
    ]);
  });

  test.each([
    ['', {}],
    ['{"a":[1]}', { a: [1] }],
    ['{"a":', { _raw: '{"a":' }],
    ['[1]', { _raw: '[1]' }],
  ])('arguments %j are the input %j', (text, input) => {
    expect(turns(user, called(call('x', 'f', text)), answered('x'))).toMatchObject([{}, { content: [{ input }] }, {}]);
  });

  test.each([
    [{}, undefined],
    [{ tool_choice: 'auto' }, { type: 'auto' }],
    [{ tool_choice: 'required' }, { type: 'any' }],
    [{ tool_choice: 'none', parallel_tool_calls: false }, { type: 'none' }],
    [{ tool_choice: { type: 'function', function: { name: 'f' } } }, { type: 'tool', name: 'f' }],
    [{ parallel_tool_calls: false }, { type: 'auto', disable_parallel_tool_use: true }],
    [{ parallel_tool_calls: true }, undefined],
  ])('%j is the choice %j', (fields, choice) => {
    expect(chat({ tools: [fn('f')], ...fields })['tool_choice']).toEqual(choice);
  });

  test('calls in the history without tools get stubs that may not be called', () => {
    const body = chat({
      messages: [user, called(call('x', 'f')), answered('x'), called(call('y', 'f')), answered('y')],
    });
    expect(body).toMatchObject({
      tools: [{ name: 'f', input_schema: { type: 'object' } }],
      tool_choice: { type: 'none' },
    });
  });
});

describe('the cap', () => {
  test.each([
    [{}, {}, 8000],
    [{}, { endpointOutputTokensMax: null }, 4096],
    [{ max_tokens: 100 }, {}, 100],
    [{ max_tokens: 100_000 }, {}, 8000],
    [{ max_tokens: 100 }, { outputTokensMax: 7 }, 7],
    [{}, { outputTokensMax: 7, endpointOutputTokensMax: null }, 7],
  ])('%j at %j is %i', (fields, at, cap) => {
    expect(chat(fields, at)['max_tokens']).toBe(cap);
  });
});

describe('thinking', () => {
  test.each([
    ['max', 7600],
    ['high', 6400],
    ['medium', 4000],
    ['low', 1600],
    ['minimal', 1024],
  ])('an effort of %s is its share of the cap', (effort, budget) => {
    expect(chat({ reasoning: { effort } })['thinking']).toEqual({ type: 'enabled', budget_tokens: budget });
  });

  test.each([
    [{ reasoning: { effort: 'none' } }, { type: 'disabled' }],
    [{ reasoning: { enabled: true } }, { type: 'enabled', budget_tokens: 4000 }],
    [{ reasoning: { max_tokens: 2000 } }, { type: 'enabled', budget_tokens: 2000 }],
    [{ reasoning: { max_tokens: 9000 } }, { type: 'enabled', budget_tokens: 7999 }],
    [{ reasoning: { max_tokens: 10 } }, { type: 'enabled', budget_tokens: 1024 }],
    [{ reasoning: { effort: 'high' }, max_tokens: 1024 }, undefined],
    [
      { reasoning: { effort: 'high' }, max_tokens: 1025 },
      { type: 'enabled', budget_tokens: 1024 },
    ],
    [{ reasoning: { effort: 'high' }, tools: [fn('f')], tool_choice: 'required' }, undefined],
    [{ reasoning: { effort: 'high' }, messages: [user, { role: 'assistant', content: 'Once' }] }, undefined],
    [{ reasoning: { effort: 'high' }, messages: [user, called(call('x')), answered('x')] }, undefined],
    [{}, undefined],
  ])('%j asks for %j', (fields, thinking) => {
    expect(chat(fields)['thinking']).toEqual(thinking);
  });

  test('goes on in a loop of tools whose thoughts are there', () => {
    const details = [{ type: 'reasoning.text', text: 'Hm', signature: 's', format: 'anthropic-claude-v1' }];
    const messages = [user, { ...called(call('x')), reasoning_details: details }, answered('x')];
    expect(chat({ messages, reasoning: { effort: 'low' } })['thinking']).toMatchObject({ type: 'enabled' });
  });

  test.each([
    ['claude-opus-4-6', { effort: 'xhigh' }, 'max'],
    ['claude-sonnet-4.7', { effort: 'minimal' }, 'low'],
    ['claude-sonnet-5', { max_tokens: 6000 }, 'high'],
    ['claude-opus-5-1', { enabled: true }, undefined],
  ])('%s decides for itself, guided by an effort', (upstreamModel, reasoning, effort) => {
    const body = chat({ reasoning }, { upstreamModel });
    expect(body['thinking']).toEqual({ type: 'adaptive', display: 'summarized' });
    expect(body['output_config']).toEqual(effort && { effort });
  });

  test.each(['claude-sonnet-4-20250514', 'claude-haiku-4-5-20251001', 'claude-3-7-sonnet-20250219', 'claude-opus-4-1'])(
    '%s wants a budget',
    (upstreamModel) => {
      expect(chat({ reasoning: { effort: 'low' } }, { upstreamModel })['thinking']).toMatchObject({ type: 'enabled' });
    },
  );

  test('the words of thoughts that nobody will see are not asked for', () => {
    const body = chat({ reasoning: { effort: 'low', exclude: true } }, { upstreamModel: 'claude-opus-4-7' });
    expect(body['thinking']).toEqual({ type: 'adaptive', display: 'omitted' });
  });

  test('verbosity is an effort where there is one', () => {
    expect(chat({ verbosity: 'low' }, { upstreamModel: 'claude-opus-4-6' })['output_config']).toEqual({
      effort: 'low',
    });
    expect(chat({ verbosity: 'low' })).not.toHaveProperty('output_config');
  });
});

describe('sampling', () => {
  const all = {
    temperature: 1.5,
    top_p: 0.9,
    top_k: 5,
    stop: ['X', ' '],
    seed: 1,
    frequency_penalty: 1,
    logit_bias: { 1: 1 },
  };

  test('ends at 1, and drops what has no word here', () => {
    const body = chat({ ...all, user: 'u', service_tier: 'flex', metadata: { a: 'b' } });
    expect(body).toEqual({
      model: 'up-1',
      max_tokens: 8000,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
      temperature: 1,
      top_p: 0.9,
      top_k: 5,
      stop_sequences: ['X'],
      metadata: { user_id: 'u' },
    });
  });

  test.each([
    ['while it thinks', { reasoning: { effort: 'low' } }, 'up-1', { stop_sequences: ['X'] }],
    [
      'while it thinks, widely',
      { reasoning: { effort: 'low' }, top_p: 0.99 },
      'up-1',
      { stop_sequences: ['X'], top_p: 0.99 },
    ],
    ['for models that choose themselves', {}, 'claude-opus-4-7', { stop_sequences: ['X'] }],
    ['for models that take one knob', {}, 'claude-opus-4-1', { stop_sequences: ['X'], temperature: 1, top_k: 5 }],
  ])('%s is what is taken then', (_when, fields, upstreamModel, sent) => {
    const { temperature, top_p, top_k, stop_sequences } = chat({ ...all, ...fields }, { upstreamModel });
    expect({ temperature, top_p, top_k, stop_sequences }).toEqual({
      temperature: undefined,
      top_p: undefined,
      top_k: undefined,
      ...sent,
    });
  });
});

describe('forms of the answer', () => {
  test('a schema is adapted to what Anthropic can hold', () => {
    const schema = {
      type: 'object',
      properties: {
        n: { type: 'integer', minimum: 1, description: 'A number.' },
        s: { oneOf: [{ type: 'string', format: 'phone' }, { type: 'null' }] },
        l: { type: 'array', items: { type: 'object', properties: {} }, minItems: 2 },
        d: { type: 'string', format: 'date' },
      },
    };
    const format = { type: 'json_schema', json_schema: { name: 'n', schema } };
    expect(chat({ response_format: format })['output_config']).toEqual({
      format: {
        type: 'json_schema',
        schema: {
          type: 'object',
          properties: {
            n: { type: 'integer', description: 'A number.\n\n{minimum: 1}' },
            s: { anyOf: [{ type: 'string', description: '{format: "phone"}' }, { type: 'null' }] },
            l: {
              type: 'array',
              items: { type: 'object', properties: {}, additionalProperties: false },
              description: '{minItems: 2}',
            },
            d: { type: 'string', format: 'date' },
          },
          additionalProperties: false,
        },
      },
    });
  });

  test('JSON without a schema is asked for in words', () => {
    expect(chat({ response_format: { type: 'json_object' } })['system']).toMatch(/JSON/);
    expect(chat({ response_format: { type: 'text' } })).not.toHaveProperty('system');
  });
});

describe('cache marks', () => {
  const texts = (value: unknown): string[] =>
    [...JSON.stringify(value).matchAll(/"text":"([^"]*)","cache_control":\{[^}]*\}/g)].map((match) => match[1] ?? '');

  test('stay on blocks, results and tools', () => {
    const body = chat({
      tools: [{ ...fn('f'), ...mark }],
      messages: [
        { role: 'system', content: [marked('S', '1h')] },
        { role: 'user', content: [marked('U')] },
        called(call('x')),
        answered('x', [marked('R')]),
      ],
    });
    expect(body['tools']).toMatchObject([mark]);
    expect(body['system']).toMatchObject([{ text: 'S' }]);
    expect(body['messages']).toMatchObject([
      { content: [{ text: 'U', ...mark }] },
      {},
      { content: [{ type: 'tool_result', content: 'R', ...mark }] },
    ]);
  });

  test('above four the system prompt and the latest are kept', () => {
    const content = ['1', '2', '3', '4', '5'].map((text) => marked(text));
    const body = chat({
      messages: [
        { role: 'system', content: [marked('S')] },
        { role: 'user', content },
      ],
    });
    expect(texts(body)).toEqual(['S', '3', '4', '5']);
  });

  test('a mark of the whole request is one of the four', () => {
    const content = ['1', '2', '3', '4'].map((text) => marked(text));
    const body = chat({ messages: [{ role: 'user', content }], ...mark });
    expect(body).toMatchObject(mark);
    expect(texts(body)).toEqual(['2', '3', '4']);
  });

  test('an hour comes before five minutes or not at all', () => {
    const content = [marked('1', '1h'), marked('2'), marked('3', '1h')];
    const body = chat({ messages: [{ role: 'user', content }] });
    expect(body['messages']).toMatchObject([
      { content: [{ cache_control: { ttl: '1h' } }, mark, { cache_control: { type: 'ephemeral' } }] },
    ]);
    expect(JSON.stringify(body).match(/1h/g)).toHaveLength(1);
  });
});

describe('a client of the same dialect', () => {
  const own = (fields: object, at: Partial<CallTarget> = {}) =>
    encodePrompt(decodePrompt({ model: 'a/b', messages: [user], ...fields }), target(at));

  test('has its body forwarded in its own order, less what speaks to the market', () => {
    const body = own(
      {
        system: 'S',
        future_field: { kept: [1] },
        top_k: 3,
        metadata: { user_id: 'u' },
        tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 1 }],
        models: ['c/d'],
        provider: { only: ['x'] },
        session_id: 's',
        user: 'v',
        max_cost: 1,
        speed: 'fast',
        api_base: 'http://evil',
        stop_sequences: null,
        temperature: 1.5,
      },
      { isStreamed: true },
    );
    expect(JSON.stringify(body)).toBe(
      '{"model":"up-1","messages":[{"role":"user","content":"Hi"}],"system":"S","future_field":{"kept":[1]},"top_k":3,' +
        '"metadata":{"user_id":"u"},"tools":[{"type":"web_search_20250305","name":"web_search","max_uses":1}],' +
        '"temperature":1,"max_tokens":8000,"stream":true}',
    );
  });

  test('keeps its thoughts, and loses those that another model of the market thought', () => {
    const mine = { type: 'thinking', thinking: 'Hm', signature: 'sig', later: 1 };
    const foreign = signatureFor({ signature: 's', format: 'google-gemini-v1', id: undefined });
    const messages = [
      user,
      { role: 'assistant', content: [{ type: 'thinking', thinking: 'x', signature: '' }, mine] },
      user,
      { role: 'assistant', content: [{ type: 'thinking', thinking: 'x', signature: foreign }] },
      user,
    ];
    expect(own({ messages })['messages']).toEqual([user, { role: 'assistant', content: [mine] }, user, user]);
  });

  test('does not think on where its thoughts had to go', () => {
    const use = { type: 'tool_use', id: 'x', name: 'f', input: {} };
    const thinking = { type: 'enabled', budget_tokens: 1024 };
    const loop = (thought: object) => [
      user,
      { role: 'assistant', content: [thought, use] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'x' }] },
    ];
    const unsigned = { type: 'thinking', thinking: 'x', signature: '' };
    expect(own({ messages: loop(unsigned), thinking })).not.toHaveProperty('thinking');
    expect(own({ messages: loop({ ...unsigned, signature: 's' }), thinking })).toMatchObject({ thinking });
  });

  test.each([
    [2000, { type: 'enabled', budget_tokens: 1999, display: 'omitted' }],
    [1000, undefined],
    [5000, { type: 'enabled', budget_tokens: 4000, display: 'omitted' }],
  ])('with a cap of %i thinks %j', (cap, thinking) => {
    const asked = { type: 'enabled', budget_tokens: 4000, display: 'omitted' };
    expect(own({ thinking: asked, max_tokens: 5000 }, { outputTokensMax: cap })['thinking']).toEqual(thinking);
  });

  test('names the user who was named to us', () => {
    expect(own({ user: 'v' })['metadata']).toEqual({ user_id: 'v' });
  });
});

describe('lacks', () => {
  const picture = (url: string) => ({
    messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }],
  });
  const file = (data: object) => ({ messages: [{ role: 'user', content: [{ type: 'file', file: data }] }] });
  test.each([
    [{}, null],
    [{ n: 2 }, 'several_choices'],
    [{ logprobs: true }, 'logprobs'],
    [{ top_logprobs: 2 }, 'logprobs'],
    [{ modalities: ['text', 'image'] }, 'image_output'],
    [{ modalities: ['text', 'audio'] }, 'audio_output'],
    [picture('https://x/y'), null],
    [picture('data:image/png;base64,AA'), null],
    [picture('data:image/svg+xml;base64,AA'), 'image_input'],
    [picture('http://x/y'), 'image_input'],
    [
      { messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: { data: 'AA', format: 'wav' } }] }] },
      'audio_input',
    ],
    [
      { messages: [{ role: 'user', content: [{ type: 'video_url', video_url: { url: 'https://x' } }] }] },
      'video_input',
    ],
    [file({ file_data: 'data:application/pdf;base64,AA' }), null],
    [file({ file_data: 'data:text/csv;base64,AA==' }), null],
    [file({ file_data: 'data:text/csv;base64,%' }), 'file_input'],
    [file({ file_data: 'data:application/zip;base64,AA' }), 'file_input'],
    [file({ file_id: 'file-1' }), 'file_input'],
  ])('%j: %j', (fields, feature) => {
    expect(lacks(decodeChat({ model: 'a/b', messages: [user], ...fields }))).toBe(feature);
  });

  test('tools of another family, and nothing of its own', () => {
    const chatPrompt = decodeChat({ model: 'a/b', messages: [user] });
    expect(lacks({ ...chatPrompt, hasNativeTools: true })).toBe('native_tools');
    const tools = [{ type: 'web_search_20250305', name: 'web_search' }];
    expect(lacks(decodePrompt({ model: 'a/b', messages: [user], tools }))).toBeNull();
  });
});

describe('laws', () => {
  const word = fc.stringMatching(/^[a-z]{1,8}$/);
  const id = fc.stringMatching(/^[a-z]{4}$/);
  /** Conversations that Anthropic would take as they are: turns alternate, each call has its result. */
  const exchange = fc.record({
    ask: word,
    says: word,
    calls: fc.uniqueArray(fc.record({ id, input: fc.dictionary(word, word) }), {
      selector: (one) => one.id,
      maxLength: 2,
    }),
  });
  const conversation = fc
    .uniqueArray(exchange, { selector: ({ calls, ask }) => calls[0]?.id ?? ask, maxLength: 3 })
    .map((exchanges) => {
      const seen = new Set<string>();
      return exchanges.flatMap(({ ask, says, calls: all }) => {
        const calls = all.filter((one) => !seen.has(one.id) && seen.add(one.id));
        const said = {
          role: 'assistant',
          content: [
            { type: 'text', text: says },
            ...calls.map((one) => ({ type: 'tool_use', id: one.id, name: 'f', input: one.input })),
          ],
        };
        const results = calls.map((one) => ({
          type: 'tool_result',
          tool_use_id: one.id,
          content: 'ok',
          is_error: false,
        }));
        const done = { role: 'assistant', content: [{ type: 'text', text: 'done' }] };
        const asked = { role: 'user', content: [{ type: 'text', text: ask }] };
        return calls.length === 0 ? [asked, said] : [asked, said, { role: 'user', content: results }, done];
      });
    });

  test('a prompt through the hub is the same prompt', () => {
    fc.assert(
      fc.property(conversation, word, fc.integer({ min: 1, max: 8000 }), (turnsOf, system, cap) => {
        const messages = [...turnsOf, { role: 'user', content: [{ type: 'text', text: 'last' }] }];
        const body = {
          model: 'up-1',
          max_tokens: cap,
          system,
          messages,
          tools: [{ name: 'f', description: 'D', input_schema: { type: 'object', properties: {} } }],
          tool_choice: { type: 'any', disable_parallel_tool_use: true },
          temperature: 0.5,
          stop_sequences: ['X'],
        };
        const prompt = decodePrompt(body);
        // As if it came from another dialect: the body is written anew.
        const foreign = { ...prompt, source: { wire: 'gemini' as const, body: {} } };
        expect(encodePrompt(foreign, target())).toEqual(body);
      }),
    );
  });

  test('any prompt of another dialect becomes turns that alternate, none of them empty, with at most four marks', () => {
    const cache = fc.option(fc.constantFrom({ type: 'ephemeral' }, { type: 'ephemeral', ttl: '1h' }));
    const parts = fc.array(
      fc.record({ type: fc.constant('text'), text: fc.constantFrom('', ' ', 'a', 'b '), cache_control: cache }),
      { maxLength: 3 },
    );
    const message = fc.oneof(
      fc.record({ role: fc.constantFrom('system', 'developer', 'user', 'assistant'), content: parts }),
      fc.record({ role: fc.constant('tool'), tool_call_id: fc.constantFrom('x', 'y:z'), content: parts }),
      fc.constant(called(call('x'), call('y:z'), call('x'))),
    );
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 8 }), (messages) => {
        const body = chat({ messages });
        const sent = body['messages'] as { role: string; content: JsonObject[] }[]; // what this dialect writes
        for (const [at, turn] of sent.entries()) {
          expect(turn.role).not.toBe(sent[at - 1]?.role);
          expect(turn.content.length).toBeGreaterThan(0);
        }
        const ids = sent.flatMap(({ content }) =>
          content.flatMap((block) => (block['type'] === 'tool_use' ? [block['id']] : [])),
        );
        expect(new Set(ids).size).toBe(ids.length);
        expect(JSON.stringify(body).match(/cache_control/g)?.length ?? 0).toBeLessThanOrEqual(4);
      }),
    );
  });
});
