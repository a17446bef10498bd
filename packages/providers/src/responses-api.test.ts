import type { JsonObject } from '@bourse/generation';
import { openaiChat, openaiResponses } from '@bourse/wire';
import { describe, expect, test } from 'vitest';
import { azure } from './azure.ts';
import { buildProviderRequest } from './build-provider-request.ts';
import { groq } from './groq.ts';
import { openai } from './openai.ts';
import type { Provider } from './provider.ts';
import { xai } from './xai.ts';

const target = { isStreamed: false, outputTokensMax: null, endpointOutputTokensMax: null };
const credential = { apiKey: 'sk-secret', baseUrl: 'https://llm.example.com/v1' };
const chat = openaiChat.decodePrompt({ model: 'acme/sprint', messages: [{ role: 'user', content: 'Hi' }] });
const asked = (fields: object = {}) => openaiResponses.decodePrompt({ model: 'acme/sprint', input: 'Hi', ...fields });

async function bodyOf(provider: Provider, upstreamModel: string, fields: object = {}): Promise<JsonObject> {
  const prompt = asked(fields);
  const api = provider.apiFor(prompt, upstreamModel);
  if (api === null) throw new Error('no API');
  const call = { provider, api, credential, prompt, target: { ...target, upstreamModel } };
  const request = await buildProviderRequest(call);
  expect(request.url).toBe('https://llm.example.com/v1/responses');
  return JSON.parse(request.body);
}

describe('which API a conversation goes through', () => {
  test.each([
    ['a chat client', openai, chat, 'gpt-5', 'openai-chat'],
    ['a Responses client', openai, asked(), 'gpt-5', 'openai-responses'],
    ['a Responses client', azure, asked(), 'my-deployment', 'openai-responses'],
    ['a Responses client', xai, asked(), 'grok-4', 'openai-responses'],
    ['a Responses client, where nobody speaks it', groq, asked(), 'llama', 'openai-chat'],
    ['a chat client of a model that has no other', openai, chat, 'o3-pro', 'openai-responses'],
    ['a chat client of a model that has no other', openai, chat, 'gpt-5-codex', 'openai-responses'],
    ['a chat client of a model with a similar name', openai, chat, 'gpt-5-prose', 'openai-chat'],
  ] as const)('%s of %o', (_name, provider, prompt, model, wire) => {
    expect(provider.apiFor(prompt, model)?.wire.id).toBe(wire);
  });
});

describe('a body', () => {
  test('for OpenAI has no fields of other companies, and the end of its own scale of effort', async () => {
    const body = await bodyOf(openai, 'gpt-5', { reasoning: { effort: 'max' }, cache_control: {}, min_p: 0.1 });
    expect(body).toMatchObject({ reasoning: { effort: 'xhigh' }, store: false });
    expect(body).not.toHaveProperty('cache_control');
    expect(body).not.toHaveProperty('min_p');
  });

  test.each([
    ['gpt-5', {}, ['reasoning.encrypted_content']],
    ['gpt-4o', {}, undefined],
    ['gpt-4o', { include: ['file_search_call.results'] }, ['file_search_call.results']],
  ])('for %s with %j includes %j: only those that think have thoughts', async (model, fields, include) => {
    expect((await bodyOf(openai, model, fields))['include']).toEqual(include);
  });

  test.each([
    ['text', 'Hi', [{ role: 'user', content: 'Hi' }]],
    ['items', [{ role: 'user', content: 'Ho' }], [{ role: 'user', content: 'Ho' }]],
  ])('for xAI has its instructions as the first of its %s', async (_name, input, rest) => {
    const body = await bodyOf(xai, 'grok-4', { input, instructions: 'Be brief.' });
    expect(body['input']).toEqual([{ role: 'system', content: 'Be brief.' }, ...rest]);
    expect(body).not.toHaveProperty('instructions');
    expect((await bodyOf(xai, 'grok-4'))['input']).toBe('Hi');
  });

  test('for xAI has only thoughts that it may have made', async () => {
    const thought = (format: string) => ({
      type: 'reasoning',
      id: 'rs_1',
      summary: [],
      encrypted_content: 'x',
      format,
    });
    const said = { role: 'assistant', content: 'A' };
    const input = [thought('xai-responses-v1'), said, { role: 'user', content: 'Hi' }];
    expect(JSON.stringify(await bodyOf(xai, 'grok-4', { input }))).toContain('rs_1');
    expect(JSON.stringify(await bodyOf(openai, 'gpt-5', { input }))).not.toContain('rs_1');
  });
});
