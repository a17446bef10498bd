import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSandboxMarket, type SandboxMarket } from './sandbox-market.ts';

/** OpenAI's SDK, unmodified, against the simulated companies: from our route to a provider that reads the call itself. */
let market: SandboxMarket;
let client: OpenAI;
beforeAll(async () => {
  market = await openSandboxMarket();
  client = new OpenAI({ baseURL: `${market.root}/api/v1`, apiKey: market.key, maxRetries: 0 });
});
afterAll(() => market.stop());

test('embeddings are the same in both encodings', async () => {
  const request = { model: 'sandbox/atlas-embed', input: ['a harbour', 'a ship'] };
  const [inBase64, inFloats] = await Promise.all([
    client.embeddings.create(request),
    client.embeddings.create({ ...request, encoding_format: 'float' }),
  ]);
  expect(inBase64.data.map((each) => [...each.embedding])).toEqual(inFloats.data.map((each) => each.embedding));
  expect(inBase64.usage).toMatchObject({ prompt_tokens: inFloats.usage.prompt_tokens, is_byok: false });
});

test('pictures are PNG files', async () => {
  for (const model of ['sandbox/atlas-paint', 'sandbox/atlas-paint-tokens']) {
    const { data } = await client.images.generate({ model, prompt: 'a red harbour', n: 2 });
    const heads = data?.map((each) => Buffer.from(each.b64_json ?? '', 'base64').toString('latin1', 1, 4));
    expect(heads).toEqual(['PNG', 'PNG']);
  }
});

test('what is spoken is heard, by the second', async () => {
  const input = 'word '.repeat(30);
  const speech = await client.audio.speech.create({
    model: 'sandbox/atlas-voice',
    input,
    voice: 'alloy',
    response_format: 'wav',
  });
  expect(speech.headers.get('content-type')).toBe('audio/wav');
  const file = await toFile(Buffer.from(await speech.arrayBuffer()), 'ten.wav');
  const heard = await client.audio.transcriptions.create({ model: 'sandbox/atlas-listen', file });
  expect(heard.text.length).toBeGreaterThan(10);
  expect(heard.usage).toMatchObject({ type: 'duration', seconds: 10 });
});

test('documents are ranked', async () => {
  const response = await fetch(`${market.root}/api/v1/rerank`, {
    method: 'POST',
    headers: { authorization: `Bearer ${market.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'sandbox/atlas-rank', query: 'red ships', documents: ['bread', 'red ships'] }),
  });
  const { results, usage } = await response.json();
  expect(results[0]).toMatchObject({ index: 1, document: { text: 'red ships' } });
  expect(usage).toMatchObject({ search_units: 1 });
});
