import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSandbox, type Sandbox } from '../src/sandbox.ts';

let sandbox: Sandbox;
let url: string;
let client: OpenAI;
beforeAll(async () => {
  sandbox = createSandbox({ hasStripe: false, smtpPort: null });
  url = `${(await sandbox.listen()).url}/providers/sandbox-north/v1`;
  client = new OpenAI({ baseURL: url, apiKey: 'sk-sandbox-test', maxRetries: 0 });
});
afterAll(() => sandbox.close());

const post = (path: string, body: object, headers: Record<string, string> = {}) =>
  fetch(url + path, {
    method: 'POST',
    headers: { authorization: 'Bearer sk-sandbox-test', 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

const dot = (left: readonly number[], right: readonly number[]) =>
  left.reduce((sum, number, index) => sum + number * (right[index] ?? 0), 0);

describe('embeddings', () => {
  const embed = async (input: string[], fields: object = {}) =>
    (await client.embeddings.create({ model: 'atlas-embed', input, ...fields })).data.map((each) => [
      ...each.embedding,
    ]);

  test('are of length 1, the same for the same text, and close for words in common', async () => {
    const [first = [], second = [], third = []] = await embed(['red ships sail', 'red ships sink', 'warm bread']);
    for (const vector of [first, second, third]) expect(dot(vector, vector)).toBeCloseTo(1, 5);
    expect(dot(first, second)).toBeGreaterThan(dot(first, third) + 0.3);
    expect(await embed(['red ships sail'])).toEqual([first]);
  });

  test('say the same in base64 and in numbers, and have as many as are asked for', async () => {
    const asFloats = await embed(['a'], { encoding_format: 'float', dimensions: 12 });
    expect(await embed(['a'], { dimensions: 12 })).toEqual(asFloats);
    expect(asFloats[0]).toHaveLength(12);
  });

  test('count their tokens, also when they are sent as such', async () => {
    const { usage } = await client.embeddings.create({ model: 'atlas-embed', input: [[1, 2, 3], [4]] });
    expect(usage).toEqual({ prompt_tokens: 4, total_tokens: 4 });
  });
});

test('rerank orders by words in common, and bills a unit for each hundred documents', async () => {
  const documents = ['warm bread', 'red ships in the harbour', 'the harbour'];
  const body = await (await post('/rerank', { model: 'm', query: 'red harbour ships', documents, top_n: 2 })).json();
  expect(body.results.map(({ index }: { index: number }) => index)).toEqual([1, 2]);
  expect(body.meta.billed_units).toEqual({ search_units: 1 });
  const many = Array.from({ length: 101 }, () => 'a');
  const billed = await (await post('/rerank', { model: 'm', query: 'q', documents: many })).json();
  expect(billed.meta.billed_units).toEqual({ search_units: 2 });
});

test('images are PNG files, as many as were asked for, and the same for the same prompt', async () => {
  const paint = () => client.images.generate({ model: 'atlas-paint', prompt: 'a red harbour', n: 2 });
  const [first, again] = [await paint(), await paint()];
  expect(first.data).toEqual(again.data);
  expect(first.data).toHaveLength(2);
  for (const { b64_json: base64 = '' } of first.data ?? []) {
    expect(Buffer.from(base64, 'base64').subarray(1, 4).toString()).toBe('PNG');
  }
  expect(first.usage).toMatchObject({ output_tokens: 544 });
});

test('speech is as long as its text, and what is heard in it is billed by the second', async () => {
  const input = 'word '.repeat(30);
  const speech = await client.audio.speech.create({ model: 'atlas-voice', input, voice: 'v', response_format: 'wav' });
  const wav = Buffer.from(await speech.arrayBuffer());
  expect(wav.toString('latin1', 0, 4)).toBe('RIFF');
  const file = await toFile(wav, 'ten.wav');
  const heard = await client.audio.transcriptions.create({ model: 'atlas-listen', file });
  expect(heard.text).toMatch(/^[A-Z].*\.$/);
  expect(heard.usage).toEqual({ type: 'duration', seconds: 10 });
  const mp3 = await client.audio.speech.create({ model: 'atlas-voice', input: 'hi', voice: 'v' });
  expect(mp3.headers.get('content-type')).toBe('audio/mpeg');
});

describe('faults', () => {
  const ask = (fault: string) =>
    post('/embeddings', { model: 'atlas-embed', input: 'a' }, { 'x-sandbox-fault': fault });

  test.each([
    ['429', 429],
    ['500', 500],
    ['html-502', 502],
  ])('%s is answered instead', async (fault, status) => {
    expect((await ask(fault)).status).toBe(status);
  });

  test('spoil the usage, or take it away, or leave nothing', async () => {
    expect((await (await ask('absurd-usage-1')).json()).usage).toEqual({ prompt_tokens: -17, total_tokens: -17 });
    expect(await (await ask('missing-usage')).json()).not.toHaveProperty('usage');
    expect((await (await ask('empty')).json()).data).toEqual([]);
  });

  test('cut the answer in half, and tell an error under 200', async () => {
    await expect(ask('reset-mid-stream').then((response) => response.text())).rejects.toThrow();
    await expect(ask('bad-json').then((response) => response.json())).rejects.toThrow();
    expect(await (await ask('error-under-200')).json()).toHaveProperty('error');
  });

  test('are no excuse for a wrong call', async () => {
    expect((await post('/embeddings', { model: 'atlas-embed' })).status).toBe(400);
    expect((await post('/audio/transcriptions', { model: 'atlas-listen' })).status).toBe(400);
    expect((await fetch(`${url}/rerank`, { method: 'POST', body: '{}' })).status).toBe(401);
  });
});
