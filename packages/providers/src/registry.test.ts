import { openaiChat } from '@bourse/wire';
import { describe, expect, test } from 'vitest';
import { buildProviderRequest } from './build-provider-request.ts';
import { environmentPrefix } from './credentials.ts';
import { defineProvider } from './define-provider.ts';
import type { Provider } from './provider.ts';
import { providerRegistry } from './registry.ts';
import { sandboxProviders } from './sandbox.ts';

const credential = { apiKey: 'sk-secret', baseUrl: 'https://llm.example.com/v1' };
const rich = {
  model: 'acme/sprint',
  models: ['acme/other'],
  provider: { only: ['x'] },
  messages: [
    { role: 'developer', content: 'D', name: 'dev' },
    { role: 'user', content: [{ type: 'text', text: 'Hi', cache_control: { type: 'ephemeral' } }] },
    { role: 'assistant', content: 'A', reasoning: 'r', reasoning_details: [] },
  ],
  max_completion_tokens: 50,
  temperature: 0.5,
  top_k: 3,
  seed: 7,
  logit_bias: { 1: 2 },
  logprobs: true,
  frequency_penalty: 1,
  parallel_tool_calls: true,
  service_tier: 'auto',
  metadata: { team: 'a' },
  reasoning: { effort: 'max' },
  future_field: 1,
  api_base: 'http://evil',
  user: 'u-1',
};

function call(provider: Provider, fields: object = {}, isStreamed = true) {
  const prompt = openaiChat.decodePrompt({ ...rich, stream: isStreamed, ...fields });
  const api = provider.apiFor(prompt, 'up-1');
  if (api === null) throw new Error(`${provider.id} has no API for conversations`);
  const target = { upstreamModel: 'up-1', isStreamed, outputTokensMax: 20, endpointOutputTokensMax: null };
  const request = buildProviderRequest({ provider, api, credential, prompt, target });
  if (request instanceof Promise) throw new Error(`${provider.id} is authorized asynchronously`);
  return request;
}

function providerNamed(id: string): Provider {
  const provider = providerRegistry.get(id);
  if (!provider) throw new Error(`no provider ${id}`);
  return provider;
}

const bodyFor = (id: string, fields: object = {}, isStreamed = true) =>
  JSON.parse(call(providerNamed(id), fields, isStreamed).body);
const plain = openaiChat.decodePrompt({ model: 'a/b', messages: [{ role: 'user', content: 'Hi' }] });
const all = [...providerRegistry.values()].map((provider) => [provider.id, provider] as const);
/** Those that are asked in OpenAI's dialect. */
const speakers = all.filter(([, provider]) => provider.apiFor(plain, 'up-1')?.wire.id === 'openai-chat');

describe('every provider', () => {
  test('has a slug that makes a usable variable name, and is listed under it once', () => {
    for (const [id, provider] of providerRegistry) {
      expect(provider.id).toBe(id);
      expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(environmentPrefix(id)).toMatch(/^[A-Z0-9]+(_[A-Z0-9]+)*$/);
    }
    const prefixes = [...providerRegistry.keys()].map(environmentPrefix);
    expect(new Set(prefixes).size).toBe(prefixes.length);
    expect(new Set([...providerRegistry.values()].map(({ name }) => name)).size).toBe(providerRegistry.size);
  });

  test.each(all)('%s has an https base URL without a trailing slash, or none', (_id, { baseUrl }) => {
    if (baseUrl !== null) expect(baseUrl).toMatch(/^https:\/\/[a-z0-9.-]+(\/[a-z0-9-]+)*$/);
  });

  test.each(speakers)(
    '%s is called at the host of its credential, with its key and nothing of the client',
    (_id, provider) => {
      const request = call(provider);
      expect(request.method).toBe('POST');
      expect(request.url).toBe('https://llm.example.com/v1/chat/completions');
      expect(request.headers).toEqual({
        'content-type': 'application/json',
        accept: 'text/event-stream',
        'user-agent': 'bourse/1',
        ...(provider.id === 'azure' ? { 'api-key': 'sk-secret' } : { authorization: 'Bearer sk-secret' }),
      });
      expect(call(provider, {}, false).headers['accept']).toBe('application/json');
      expect(request.body).not.toMatch(/evil|acme|sk-secret/);
    },
  );

  test.each(speakers)('%s gets its own model, a cap that we can afford, and is asked to stream', (_id, provider) => {
    const {
      model,
      stream,
      max_tokens: older,
      max_completion_tokens: newer,
      messages,
    } = JSON.parse(call(provider).body);
    expect({ model, stream }).toEqual({ model: 'up-1', stream: true });
    expect(older ?? newer).toBe(20);
    expect(older === undefined || newer === undefined).toBe(true);
    expect(messages).toHaveLength(3);
    expect(JSON.parse(call(provider, {}, false).body)).not.toHaveProperty('stream');
  });
});

describe('the quirks', () => {
  test('OpenAI gets no field that it would refuse', () => {
    const body = bodyFor('openai');
    expect(body).toMatchObject({
      max_completion_tokens: 20,
      reasoning_effort: 'xhigh',
      service_tier: 'auto',
      future_field: 1,
      user: 'u-1',
    });
    for (const field of ['max_tokens', 'top_k', 'metadata']) expect(body).not.toHaveProperty(field);
    expect(body.messages).toEqual([
      { role: 'developer', content: 'D', name: 'dev' },
      { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
      { role: 'assistant', content: 'A' },
    ]);
    expect(bodyFor('openai', { store: true })).toHaveProperty('metadata');
  });

  test('Mistral gets only what is on its list, and its own name for the seed', () => {
    const body = bodyFor('mistral');
    expect(body).toMatchObject({
      random_seed: 7,
      max_tokens: 20,
      metadata: { team: 'a' },
      messages: [{ role: 'system', content: 'D' }, {}, {}],
    });
    for (const field of ['seed', 'stream_options', 'top_k', 'user', 'logprobs', 'future_field', 'service_tier']) {
      expect(body).not.toHaveProperty(field);
    }
  });

  test('Groq gets no log probabilities and no names of authors', () => {
    const body = bodyFor('groq');
    expect(body).toMatchObject({ max_completion_tokens: 20, stream_options: { include_usage: true } });
    expect(body.messages[0]).toEqual({ role: 'system', content: 'D' });
    for (const field of ['logprobs', 'logit_bias']) expect(body).not.toHaveProperty(field);
  });

  test('Cerebras gets no penalties, biases or tiers', () => {
    const body = bodyFor('cerebras');
    for (const field of ['frequency_penalty', 'logit_bias', 'parallel_tool_calls', 'service_tier'])
      expect(body).not.toHaveProperty(field);
    expect(body.messages[0].role).toBe('system');
  });

  const thinking = { messages: [{ role: 'user', content: 'Hi' }], reasoning: { effort: 'high' } };
  const calls = [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }];
  const details = [{ type: 'reasoning.text', text: 'because', format: 'unknown', index: 0 }];

  test.each(['deepseek', 'moonshotai', 'z-ai'])('%s switches thinking on and off, and knows no efforts', (id) => {
    expect(bodyFor(id, thinking)).toMatchObject({ thinking: { type: 'enabled' } });
    expect(bodyFor(id, { ...thinking, reasoning: { effort: 'none' } })).toMatchObject({
      thinking: { type: 'disabled' },
    });
    expect(bodyFor(id, thinking)).not.toHaveProperty('reasoning_effort');
    expect(bodyFor(id, { ...thinking, reasoning: undefined })).not.toHaveProperty('thinking');
  });

  test('Alibaba gets a switch and a budget', () => {
    expect(bodyFor('alibaba', { ...thinking, reasoning: { max_tokens: 900 } })).toMatchObject({
      enable_thinking: true,
      thinking_budget: 900,
    });
    expect(bodyFor('alibaba', { ...thinking, reasoning: { effort: 'none' } })).toMatchObject({
      enable_thinking: false,
    });
  });

  test.each(['deepseek', 'moonshotai', 'z-ai', 'alibaba', 'fireworks', 'deepinfra', 'nvidia', 'huggingface', 'novita'])(
    '%s gets reasoning back beside the calls that came of it, and nowhere else',
    (id) => {
      const { messages } = bodyFor(id, {
        messages: [
          { role: 'user', content: 'a' },
          { role: 'assistant', content: null, tool_calls: calls, reasoning: 'because', reasoning_details: details },
          { role: 'tool', tool_call_id: 'c1', content: 'x' },
          { role: 'assistant', content: 'b', reasoning_details: details },
          { role: 'user', content: 'c' },
        ],
      });
      expect(messages[1]).toEqual({
        role: 'assistant',
        tool_calls: calls,
        content: null,
        reasoning_content: 'because',
      });
      expect(messages[3]).toEqual({ role: 'assistant', content: 'b' });
    },
  );

  test('Perplexity gets no tools, Cohere neither several choices nor an effort that it does not know', () => {
    const tools = [{ type: 'function', function: { name: 'f' } }];
    for (const field of ['tools', 'seed', 'logit_bias'])
      expect(bodyFor('perplexity', { tools })).not.toHaveProperty(field);
    const cohere = bodyFor('cohere', { ...thinking, reasoning: { effort: 'low' }, n: 2 });
    expect(cohere).toMatchObject({ reasoning_effort: 'high' });
    const silent = bodyFor('cohere', { ...thinking, reasoning: { effort: 'none' } });
    expect(silent).toMatchObject({ reasoning_effort: 'none' });
    expect(bodyFor('cohere', { ...thinking, reasoning: { effort: 'medium' } })).toMatchObject({
      reasoning_effort: 'high',
    });
    for (const field of ['n', 'metadata', 'service_tier']) expect(cohere).not.toHaveProperty(field);
  });

  test('OpenRouter gets the whole reasoning object', () => {
    expect(bodyFor('openrouter', { reasoning: { effort: 'low', exclude: true } })).toMatchObject({
      reasoning: { effort: 'low', exclude: true },
    });
    expect(bodyFor('openrouter', { reasoning: { max_tokens: 2000 } })).toMatchObject({
      reasoning: { max_tokens: 2000 },
    });
    expect(bodyFor('openrouter', { reasoning: { effort: 'low' } })).not.toHaveProperty('reasoning_effort');
    expect(bodyFor('openrouter', { reasoning: undefined })).not.toHaveProperty('reasoning');
  });

  test.each(['together', 'fireworks', 'deepinfra', 'deepseek', 'openai-compatible'])(
    '%s gets the older cap and no developer',
    (id) => {
      const body = bodyFor(id);
      expect(body).toMatchObject({ max_tokens: 20 });
      expect(body.messages[0].role).toBe('system');
    },
  );

  test('a hang-up is known to stop the bill only where somebody documents it', () => {
    const stops = [...providerRegistry.values()]
      .filter(({ onCancel }) => onCancel === 'stops_billing')
      .map(({ id }) => id);
    const documented = ['azure', 'cloudflare', 'cohere', 'deepinfra', 'deepseek', 'fireworks', 'novita', 'openai'];
    expect(stops).toEqual(expect.arrayContaining([...documented, 'sandbox-north', 'sandbox-south', 'together', 'xai']));
    const unknown = [
      'alibaba',
      'google-ai-studio',
      'google-vertex',
      'amazon-bedrock',
      'groq',
      'huggingface',
      'litellm',
    ];
    for (const id of [
      ...unknown,
      'minimax',
      'mistral',
      'ollama',
      'openai-compatible',
      'openrouter',
      'perplexity',
      'vllm',
    ])
      expect(stops).not.toContain(id);
  });
});

describe('the sandbox market', () => {
  test('has fictional companies only, all of them registered, and exercises both ways of billing a hang-up', () => {
    for (const { id, name } of sandboxProviders)
      expect([id, name]).toEqual([expect.stringMatching(/^sandbox-/), expect.stringMatching(/ Sandbox$/)]);
    for (const provider of sandboxProviders) expect(providerRegistry.get(provider.id)).toBe(provider);
    expect(new Set(sandboxProviders.map(({ onCancel }) => onCancel)).size).toBe(2);
  });
});

describe('defineProvider', () => {
  test('lets a provider say its own path and authorization', () => {
    const own = defineProvider({
      id: 'own',
      name: 'Own',
      wire: openaiChat,
      baseUrl: null,
      onCancel: 'bills_anyway',
      path: ({ upstreamModel }) => `/models/${upstreamModel}/chat`,
      authorize: (request, { apiKey }) => ({ ...request, headers: { ...request.headers, 'api-key': apiKey } }),
    });
    const request = call(own);
    expect(request.url).toBe('https://llm.example.com/v1/models/up-1/chat');
    expect(request.headers).toMatchObject({ 'api-key': 'sk-secret' });
    expect(request.headers).not.toHaveProperty('authorization');
  });
});
