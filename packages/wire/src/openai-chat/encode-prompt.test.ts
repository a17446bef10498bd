import { type JsonObject, type Prompt, reasoningFormats } from '@bourse/generation';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CallTarget } from '../wire-format.ts';
import { decodePrompt } from './decode-prompt.ts';
import { encodePrompt } from './encode-prompt.ts';

const messages = [{ role: 'user', content: 'Hi' }];
const base = { model: 'acme/sprint', messages };
const whole: CallTarget = {
  upstreamModel: 'sprint-2',
  isStreamed: false,
  outputTokensMax: null,
  endpointOutputTokensMax: null,
};
const streamed: CallTarget = { ...whole, isStreamed: true };
const encode = (fields: object, target = whole) => encodePrompt(decodePrompt({ ...base, ...fields }), target);

/** The same prompt as if it had come in another dialect: the source can then not be used. */
const foreign = (prompt: Prompt): Prompt => ({
  ...prompt,
  source: { wire: 'anthropic-messages', body: { secret: 1 } },
});

describe('encodePrompt for a client of the same dialect', () => {
  test('forwards the client body in its own order, with our model', () => {
    const body = { temperature: 0.5, ...base, future: { a: [1, null] }, metadata: { a: 'b' }, user: 'u', top_k: 3 };
    const encoded = encodePrompt(decodePrompt(body), whole);
    expect(encoded).toEqual({ ...body, model: 'sprint-2' });
    expect(Object.keys(encoded)).toEqual(Object.keys(body));
  });

  test('keeps what came as it came: cache hints, reasoning details of any type, unknown parts of messages', () => {
    const rich = [
      { role: 'user', content: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }] },
      { role: 'assistant', content: 'y', reasoning_details: [{ type: 'reasoning.encrypted', data: 'z' }] },
      {
        role: 'assistant',
        content: 'w',
        note: 5,
        reasoning_details: [
          { type: 'reasoning.server_tool_call', tool_name: 't', x: [1] },
          { type: 'new', y: null },
        ],
        images: [{ type: 'image_url', image_url: { url: 'data:,x' } }],
        tool_calls: [
          {
            id: 'c',
            type: 'function',
            function: { name: 'f', arguments: '{}' },
            extra_content: { google: { thought_signature: 's' }, other: 1 },
          },
        ],
      },
      { role: 'user', content: [{ type: 'text', text: 'x', prompt_cache_breakpoint: { mode: 'y' } }] },
    ];
    expect(encode({ messages: rich })['messages']).toEqual(rich);
  });

  test('passes on what says how the answer shall be made', () => {
    const fields = {
      modalities: ['text', 'audio'],
      audio: { voice: { id: 'v' }, format: 'wav' },
      prompt_cache_key: 'k',
      service_tier: 'flex',
      verbosity: 'low',
      cache_control: { type: 'ephemeral' },
    };
    expect(encode(fields)).toEqual({ ...base, ...fields, model: 'sprint-2' });
  });

  test("calls today's names: legacy functions become tools", () => {
    expect(encode({ functions: [{ name: 'f' }], function_call: { name: 'f' } })).toEqual({
      ...base,
      model: 'sprint-2',
      tools: [{ type: 'function', function: { name: 'f' } }],
      tool_choice: { type: 'function', function: { name: 'f' } },
    });
  });

  test('asks for usage in every stream, whatever the client asked for', () => {
    expect(encode({ stream: true }, streamed)).toMatchObject({ stream: true, stream_options: { include_usage: true } });
    const options = { include_usage: false, include_obfuscation: false };
    expect(encode({ stream: true, stream_options: options }, streamed)['stream_options']).toEqual({
      include_usage: true,
      include_obfuscation: false,
    });
    expect(encode({ stream: true, stream_options: options })).not.toHaveProperty('stream');
    expect(encode({ stream: true, stream_options: options })).not.toHaveProperty('stream_options');
  });

  test.each([
    ['the cap under the name that the client used', { max_tokens: 50 }, 20, { max_tokens: 20 }],
    ['the newer name', { max_completion_tokens: 50 }, 20, { max_completion_tokens: 20 }],
    ['both names', { max_tokens: 50, max_completion_tokens: 60 }, 20, { max_tokens: 20, max_completion_tokens: 20 }],
    [
      'the lower of two caps of the client',
      { max_tokens: 50, max_completion_tokens: 60 },
      null,
      { max_tokens: 50, max_completion_tokens: 50 },
    ],
    ['max_tokens when there was none', {}, 20, { max_tokens: 20 }],
    ['the client cap when it is lower', { max_tokens: 5 }, 20, { max_tokens: 5 }],
    ['the client cap when all is affordable', { max_tokens: 5 }, null, { max_tokens: 5 }],
    ['nothing when nobody asks', {}, null, {}],
  ])('writes %s', (_name, fields, outputTokensMax, caps) => {
    const encoded = encode(fields, { ...whole, outputTokensMax });
    const { max_tokens, max_completion_tokens } = encoded;
    expect(JSON.parse(JSON.stringify({ max_tokens, max_completion_tokens }))).toEqual(caps);
  });

  test('removes what is for us', () => {
    const ours = {
      models: ['b/c'],
      provider: { order: ['x'] },
      route: 'fallback',
      preset: 'p',
      plugins: [{ id: 'web' }],
      usage: { include: true },
      transforms: ['middle-out'],
      session_id: 's',
      trace: { trace_id: 't' },
      include_reasoning: true,
      max_cost: '0.1',
      debug: { echo_upstream_body: true },
    };
    expect(encode(ours)).toEqual({ ...base, model: 'sprint-2' });
  });

  test.each([
    'api_base',
    'base_url',
    'api_key',
    'api_version',
    'extra_headers',
    'extra_body',
    'headers',
    'mock_response',
    'mock_tool_calls',
    'mock_timeout',
    'custom_llm_provider',
    'fallbacks',
    'model_list',
    'litellm_params',
    'aws_secret_access_key',
    'vertex_credentials',
    'azure_ad_token',
    'organization',
    'timeout',
    'callbacks',
    '__proto__',
  ])('never lets a client steer a proxy with %s', (field) => {
    const body = JSON.parse(
      `{"model":"a/b","messages":[{"role":"user","content":"x"}],${JSON.stringify(field)}:"http://evil"}`,
    );
    for (const target of [whole, streamed]) {
      expect(JSON.stringify(encodePrompt(decodePrompt(body), target))).not.toContain('evil');
    }
  });

  test('leaves no null of a field, which some providers refuse', () => {
    expect(encode({ temperature: null, stop: null, tools: null, future: null })).toEqual({
      ...base,
      model: 'sprint-2',
    });
  });

  test('turns reasoning into an effort', () => {
    expect(encode({ reasoning: { effort: 'low', exclude: true } })).toEqual({
      ...base,
      model: 'sprint-2',
      reasoning_effort: 'low',
    });
    expect(encode({ reasoning: { enabled: false } })).toMatchObject({ reasoning_effort: 'none' });
    expect(encode({ reasoning: { max_tokens: 2000 } })).toEqual({ ...base, model: 'sprint-2' });
    expect(encode({ reasoning_effort: 'high' })).toMatchObject({ reasoning_effort: 'high' });
  });

  test('does not change the prompt, so that the next endpoint gets the same', () => {
    const body = { ...base, max_tokens: 50, stream: true, stream_options: { include_usage: false } };
    const prompt = decodePrompt(body);
    const before = structuredClone(prompt);
    encodePrompt(prompt, { ...streamed, upstreamModel: 'x', outputTokensMax: 1 });
    expect(prompt).toEqual(before);
  });
});

describe('encodePrompt for a client of another dialect', () => {
  const rich = {
    ...base,
    messages: [
      { role: 'system', content: 'S' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'look' },
          { type: 'image_url', image_url: { url: 'https://x/y.png', detail: 'low' } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
          { type: 'file', file: { filename: 'f', file_data: 'data:,x' } },
        ],
      },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{"b":1, "a":2}' } }],
      },
      { role: 'tool', tool_call_id: 'c', content: 'r' },
    ],
    tools: [
      { type: 'function', function: { name: 'f', description: 'd', parameters: { type: 'object' }, strict: true } },
    ],
    tool_choice: 'auto',
    parallel_tool_calls: true,
    response_format: {
      type: 'json_schema',
      json_schema: { name: 's', description: 'd', schema: { type: 'object' }, strict: false },
    },
    temperature: 0,
    stop: ['a'],
    n: 2,
    user: 'u',
    max_tokens: 9,
    reasoning_effort: 'low',
  };

  test('builds the body from the hub alone', () => {
    expect(encodePrompt(foreign(decodePrompt(rich)), whole)).toEqual({ ...rich, model: 'sprint-2' });
  });

  const throughHub = (fields: object) => encodePrompt(foreign(decodePrompt({ ...base, ...fields })), whole);

  test('writes reasoning with all that proves it, and its words as plain text', () => {
    const reasoning_details = [
      { type: 'reasoning.text', text: 't', signature: 's', format: 'anthropic-claude-v1', index: 0 },
      { type: 'reasoning.summary', summary: 'u', id: 'rs_1', format: 'openai-responses-v1', index: 1 },
      { type: 'reasoning.encrypted', data: 'x', id: 'rs_1', format: 'openai-responses-v1', index: 2 },
    ];
    const turn = { role: 'assistant', content: 'y', reasoning: 'tu', reasoning_details };
    expect(throughHub({ messages: [turn] })['messages']).toEqual([turn]);
    const blob = [{ type: 'reasoning.encrypted', data: 'x', format: 'unknown', index: 0 }];
    expect(
      throughHub({ messages: [{ role: 'assistant', content: 'y', reasoning_details: blob }] })['messages'],
    ).toEqual([{ role: 'assistant', content: 'y', reasoning_details: blob }]);
  });

  test('writes cache hints on every part and tool, and keeps a marked text a part', () => {
    const mark = { cache_control: { type: 'ephemeral', ttl: '1h' } };
    const content = [
      { type: 'text', text: 'x', ...mark },
      { type: 'image_url', image_url: { url: 'https://x' }, ...mark },
      { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' }, ...mark },
      { type: 'video_url', video_url: { url: 'https://x' }, ...mark },
      { type: 'file', file: { file_data: 'data:,x' }, ...mark },
    ];
    const marked = [
      { role: 'user', content },
      { role: 'system', content: content.slice(0, 1) },
    ];
    const tools = [{ type: 'function', function: { name: 'f' }, ...mark }];
    expect(throughHub({ messages: marked, tools })).toMatchObject({ messages: marked, tools });
    const breakpoint = [{ role: 'user', content: [{ type: 'text', text: 'x', prompt_cache_breakpoint: {} }] }];
    expect(throughHub({ messages: breakpoint })['messages']).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }] },
    ]);
  });

  test('writes the pictures of a model beside its text, and those of a user within it', () => {
    const image = { type: 'image_url', image_url: { url: 'data:,x' } };
    const turns = [
      { role: 'assistant', content: 'Here:', images: [image] },
      { role: 'user', content: [image] },
      { role: 'tool', tool_call_id: 'c', content: [image] },
    ];
    expect(throughHub({ messages: turns })['messages']).toEqual(turns);
  });

  test('gives a call its signature back', () => {
    const tool_calls = [
      {
        id: 'c',
        type: 'function',
        function: { name: 'f', arguments: '{}' },
        extra_content: { google: { thought_signature: 'c2ln' } },
      },
    ];
    const turn = { role: 'assistant', content: null, tool_calls };
    expect(throughHub({ messages: [turn] })['messages']).toEqual([turn]);
  });

  test('writes how the answer shall be made', () => {
    const fields = {
      modalities: ['text', 'audio'],
      audio: { voice: 'alloy', format: 'wav' },
      verbosity: 'low',
      prompt_cache_key: 'k',
      service_tier: 'flex',
    };
    expect(throughHub(fields)).toEqual({ ...base, ...fields, model: 'sprint-2' });
  });

  test('keeps the arguments of a call as the model wrote them', () => {
    expect(JSON.stringify(encodePrompt(foreign(decodePrompt(rich)), whole))).toContain('{\\"b\\":1, \\"a\\":2}');
  });

  test('leaves the other dialect and its extensions behind', () => {
    const prompt = { ...foreign(decodePrompt(base)), extensions: { thinking: { budget: 5 } } };
    expect(encodePrompt(prompt, streamed)).toEqual({
      messages,
      model: 'sprint-2',
      stream: true,
      stream_options: { include_usage: true },
    });
  });
});

const text = fc.string({ unit: 'grapheme', maxLength: 10 });
const word = text.filter((value) => value !== '');
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const mark = fc.constantFrom(
  undefined,
  { type: 'ephemeral' },
  { type: 'ephemeral', ttl: '5m' },
  { type: 'ephemeral', ttl: '1h' },
);
const parts = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant('text'), text: word, cache_control: mark }),
    fc.record({
      type: fc.constant('image_url'),
      image_url: fc.record({ url: word, detail: fc.constantFrom('low', 'high') }),
      cache_control: mark,
    }),
    fc.record({ type: fc.constant('video_url'), video_url: fc.record({ url: word }), cache_control: mark }),
    fc.record({ type: fc.constant('input_audio'), input_audio: fc.record({ data: word, format: word }) }),
    fc.record({ type: fc.constant('file'), file: fc.record({ filename: word, file_data: word }) }),
  ),
  { minLength: 1, maxLength: 3 },
);
const calls = fc.array(
  fc.record({
    id: word,
    type: fc.constant('function'),
    function: fc.record({ name: word, arguments: text }),
    extra_content: optional(fc.record({ google: fc.record({ thought_signature: word }) })),
  }),
  { maxLength: 2 },
);
const known = { id: optional(word), format: fc.constantFrom(undefined, ...reasoningFormats) };
const details = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant('reasoning.text'), text, signature: optional(word), ...known }),
    fc.record({ type: fc.constant('reasoning.summary'), summary: text, ...known }),
    fc.record({ type: fc.constant('reasoning.encrypted'), data: text, ...known }),
  ),
  { maxLength: 3 },
);
const images = fc.array(fc.record({ type: fc.constant('image_url'), image_url: fc.record({ url: word }) }), {
  maxLength: 2,
});
const turns = fc.oneof(
  fc.record({ role: fc.constantFrom('system', 'developer'), content: text, name: optional(word) }),
  fc.record({ role: fc.constant('user'), content: fc.oneof(text, parts), name: optional(word) }),
  fc.record({
    role: fc.constant('assistant'),
    content: fc.option(text),
    tool_calls: calls,
    reasoning: optional(word),
    reasoning_details: optional(details),
    images: optional(images),
    refusal: optional(word),
  }),
  fc.record({ role: fc.constant('tool'), tool_call_id: word, content: text }),
);
const tools = fc.array(
  fc.record({
    type: fc.constant('function'),
    function: fc.record({
      name: fc.stringMatching(/^[a-z]{1,9}$/),
      description: optional(word),
      parameters: optional(fc.constant({ type: 'object' })),
      strict: optional(fc.boolean()),
    }),
    cache_control: mark,
  }),
  { maxLength: 2 },
);
const requests = fc.record({
  messages: fc.array(turns, { minLength: 1, maxLength: 4 }),
  tools: optional(tools),
  tool_choice: fc.constantFrom(undefined, 'none', 'auto', 'required', { type: 'function', function: { name: 'f' } }),
  parallel_tool_calls: optional(fc.boolean()),
  temperature: optional(fc.double({ min: 0, max: 2, noNaN: true })),
  top_k: optional(fc.nat(100)),
  stop: optional(fc.oneof(text, fc.array(text, { maxLength: 4 }))),
  seed: optional(fc.integer()),
  logit_bias: optional(fc.dictionary(fc.stringMatching(/^[0-9]{1,5}$/), fc.integer({ min: -100, max: 100 }))),
  n: optional(fc.integer({ min: 1, max: 8 })),
  max_tokens: optional(fc.integer({ min: 1, max: 1000 })),
  reasoning_effort: fc.constantFrom(undefined, 'none', 'low', 'max'),
  response_format: fc.constantFrom(
    undefined,
    { type: 'json_object' },
    { type: 'text' },
    { type: 'json_schema', json_schema: { name: 's', strict: true } },
  ),
  user: optional(word),
  modalities: optional(fc.uniqueArray(fc.constantFrom('text', 'image', 'audio'))),
  audio: optional(fc.record({ voice: word, format: word })),
  verbosity: fc.constantFrom(undefined, 'low', 'max'),
  prompt_cache_key: optional(word),
  service_tier: optional(word),
  stream: optional(fc.boolean()),
  future: optional(fc.constant({ a: [1] })),
});

/** JSON as it comes from the wire: without undefined members. */
const asBody = (value: object): JsonObject => JSON.parse(JSON.stringify(value));

/** What both directions keep: everything but the source, the weight, and what only routing needs. */
function essence(prompt: Prompt) {
  const { source: _source, inputBytes: _bytes, parameters: _parameters, extensions: _extensions, ...rest } = prompt;
  return { ...rest, sampling: JSON.parse(JSON.stringify(rest.sampling)) };
}

describe('a prompt that is encoded and decoded again', () => {
  test('is the same prompt in the same dialect, extensions and weight included', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const prompt = decodePrompt(asBody({ model: 'acme/sprint', ...request }));
        const target = { ...whole, upstreamModel: 'acme/sprint', isStreamed: prompt.isStreamed };
        const again = decodePrompt(asBody(encodePrompt(prompt, target)));
        expect(essence(again)).toEqual(essence(prompt));
        expect(again).toMatchObject({
          extensions: prompt.extensions,
          inputBytes: prompt.inputBytes,
          parameters: prompt.parameters,
        });
      }),
      { numRuns: 300 },
    );
  });

  test('is the same prompt through the hub, but for extensions', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const prompt = decodePrompt(asBody({ model: 'acme/sprint', ...request }));
        const target = { ...whole, upstreamModel: 'acme/sprint', isStreamed: prompt.isStreamed };
        const again = decodePrompt(asBody(encodePrompt(foreign(prompt), target)));
        expect(essence(again)).toEqual(essence(prompt));
        expect(again.extensions).toEqual({});
      }),
      { numRuns: 300 },
    );
  });
});
