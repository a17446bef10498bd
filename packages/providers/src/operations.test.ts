import type { JsonObject, Prompt } from '@bourse/generation';
import { cohereRerank, openaiEmbeddings, openaiImages, openaiSpeech, openaiTranscriptions } from '@bourse/wire';
import { describe, expect, test } from 'vitest';
import { buildProviderRequest } from './build-provider-request.ts';
import { providerRegistry } from './registry.ts';

const target = { upstreamModel: 'up', isStreamed: false, outputTokensMax: null, endpointOutputTokensMax: null };
const model = 'maker/one';
const embed = openaiEmbeddings.decodePrompt({
  model,
  input: ['a'],
  encoding_format: 'base64',
  dimensions: 8,
  input_type: 'search_query',
  user: 'u',
});
const rank = cohereRerank.decodePrompt({ model, query: 'q', documents: ['a'] });
const paint = (fields: object = {}) => openaiImages.decodePrompt({ model, prompt: 'p', ...fields });
const say = openaiSpeech.decodePrompt({ model, input: 'hi', voice: 'v' });

function callOf(id: string, prompt: Prompt, baseUrl?: string) {
  const provider = providerRegistry.get(id);
  const api = provider?.apiFor(prompt, 'up');
  if (!provider || !api) throw new Error(`${id} cannot ${prompt.operation}`);
  const credential = { apiKey: 'sk-secret', baseUrl: baseUrl ?? provider.baseUrl ?? 'https://own.test/v1' };
  return buildProviderRequest({ provider, api, credential, prompt, target });
}

async function bodyOf(id: string, prompt: Prompt): Promise<JsonObject> {
  return JSON.parse((await callOf(id, prompt)).body);
}

describe('operations of providers', () => {
  test.each([
    ['openai', embed, 'https://api.openai.com/v1/embeddings'],
    ['openai', paint(), 'https://api.openai.com/v1/images/generations'],
    ['openai', say, 'https://api.openai.com/v1/audio/speech'],
    ['mistral', embed, 'https://api.mistral.ai/v1/embeddings'],
    ['together', rank, 'https://api.together.xyz/v1/rerank'],
    ['cohere', embed, 'https://api.cohere.ai/compatibility/v1/embeddings'],
    ['cohere', rank, 'https://api.cohere.ai/v2/rerank'],
    ['sandbox-north', rank, 'https://own.test/v1/rerank'],
  ] as const)('%s is asked at its path, with its key', async (id, prompt, url) => {
    const request = await callOf(id, prompt);
    expect(new URL(request.url).href).toBe(url);
    expect(Object.values(request.headers)).toContain('Bearer sk-secret');
  });

  test('get the fields that they know', async () => {
    expect(await bodyOf('openai', embed)).toEqual({
      model: 'up',
      input: ['a'],
      encoding_format: 'base64',
      dimensions: 8,
      user: 'u',
    });
    expect(await bodyOf('mistral', embed)).toEqual({ model: 'up', input: ['a'], output_dimension: 8 });
    expect(await bodyOf('deepinfra', embed)).toEqual({ model: 'up', input: ['a'], dimensions: 8 });
    expect(await bodyOf('cohere', embed)).toEqual({ model: 'up', input: ['a'] });
  });

  test.each([
    ['16:9', '1536x1024'],
    ['9:16', '1024x1536'],
    ['1:1', '1024x1024'],
    ['auto', undefined],
  ])('a ratio of %s is the size %s at OpenAI, unless one is named', async (ratio, size) => {
    const body = await bodyOf('openai', paint({ aspect_ratio: ratio, resolution: '1K', seed: 7 }));
    expect(body).toEqual({ model: 'up', prompt: 'p', ...(size === undefined ? {} : { size }) });
    expect(await bodyOf('openai', paint({ aspect_ratio: ratio, size: '1024x1024' }))).toMatchObject({
      size: '1024x1024',
    });
  });

  test('take a file as a form', async () => {
    const upload = { name: 'a.wav', type: 'audio/wav', bytes: Uint8Array.of(0, 255, 13, 10) };
    const fields = { model, 'timestamp_granularities[]': ['word', 'segment'], temperature: '0.5' };
    const prompt = openaiTranscriptions.form?.decode(fields, upload);
    if (prompt === undefined) throw new Error('no form');
    const request = await callOf('openai', prompt);
    const type = request.headers['content-type'] ?? '';
    expect(type).toMatch(/^multipart\/form-data; boundary=/);
    const sent = await new Response(new Uint8Array(request.form ?? []), {
      headers: { 'content-type': type },
    }).formData();
    expect(sent.getAll('timestamp_granularities[]')).toEqual(['word', 'segment']);
    expect([sent.get('model'), sent.get('temperature')]).toEqual(['up', '0.5']);
    const file = sent.get('file');
    expect(file instanceof Blob && new Uint8Array(await file.arrayBuffer())).toEqual(upload.bytes);
  });

  test('that a provider does not have are none of its own', () => {
    expect(providerRegistry.get('deepseek')?.apiFor(embed, 'up')).toBeNull();
    expect(providerRegistry.get('openai')?.apiFor(rank, 'up')).toBeNull();
  });
});
