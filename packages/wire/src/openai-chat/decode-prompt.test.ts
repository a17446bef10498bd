import { type AppError, isAppError } from '@bourse/errors';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodePrompt } from './decode-prompt.ts';
import { encodePrompt } from './encode-prompt.ts';

const messages = [{ role: 'user', content: 'Hi' }];
const base = { model: 'acme/sprint', messages };

function refusal(body: unknown): AppError {
  try {
    decodePrompt(body);
  } catch (error) {
    if (isAppError(error)) return error;
    throw error;
  }
  throw new Error(`accepted: ${JSON.stringify(body)?.slice(0, 200)}`);
}

describe('what decodePrompt accepts', () => {
  test('a minimal request has no defaults injected', () => {
    expect(decodePrompt(base)).toEqual({
      model: 'acme/sprint',
      modelFallbacks: [],
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
      tools: [],
      sampling: {},
      choiceCount: 1,
      isStreamed: false,
      preferences: {},
      parameters: [],
      inputBytes: 18,
      source: { wire: 'openai-chat', body: base },
      extensions: {},
    });
  });

  test('null means absent, for every optional field', () => {
    const fields = [
      'models',
      'provider',
      'stream',
      'stream_options',
      'max_tokens',
      'max_completion_tokens',
      'n',
      'temperature',
      'top_p',
      'top_k',
      'min_p',
      'top_a',
      'frequency_penalty',
      'presence_penalty',
      'repetition_penalty',
      'seed',
      'stop',
      'logit_bias',
      'logprobs',
      'top_logprobs',
      'response_format',
      'tools',
      'tool_choice',
      'parallel_tool_calls',
      'reasoning',
      'reasoning_effort',
      'include_reasoning',
      'verbosity',
      'session_id',
      'user',
      'metadata',
      'prompt',
      'functions',
      'function_call',
      'modalities',
      'audio',
      'cache_control',
      'prompt_cache_key',
      'service_tier',
      'max_cost',
    ];
    const nulls = Object.fromEntries(fields.map((field) => [field, null]));
    const { source: _source, ...prompt } = decodePrompt({ ...base, ...nulls });
    const { source: _other, ...plain } = decodePrompt(base);
    expect(prompt).toEqual(plain);
  });

  test('the whole conversation: every role, parts, tool calls and results', () => {
    const prompt = decodePrompt({
      ...base,
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'S', cache_control: { type: 'ephemeral' } }] },
        { role: 'developer', content: 'D', name: 'dev' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'look' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'low' } },
            { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
            { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,AAAA' } },
            { type: 'file', file: { file_id: 'file-1' } },
            { type: 'video_url', video_url: { url: 'https://x/y.mp4' } },
          ],
        },
        {
          role: 'assistant',
          content: null,
          reasoning: 'think',
          tool_calls: [
            { id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":' } },
            { id: 'c2', function: { name: 'g' } },
          ],
        },
        { role: 'tool', tool_call_id: 'c1', content: 'r' },
        { role: 'assistant', content: [{ type: 'refusal', refusal: 'no' }], refusal: 'no', reasoning_content: 'rc' },
      ],
    });
    expect(prompt.messages).toEqual([
      { role: 'system', content: [{ type: 'text', text: 'S', cache: {} }] },
      { role: 'developer', content: [{ type: 'text', text: 'D' }], name: 'dev' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'look' },
          { type: 'image', url: 'data:image/png;base64,AAAA', detail: 'low' },
          { type: 'audio', base64: 'AAAA', format: 'wav' },
          { type: 'file', filename: 'a.pdf', fileData: 'data:application/pdf;base64,AAAA' },
          { type: 'file', fileData: 'file-1' },
          { type: 'video', url: 'https://x/y.mp4' },
        ],
      },
      {
        role: 'assistant',
        content: [],
        reasoning: [{ type: 'text', text: 'think', format: 'unknown' }],
        toolCalls: [
          { callId: 'c1', name: 'f', argumentsText: '{"a":' },
          { callId: 'c2', name: 'g', argumentsText: '' },
        ],
      },
      { role: 'tool', callId: 'c1', content: [{ type: 'text', text: 'r' }] },
      {
        role: 'assistant',
        content: [{ type: 'text', text: 'no' }],
        toolCalls: [],
        refusal: 'no',
        reasoning: [{ type: 'text', text: 'rc', format: 'unknown' }],
      },
    ]);
  });

  test('tools, choices and formats', () => {
    const schema = { type: 'object', properties: {} };
    const prompt = decodePrompt({
      ...base,
      tools: [{ type: 'function', function: { name: 'f', description: 'd', parameters: schema, strict: false } }],
      tool_choice: { type: 'function', function: { name: 'f' } },
      parallel_tool_calls: false,
      response_format: { type: 'json_schema', json_schema: { name: 's', schema, strict: true } },
      n: 2,
      stream: true,
    });
    expect(prompt).toMatchObject({
      tools: [{ name: 'f', description: 'd', parameters: schema, isStrict: false }],
      toolChoice: { type: 'tool', name: 'f' },
      hasParallelToolCalls: false,
      responseFormat: { type: 'json_schema', name: 's', schema, isStrict: true },
      choiceCount: 2,
      isStreamed: true,
    });
    expect(decodePrompt({ ...base, tool_choice: 'required' }).toolChoice).toEqual({ type: 'required' });
    expect(decodePrompt({ ...base, response_format: { type: 'json_object' } }).responseFormat).toEqual({
      type: 'json_object',
    });
  });

  test('sampling, each knob under its own name', () => {
    const body = {
      ...base,
      temperature: 0,
      top_p: 1,
      top_k: 5,
      min_p: 0.1,
      top_a: 0.2,
      frequency_penalty: -2,
      presence_penalty: 2,
      repetition_penalty: 1.1,
      seed: -7,
      stop: 'x',
      logit_bias: { 50256: -100 },
      logprobs: true,
      top_logprobs: 3,
    };
    expect(decodePrompt(body).sampling).toEqual({
      temperature: 0,
      topP: 1,
      topK: 5,
      minP: 0.1,
      topA: 0.2,
      frequencyPenalty: -2,
      presencePenalty: 2,
      repetitionPenalty: 1.1,
      seed: -7,
      stop: ['x'],
      logitBias: { 50256: -100 },
      logprobs: true,
      topLogprobs: 3,
    });
  });

  test('provider preferences, with money as decimal strings', () => {
    const provider = {
      order: ['a', 'b/fp8'],
      only: null,
      ignore: [],
      allow_fallbacks: false,
      require_parameters: true,
      data_collection: 'deny',
      zdr: true,
      quantizations: ['fp8'],
      sort: { by: 'price', partition: 'none' },
      max_price: { prompt: 0.0000001, completion: '15', request: 0, image: 2.5, audio: null },
      preferred_max_latency: { p90: 2 },
      preferred_min_throughput: 50,
      enforce_distillable_text: false,
    };
    expect(decodePrompt({ ...base, provider }).preferences).toEqual({
      order: ['a', 'b/fp8'],
      ignore: [],
      allowFallbacks: false,
      requireParameters: true,
      dataCollection: 'deny',
      zdr: true,
      quantizations: ['fp8'],
      sort: 'price',
      partition: 'none',
      maxPrice: { prompt: '0.0000001', completion: '15', request: '0', image: '2.5' },
      latencyMax: { p90: 2 },
      throughputMin: { p50: 50 },
    });
    expect(decodePrompt({ ...base, provider: { sort: 'latency' } }).preferences).toEqual({ sort: 'latency' });
  });

  test.each([
    [{ provider: { regions: ['eu', 'Ch'] } }, { regions: ['EU', 'CH'] }],
    [{ provider: { regions: [] } }, {}],
    [{ provider: { enforce_distillable_text: true } }, { isDistillableOnly: true }],
    [{ provider: { preferred_max_latency: {} } }, {}],
    [{ provider: { preferred_min_throughput: { p50: 5, p99: null } } }, { throughputMin: { p50: 5 } }],
    [{ provider: { sort: { partition: 'none' } } }, { partition: 'none' }],
    [{ route: 'sort' }, { partition: 'none' }],
    [{ route: 'fallback' }, {}],
    [
      { route: 'sort', provider: { sort: { by: 'price', partition: 'model' } } },
      { sort: 'price', partition: 'model' },
    ],
  ])('of %j reads %j', (fields, preferences) => {
    expect(decodePrompt({ ...base, ...fields }).preferences).toEqual(preferences);
  });

  test.each([
    [{}, undefined],
    [{ plugins: [] }, undefined],
    [{ plugins: [{ id: 'web', max_results: 3 }] }, [{ id: 'web', isEnabled: true, options: { max_results: 3 } }]],
    [{ plugins: [{ id: 'web', enabled: false }] }, [{ id: 'web', isEnabled: false, options: {} }]],
    [
      { plugins: [{ id: 'web' }, { id: 'x' }, { id: 'web', max_results: 3 }] },
      [
        { id: 'web', isEnabled: true, options: { max_results: 3 } },
        { id: 'x', isEnabled: true, options: {} },
      ],
    ],
    [{ model: 'a/b:online' }, [{ id: 'web', isEnabled: true, options: {} }]],
    [{ models: ['a/c:online:floor'] }, [{ id: 'web', isEnabled: true, options: {} }]],
    [{ model: 'a/b:onlineish' }, undefined],
    [{ model: 'a/b:online', plugins: [{ id: 'web', enabled: false }] }, [{ id: 'web', isEnabled: false, options: {} }]],
  ])('plugins of %j', (fields, plugins) => {
    expect(decodePrompt({ ...base, ...fields }).plugins).toEqual(plugins);
  });

  test.each([
    [{ model: 'a/x', models: ['b/y', 'a/x', 'b/y', 'c/z'] }, 'a/x', ['b/y', 'c/z']],
    [{ models: ['b/y', 'c/z'] }, 'b/y', ['c/z']],
    [{ model: '~anthropic/claude-latest:free@preset/x' }, '~anthropic/claude-latest:free@preset/x', []],
  ])('model names %j', (names, model, modelFallbacks) => {
    expect(decodePrompt({ messages, ...names })).toMatchObject({ model, modelFallbacks });
  });

  test.each([
    [{ max_tokens: 5 }, 5],
    [{ max_completion_tokens: 6 }, 6],
    [{ max_tokens: 5, max_completion_tokens: 6 }, 5],
  ])('%j is one cap, and the lower wins', (caps, outputTokensMax) => {
    expect(decodePrompt({ ...base, ...caps }).outputTokensMax).toBe(outputTokensMax);
  });

  test.each([
    [{ reasoning: {} }, {}],
    [{ reasoning: { enabled: true } }, {}],
    [{ reasoning: { enabled: false } }, { effort: 'none' }],
    [{ reasoning: { effort: 'high', exclude: true } }, { effort: 'high', isExcluded: true }],
    [{ reasoning: { max_tokens: 2000 } }, { tokensMax: 2000 }],
    [{ reasoning: { summary: 'detailed' } }, { summary: 'detailed' }],
    [{ reasoning_effort: 'low' }, { effort: 'low' }],
    [{ reasoning_effort: 'low', reasoning: { effort: 'low' } }, { effort: 'low' }],
    [{ include_reasoning: true }, {}],
    [{ include_reasoning: false }, { isExcluded: true }],
    [{ include_reasoning: false, reasoning: { exclude: false } }, { isExcluded: false }],
  ])('reasoning %j', (fields, reasoning) => {
    expect(decodePrompt({ ...base, ...fields }).reasoning).toEqual(reasoning);
  });

  test('a legacy prompt text is one user message', () => {
    const prompt = decodePrompt({ model: 'a/b', prompt: 'Hi', temperature: 1 });
    expect(prompt.messages).toEqual([{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }]);
    expect(prompt.source.body).toEqual({ model: 'a/b', temperature: 1, messages });
    expect(decodePrompt({ ...base, prompt: 'ignored' }).messages).toHaveLength(1);
  });

  test('who asks', () => {
    expect(decodePrompt({ ...base, user: 'u-1', session_id: 's-1' })).toMatchObject({
      endUser: 'u-1',
      sessionId: 's-1',
    });
  });

  test('names the parameters that ask for something, in the words of supported_parameters', () => {
    const body = {
      ...base,
      temperature: 1,
      max_tokens: 5,
      tools: [{ type: 'function', function: { name: 'f' } }],
      tool_choice: 'auto',
      response_format: { type: 'json_schema', json_schema: { name: 's' } },
      reasoning: { effort: 'low' },
      prediction: { type: 'content', content: 'x' },
      unknown: 1,
      top_p: null,
      stream: true,
    };
    expect(decodePrompt(body).parameters).toEqual([
      'temperature',
      'max_tokens',
      'prediction',
      'response_format',
      'structured_outputs',
      'tools',
      'tool_choice',
      'reasoning',
    ]);
    expect(decodePrompt({ ...base, tools: [], response_format: { type: 'text' } }).parameters).toEqual([]);
  });

  test('unknown fields are extensions; those for us and for steering a proxy are not', () => {
    const body = {
      ...base,
      chat_template_kwargs: { a: 1 },
      future: [1],
      api_base: 'http://evil',
      plugins: [],
      provider: {},
      store: true,
    };
    expect(decodePrompt(body).extensions).toEqual({ chat_template_kwargs: { a: 1 }, future: [1] });
  });

  test('a body with __proto__ changes no prototype', () => {
    const body = JSON.parse('{"model":"a/b","messages":[{"role":"user","content":"x"}],"__proto__":{"polluted":true}}');
    const prompt = decodePrompt(body);
    expect(Object.getPrototypeOf(prompt.extensions)).toBe(Object.prototype);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
    expect(Reflect.get(prompt.extensions, 'polluted')).toBeUndefined();
  });

  test('what the official clients send besides', () => {
    const extras = {
      stream_options: { include_usage: true },
      usage: { include: true },
      transforms: [],
      route: 'fallback',
      metadata: { a: 'b' },
    };
    expect(decodePrompt({ ...base, stream: true, ...extras }).extensions).toEqual({});
  });
});

describe('reasoning that a client replays', () => {
  const replayed = (fields: object) => {
    const [message] = decodePrompt({ ...base, messages: [{ role: 'assistant', content: 'x', ...fields }] }).messages;
    return message?.role === 'assistant' ? message.reasoning : null;
  };

  test('keeps every piece in order, with signature, id and family', () => {
    const reasoning_details = [
      { type: 'reasoning.summary', summary: 'sum', id: 'rs_1', format: 'openai-responses-v1', index: 0 },
      { type: 'reasoning.encrypted', data: 'gAAA', id: 'rs_1', format: 'openai-responses-v1', index: 0 },
      { type: 'reasoning.text', text: 't', signature: 'sig', format: 'anthropic-claude-v1', index: 1 },
      { type: 'reasoning.text', signature: 'alone', format: 'google-gemini-v1' },
      { type: 'reasoning.text', text: 'plain', signature: null, id: null, format: null },
    ];
    expect(replayed({ reasoning: 'sumtplain', reasoning_details })).toEqual([
      { type: 'summary', text: 'sum', id: 'rs_1', format: 'openai-responses-v1' },
      { type: 'encrypted', data: 'gAAA', id: 'rs_1', format: 'openai-responses-v1' },
      { type: 'text', text: 't', signature: 'sig', format: 'anthropic-claude-v1' },
      { type: 'text', text: '', signature: 'alone', format: 'google-gemini-v1' },
      { type: 'text', text: 'plain', format: 'unknown' },
    ]);
  });

  test('pieces of a stream that come back one by one are the texts that were signed', () => {
    const piece = (index: number, fields: object) => ({ type: 'reasoning.text', format: 'unknown', index, ...fields });
    const signed = { signature: 'sig', format: 'anthropic-claude-v1' };
    const [first, last] = [piece(0, { text: 'Let ' }), piece(0, { text: '', ...signed })];
    const pieces = [first, piece(0, { text: 'me' }), last, piece(0, { text: 'again' }), piece(1, { text: 'b' })];
    expect(replayed({ reasoning_details: pieces })).toEqual([
      { type: 'text', text: 'Let me', ...signed },
      { type: 'text', text: 'again', format: 'unknown' },
      { type: 'text', text: 'b', format: 'unknown' },
    ]);
    const unnumbered = { type: 'reasoning.text', text: 'a' };
    expect(replayed({ reasoning_details: [unnumbered, unnumbered] })).toHaveLength(2);
  });

  test('a family that nobody knows is unknown', () => {
    const detail = { type: 'reasoning.text', text: 'a', format: 'martian-v9' };
    expect(replayed({ reasoning_details: [detail] })).toEqual([{ type: 'text', text: 'a', format: 'unknown' }]);
  });

  test.each([
    [{ type: 'reasoning.server_tool_call', tool_name: 'web_search', arguments: '{}', result: 'r', tool_call_id: 't' }],
    [{ type: 'reasoning.hologram', shape: 'round' }],
    [{ type: 'thinking' }],
  ])('%j, which a relayed answer may have shown, may come back, and is no reasoning of the hub', (detail) => {
    const known = { type: 'reasoning.text', text: 'a' };
    expect(replayed({ reasoning_details: [detail, known] })).toEqual([{ type: 'text', text: 'a', format: 'unknown' }]);
    expect(replayed({ reasoning_details: [detail] })).toEqual([]);
  });

  test.each([
    [{}, []],
    [{ reasoning: null, reasoning_details: null }, []],
    [{ reasoning: '', reasoning_details: [] }, []],
    [{ reasoning: 'a', reasoning_details: [] }, [{ type: 'text', text: 'a', format: 'unknown' }]],
    [{ reasoning_content: 'b' }, [{ type: 'text', text: 'b', format: 'unknown' }]],
  ])('%j', (fields, reasoning) => {
    expect(replayed(fields)).toEqual(reasoning);
  });
});

describe('cache hints', () => {
  const marked = (mark: object) =>
    decodePrompt({
      ...base,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'x', ...mark },
            { type: 'image_url', image_url: { url: 'https://x' }, ...mark },
            { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' }, ...mark },
            { type: 'video_url', video_url: { url: 'https://x' }, ...mark },
            { type: 'file', file: { file_id: 'f' }, ...mark },
          ],
        },
      ],
    }).messages.flatMap(({ content }) => content.map((part) => part.cache));

  test.each([
    [{ cache_control: { type: 'ephemeral' } }, {}],
    [{ cache_control: { type: 'ephemeral', ttl: '1h' } }, { ttl: '1h' }],
    [{ cache_control: { type: 'ephemeral', ttl: null } }, {}],
    [{ prompt_cache_breakpoint: {} }, {}],
    [{ prompt_cache_breakpoint: { mode: 'x' } }, {}],
    [{ cache_control: { type: 'ephemeral', ttl: '5m' }, prompt_cache_breakpoint: {} }, { ttl: '5m' }],
    [{ cache_control: null, prompt_cache_breakpoint: null }, undefined],
    [{}, undefined],
  ])('%j on any part', (mark, cache) => {
    expect(marked(mark)).toEqual([cache, cache, cache, cache, cache]);
  });

  test('on a tool, and on the whole prompt', () => {
    const prompt = decodePrompt({
      ...base,
      cache_control: { type: 'ephemeral', ttl: '1h' },
      prompt_cache_key: 'k',
      tools: [{ type: 'function', function: { name: 'f' }, cache_control: { type: 'ephemeral' } }],
    });
    expect(prompt).toMatchObject({ cache: { ttl: '1h' }, promptCacheKey: 'k', tools: [{ name: 'f', cache: {} }] });
    expect(prompt.extensions).toEqual({});
  });
});

describe('what an answer shall be made of', () => {
  test('modalities, voice, verbosity and the tier of service', () => {
    expect(
      decodePrompt({
        ...base,
        modalities: ['text', 'audio'],
        audio: { voice: 'alloy', format: 'wav' },
        verbosity: 'low',
        service_tier: 'flex',
      }),
    ).toMatchObject({
      outputModalities: ['text', 'audio'],
      audioOutput: { voice: 'alloy', format: 'wav' },
      verbosity: 'low',
      serviceTier: 'flex',
    });
  });

  test('nothing of it by default, and a voice that is no name stays in the body', () => {
    const audio = { voice: { id: 'voice_1' }, format: 'wav' };
    for (const fields of [{}, { modalities: [] }, { audio }]) {
      const prompt = decodePrompt({ ...base, ...fields });
      expect(prompt).not.toHaveProperty('outputModalities');
      expect(prompt).not.toHaveProperty('audioOutput');
    }
    expect(decodePrompt({ ...base, audio }).source.body['audio']).toEqual(audio);
  });

  test('pictures that a model made come back beside its text', () => {
    const images = [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } }];
    const [first, second] = decodePrompt({
      ...base,
      messages: [
        { role: 'assistant', content: 'Here:', images },
        { role: 'assistant', content: null, images },
      ],
    }).messages;
    expect(first?.content).toEqual([
      { type: 'text', text: 'Here:' },
      { type: 'image', url: 'data:image/png;base64,AA' },
    ]);
    expect(second?.content).toEqual([{ type: 'image', url: 'data:image/png;base64,AA' }]);
  });

  test('the signature of the thought behind a call comes back with the call', () => {
    const call = (extra: object) => ({ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' }, ...extra });
    const [message] = decodePrompt({
      ...base,
      messages: [
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            call({ extra_content: { google: { thought_signature: 'c2ln' } } }),
            call({ extra_content: { google: { thought_signature: '' } } }),
            call({ extra_content: 'x' }),
          ],
        },
      ],
    }).messages;
    const plain = { callId: 'c', name: 'f', argumentsText: '{}' };
    expect(message).toMatchObject({ toolCalls: [{ ...plain, signature: 'c2ln' }, plain, plain] });
    expect(JSON.stringify(message).match(/signature/g)).toHaveLength(1);
  });
});

describe('max_cost', () => {
  const decoded = (cost: unknown) =>
    decodePrompt({ model: 'a/m', messages: [{ role: 'user', content: 'hi' }], max_cost: cost }).maxCostUsd;

  test.each([
    [0.05, '0.05'],
    [1e-9, '0.000000001'],
    [10, '10'],
    [0.1, '0.1'],
    ['0.000000001', '0.000000001'],
    ['2.50', '2.50'],
    [999_999.5, '999999.5'],
  ])('%o is %s dollars, to the digit', (cost, text) => {
    expect(decoded(cost)).toBe(text);
  });

  test('is absent when it is null or not sent, and never goes to a provider', () => {
    expect(decoded(null)).toBeUndefined();
    expect(decoded(undefined)).toBeUndefined();
    const prompt = decodePrompt({ model: 'a/m', messages: [{ role: 'user', content: 'hi' }], max_cost: 1 });
    const target = {
      upstreamModel: 'up',
      isStreamed: false,
      outputTokensMax: null,
      endpointOutputTokensMax: null,
    };
    expect(encodePrompt(prompt, target)).not.toHaveProperty('max_cost');
  });
});

describe('what decodePrompt refuses', () => {
  const user = (content: unknown) => ({ ...base, messages: [{ role: 'user', content }] });
  const assistant = (fields: object) => ({ ...base, messages: [{ role: 'assistant', content: 'x', ...fields }] });
  const tool = (fields: object) => ({ ...base, tools: [{ type: 'function', function: { name: 'f', ...fields } }] });

  test.each([
    ['no object', null, ''],
    ['a list', [], ''],
    ['a string', '{}', ''],
    ['no model', { messages }, 'model'],
    ['no messages', { model: 'a/b' }, 'messages'],
    ['empty messages', { model: 'a/b', messages: [] }, 'messages'],
    ['messages as text', { model: 'a/b', messages: 'Hi' }, 'messages'],
    ['an impossible model name', { ...base, model: 'a b' }, 'model'],
    ['an endless model name', { ...base, model: 'a'.repeat(201) }, 'model'],
    ['a model that is a number', { ...base, model: 5 }, 'model'],
    ['a bad fallback', { ...base, models: ['a/b', '<script>'] }, 'models[1]'],
    ['too many fallbacks', { ...base, models: Array.from({ length: 11 }, () => 'a/b') }, 'models'],
    ['a message that is text', { ...base, messages: ['Hi'] }, 'messages[0]'],
    ['an unknown role', { ...base, messages: [{ role: 'robot', content: 'x' }] }, 'messages[0].role'],
    ['no role', { ...base, messages: [...messages, { content: 'x' }] }, 'messages[1].role'],
    ['no content', { ...base, messages: [{ role: 'user' }] }, 'messages[0].content'],
    ['a number as content', user(5), 'messages[0].content'],
    ['an unknown part', user([{ type: 'hologram' }]), 'messages[0].content[0].type'],
    ['a part that is text', user(['x']), 'messages[0].content[0]'],
    ['a text part without text', user([{ type: 'text' }]), 'messages[0].content[0].text'],
    [
      'an image without URL',
      user([
        { type: 'text', text: 'x' },
        { type: 'image_url', image_url: {} },
      ]),
      'messages[0].content[1].image_url.url',
    ],
    ['a file without data', user([{ type: 'file', file: { filename: 'x' } }]), 'messages[0].content[0].file'],
    ['a video without URL', user([{ type: 'video_url', video_url: {} }]), 'messages[0].content[0].video_url.url'],
    [
      'an unknown cache mark',
      user([{ type: 'text', text: 'x', cache_control: { type: 'forever' } }]),
      'messages[0].content[0].cache_control.type',
    ],
    [
      'an unknown lifetime of a cache',
      { ...base, cache_control: { type: 'ephemeral', ttl: '1d' } },
      'cache_control.ttl',
    ],
    ['an unknown modality', { ...base, modalities: ['text', 'smell'] }, 'modalities[1]'],
    ['sound without format', { ...base, audio: { voice: 'alloy' } }, 'audio.format'],
    ['an unknown summary', { ...base, reasoning: { summary: 'short' } }, 'reasoning.summary'],
    [
      'a summary without words',
      assistant({ reasoning_details: [{ type: 'reasoning.summary' }] }),
      'messages[0].reasoning_details[0].summary',
    ],
    [
      'a blob without data',
      assistant({ reasoning_details: [{ type: 'reasoning.encrypted', data: 5 }] }),
      'messages[0].reasoning_details[0].data',
    ],
    [
      'a detail without type',
      assistant({ reasoning_details: [{ text: 'x' }] }),
      'messages[0].reasoning_details[0].type',
    ],
    ['a detail that is text', assistant({ reasoning_details: ['x'] }), 'messages[0].reasoning_details[0]'],
    ['a made image without URL', assistant({ images: [{ image_url: {} }] }), 'messages[0].images[0].image_url.url'],
    ['a tool result without id', { ...base, messages: [{ role: 'tool', content: 'x' }] }, 'messages[0].tool_call_id'],
    [
      'a call without name',
      { ...base, messages: [{ role: 'assistant', tool_calls: [{ id: 'x', function: {} }] }] },
      'messages[0].tool_calls[0].function.name',
    ],
    ['1,001 messages', { ...base, messages: Array.from({ length: 1001 }, () => messages[0]) }, 'messages'],
    [
      '129 tools',
      { ...base, tools: Array.from({ length: 129 }, () => ({ type: 'function', function: { name: 'f' } })) },
      'tools',
    ],
    ['a tool with a long name', tool({ name: 'f'.repeat(65) }), 'tools[0].function.name'],
    ['a tool of another type', { ...base, tools: [{ type: 'openrouter:web_search' }] }, 'tools[0].type'],
    ['a schema that is no object', tool({ parameters: [] }), 'tools[0].function.parameters'],
    ['an unknown tool choice', { ...base, tool_choice: 'any' }, 'tool_choice'],
    [
      'a nameless tool choice',
      { ...base, tool_choice: { type: 'function', function: {} } },
      'tool_choice.function.name',
    ],
    ['temperature above 2', { ...base, temperature: 2.1 }, 'temperature'],
    ['temperature as text', { ...base, temperature: '1' }, 'temperature'],
    ['an infinite temperature', { ...base, temperature: JSON.parse('1e400') }, 'temperature'],
    ['top_p above 1', { ...base, top_p: 1.5 }, 'top_p'],
    ['a negative penalty', { ...base, frequency_penalty: -2.5 }, 'frequency_penalty'],
    ['a fractional top_k', { ...base, top_k: 1.5 }, 'top_k'],
    ['max_tokens of 0', { ...base, max_tokens: 0 }, 'max_tokens'],
    ['a negative max_tokens', { ...base, max_tokens: -1 }, 'max_tokens'],
    ['an absurd max_tokens', { ...base, max_completion_tokens: 1e12 }, 'max_completion_tokens'],
    ['n of 0', { ...base, n: 0 }, 'n'],
    ['n of 9', { ...base, n: 9 }, 'n'],
    ['21 logprobs', { ...base, top_logprobs: 21 }, 'top_logprobs'],
    ['five stops', { ...base, stop: ['1', '2', '3', '4', '5'] }, 'stop'],
    ['a stop that is a number', { ...base, stop: 5 }, 'stop'],
    ['a bias that is text', { ...base, logit_bias: { 1: 'x' } }, 'logit_bias.1'],
    ['a strange stream flag', { ...base, stream: 'yes' }, 'stream'],
    ['an unknown format', { ...base, response_format: { type: 'yaml' } }, 'response_format.type'],
    [
      'a nameless schema',
      { ...base, response_format: { type: 'json_schema', json_schema: {} } },
      'response_format.json_schema.name',
    ],
    ['an unknown effort', { ...base, reasoning_effort: 'huge' }, 'reasoning_effort'],
    ['contradicting efforts', { ...base, reasoning_effort: 'low', reasoning: { effort: 'high' } }, 'reasoning_effort'],
    ['effort and budget', { ...base, reasoning: { effort: 'low', max_tokens: 5 } }, 'reasoning'],
    ['an unknown preference', { ...base, provider: { ordr: ['a'] } }, 'provider.ordr'],
    [
      'an unknown preference within one',
      { ...base, provider: { max_price: { promt: '1' } } },
      'provider.max_price.promt',
    ],
    ['an unknown sort', { ...base, provider: { sort: 'beauty' } }, 'provider.sort'],
    ['an unknown sort key', { ...base, provider: { sort: { by: 'beauty' } } }, 'provider.sort.by'],
    ['a price with an exponent', { ...base, provider: { max_price: { prompt: '1e5' } } }, 'provider.max_price.prompt'],
    ['a ceiling of nothing', { ...base, max_cost: 0 }, 'max_cost'],
    ['a ceiling of nothing in words', { ...base, max_cost: '0.000' }, 'max_cost'],
    ['a negative ceiling', { ...base, max_cost: -0.01 }, 'max_cost'],
    ['a ceiling with ten decimals', { ...base, max_cost: '0.0000000001' }, 'max_cost'],
    ['a ceiling that is a number with ten decimals', { ...base, max_cost: 1.0000000001 }, 'max_cost'],
    ['a ceiling with an exponent', { ...base, max_cost: '1e-3' }, 'max_cost'],
    ['a ceiling beyond reason', { ...base, max_cost: 1_000_000 }, 'max_cost'],
    ['a ceiling that is no amount', { ...base, max_cost: { usd: 1 } }, 'max_cost'],
    ['a negative price', { ...base, provider: { max_price: { prompt: -1 } } }, 'provider.max_price.prompt'],
    ['a region that is none', { ...base, provider: { regions: ['europe'] } }, 'provider.regions[0]'],
    [
      'a threshold in words',
      { ...base, provider: { preferred_max_latency: 'fast' } },
      'provider.preferred_max_latency',
    ],
    [
      'a percentile that is not measured',
      { ...base, provider: { preferred_min_throughput: { p95: 5 } } },
      'provider.preferred_min_throughput.p95',
    ],
    ['a plugin without an id', { ...base, plugins: [{ max_results: 3 }] }, 'plugins[0].id'],
    ['a long session id', { ...base, session_id: 's'.repeat(257) }, 'session_id'],
    [
      '17 pairs of metadata',
      { ...base, metadata: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, 'v'])) },
      'metadata',
    ],
    ['metadata that is no text', { ...base, metadata: { a: 1 } }, 'metadata.a'],
  ])('%s, naming the path', (_name, body, path) => {
    const error = refusal(body);
    expect(error.code).toBe('invalid_request');
    expect(error.metadata).toEqual({ path });
    expect(error.message).toContain(
      path === ''
        ? 'body'
        : path
            .split('.')
            .at(-1)
            ?.replace(/\[\d+\]$/, ''),
    );
    expect(error.message).toMatch(/\.$/);
  });

  test('names the unknown preference in its sentence', () => {
    expect(refusal({ ...base, provider: { ordr: [] } }).message).toBe('provider has no field "ordr".');
  });

  test('says plainly that something is required', () => {
    expect(refusal({ ...base, messages: [{ role: 'user' }] }).message).toBe('messages[0].content is required.');
  });

  test('an extension that is nested beyond what can be written', () => {
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    expect(refusal({ ...base, deep }).metadata).toEqual({ path: 'deep' });
  });

  test('anything else with an AppError, never with another exception', () => {
    const known = fc.constantFrom(
      'model',
      'messages',
      'tools',
      'provider',
      'reasoning',
      'stop',
      'response_format',
      'n',
      'prompt',
      'models',
    );
    const bodies = fc.dictionary(known, fc.jsonValue());
    fc.assert(
      fc.property(bodies, fc.boolean(), (fields, isNearlyValid) => {
        try {
          decodePrompt(isNearlyValid ? { ...base, ...fields } : fields);
        } catch (error) {
          expect(isAppError(error) && error.code).toBe('invalid_request');
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('inputBytes', () => {
  const weigh = (fields: object) => decodePrompt({ ...base, ...fields }).inputBytes;
  const plain = weigh({});

  test('is never less than the bytes of all text that the model reads', () => {
    const text = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(fc.array(text, { minLength: 1 }), text, text, (texts, args, description) => {
        const body = {
          messages: [
            ...texts.map((content) => ({ role: 'user', content })),
            {
              role: 'assistant',
              tool_calls: [{ id: 'c', function: { name: 'f', arguments: args } }],
              reasoning: description,
            },
          ],
          tools: [{ type: 'function', function: { name: 'f', description, parameters: { description: args } } }],
        };
        const bytes = new TextEncoder().encode([...texts, args, description, description, args].join('')).length;
        expect(weigh(body)).toBeGreaterThanOrEqual(bytes);
      }),
    );
  });

  test.each([
    ['a name', { messages: [{ role: 'user', content: 'Hi', name: 'Anna' }] }, 4],
    ['a field of a message that we do not know', { messages: [{ role: 'user', content: 'Hi', note: 'abcd' }] }, 6],
    ['an extension', { documents: ['abcd'] }, 8],
    [
      'reasoning of each kind, and what proves it',
      {
        messages: [
          {
            role: 'assistant',
            content: 'Hi',
            reasoning_details: [
              { type: 'reasoning.text', text: 'x'.repeat(100), signature: 's'.repeat(100) },
              { type: 'reasoning.summary', summary: 'x'.repeat(100) },
              { type: 'reasoning.encrypted', data: 'x'.repeat(100) },
            ],
          },
        ],
      },
      400,
    ],
    [
      'a piece of reasoning that the hub has no words for',
      {
        messages: [
          {
            role: 'assistant',
            content: 'Hi',
            reasoning_details: [{ type: 'reasoning.server_tool_call', result: 'x'.repeat(1000) }],
          },
        ],
      },
      1000,
    ],
    [
      'the signature of a call',
      {
        messages: [
          {
            role: 'assistant',
            content: 'Hi',
            tool_calls: [
              {
                id: 'c',
                function: { name: 'f' },
                extra_content: { google: { thought_signature: 's'.repeat(100) } },
              },
            ],
          },
        ],
      },
      100,
    ],
    ['legacy functions', { functions: [{ name: 'f', description: 'x'.repeat(100) }] }, 612],
    ['a prediction', { prediction: { type: 'content', content: 'x'.repeat(100) } }, 100],
    [
      'a JSON schema',
      { response_format: { type: 'json_schema', json_schema: { name: 's', schema: { a: 'b' } } } },
      500,
    ],
    ['tools', { tools: [{ type: 'function', function: { name: 'f' } }] }, 500],
  ])('counts %s', (_name, fields, atLeast) => {
    expect(weigh(fields) - plain).toBeGreaterThanOrEqual(atLeast);
  });

  test('does not count an image by its base64, nor forget one by URL', () => {
    const image = (url: string) =>
      weigh({ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }] });
    expect(image(`data:image/png;base64,${'A'.repeat(1_000_000)}`)).toBe(image('https://example.com/a.png'));
    expect(image('https://example.com/a.png')).toBeGreaterThan(4_784);
  });

  test('counts a video as an hour of it, or as its bytes when they are more', () => {
    const video = (url: string) =>
      weigh({ messages: [{ role: 'user', content: [{ type: 'video_url', video_url: { url } }] }] });
    expect(video('https://example.com/a.mp4')).toBeGreaterThan(1_000_000);
    expect(video('data:video/mp4;base64,AAAA')).toBe(video('https://example.com/a.mp4'));
    expect(video(`data:video/mp4;base64,${'A'.repeat(2_000_000)}`)).toBeGreaterThan(1_499_000);
  });

  test('counts a picture that a model made like any other', () => {
    const images = [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }];
    expect(weigh({ messages: [{ role: 'assistant', content: 'Hi', images }] }) - plain).toBeGreaterThan(4_784);
  });

  test('bounds audio and files by their size', () => {
    const part = (content: object) => weigh({ messages: [{ role: 'user', content: [content] }] });
    const audio = (length: number) =>
      part({ type: 'input_audio', input_audio: { data: 'A'.repeat(length), format: 'mp3' } });
    expect(audio(64_000) - audio(32_000)).toBe(1_500);
    const file = (data: string) => part({ type: 'file', file: { file_data: data } });
    expect(file(`data:application/pdf;base64,${'A'.repeat(400_000)}`)).toBeGreaterThan(299_000);
    expect(file('https://example.com/a.pdf')).toBeGreaterThan(200_000);
  });
});
