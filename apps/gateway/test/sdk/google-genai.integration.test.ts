import { ApiError, FunctionCallingConfigMode, type GenerateContentResponse, GoogleGenAI, Type } from '@google/genai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSandboxMarket, type SandboxMarket } from './sandbox-market.ts';

/** Google's own SDK, unmodified: only `baseUrl` and `apiKey` are set. The providers behind speak OpenAI's dialect. */
let market: SandboxMarket;
let client: GoogleGenAI;
const clientOf = (apiKey: string) => new GoogleGenAI({ apiKey, httpOptions: { baseUrl: `${market.root}/api` } });
beforeAll(async () => {
  market = await openSandboxMarket();
  client = clientOf(market.key);
});
afterAll(() => market.stop());

const model = 'sandbox/atlas-instant';
const contents = 'Tell me about the sea.';
const weather = {
  name: 'get_weather',
  description: 'The weather of a city.',
  parameters: { type: Type.OBJECT, properties: { city: { type: Type.STRING } }, required: ['city'] },
};

/** What the usage says beyond Google's own words. */
function costOf({ usageMetadata }: GenerateContentResponse): unknown {
  return usageMetadata && Reflect.get(usageMetadata, 'cost');
}

async function recordOf({ responseId }: GenerateContentResponse) {
  return market.generation(responseId ?? 'none');
}

describe('generateContent', () => {
  test('a text, why it ended, and what it cost, as its record says', async () => {
    const answer = await client.models.generateContent({ model, contents, config: { systemInstruction: 'Be brief.' } });
    expect(answer.text?.length).toBeGreaterThan(20);
    expect(answer).toMatchObject({ modelVersion: model, candidates: [{ finishReason: 'STOP', index: 0 }] });
    expect(answer.responseId).toMatch(/^gen-/);
    expect(answer.usageMetadata?.promptTokenCount).toBeGreaterThan(0);
    expect(costOf(answer)).toBe((await recordOf(answer)).total_cost);
  });

  test('a stream is the same answer in pieces, and its last piece has the end, the counts and the cost', async () => {
    const whole = await client.models.generateContent({ model, contents });
    const pieces: GenerateContentResponse[] = [];
    for await (const piece of await client.models.generateContentStream({ model, contents })) pieces.push(piece);
    expect(pieces.length).toBeGreaterThan(5);
    expect(pieces.map((piece) => piece.text ?? '').join('')).toBe(whole.text);
    const last = pieces.at(-1);
    if (last === undefined) throw new Error('no pieces');
    expect(last.candidates?.[0]?.finishReason).toBe('STOP');
    expect(last.usageMetadata).toMatchObject({
      promptTokenCount: whole.usageMetadata?.promptTokenCount,
      candidatesTokenCount: whole.usageMetadata?.candidatesTokenCount,
    });
    expect(pieces.slice(0, -1).every((piece) => piece.usageMetadata === undefined)).toBe(true);
    expect(costOf(last)).toBe((await recordOf(last)).total_cost);
  });

  test('an answer that is cut says so', async () => {
    const answer = await client.models.generateContent({ model, contents, config: { maxOutputTokens: 12 } });
    expect(answer.candidates?.[0]?.finishReason).toBe('MAX_TOKENS');
    expect(answer.usageMetadata?.candidatesTokenCount).toBe(12);
  });

  test('a chat keeps its history, also of streamed answers', async () => {
    const chat = client.chats.create({ model });
    await chat.sendMessage({ message: contents });
    for await (const _piece of await chat.sendMessageStream({ message: 'And the sky?' }));
    expect(chat.getHistory(true).map(({ role }) => role)).toContain('model');
    expect((await chat.sendMessage({ message: 'Thanks.' })).text?.length).toBeGreaterThan(0);
  });

  test('pictures reach the model', async () => {
    const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=';
    const parts = [{ inlineData: { mimeType: 'image/png', data: png } }, { text: 'What is this?' }];
    const answer = await client.models.generateContent({ model, contents: [{ role: 'user', parts }] });
    expect(answer.usageMetadata?.promptTokenCount).toBeGreaterThan(20);
  });
});

describe('thinking', () => {
  const thinker = 'sandbox/atlas-reason';
  const partsOf = (answer: GenerateContentResponse) => answer.candidates?.[0]?.content?.parts ?? [];

  test('thoughts are parts of their own for who asks for them, and counted apart', async () => {
    const config = { thinkingConfig: { includeThoughts: true, thinkingBudget: 200 } };
    const answer = await client.models.generateContent({ model: thinker, contents, config });
    expect(partsOf(answer).map((part) => part.thought === true)).toEqual([true, false]);
    expect(answer.usageMetadata?.thoughtsTokenCount).toBeGreaterThan(0);
    expect(answer.text).not.toContain(partsOf(answer)[0]?.text);
  });

  test('nobody else sees them, and they are paid all the same', async () => {
    const answer = await client.models.generateContent({ model: thinker, contents });
    expect(partsOf(answer).some((part) => part.thought === true)).toBe(false);
    expect(answer.usageMetadata?.thoughtsTokenCount).toBeGreaterThan(0);
  });
});

describe('functions', () => {
  const question = { role: 'user', parts: [{ text: 'Please use get_weather for Oslo.' }] };

  test('a call comes whole, and the loop ends with an answer that has read the result', async () => {
    const config = { tools: [{ functionDeclarations: [weather] }] };
    const first = await client.models.generateContent({ model, contents: [question], config });
    const [call] = first.functionCalls ?? [];
    expect(call).toMatchObject({ name: 'get_weather', args: { city: expect.any(String) } });
    const called = first.candidates?.[0]?.content;
    if (called === undefined) throw new Error('no content');
    const response = { output: 'It is 4 degrees.' };
    const result = { role: 'user', parts: [{ functionResponse: { name: 'get_weather', response } }] };
    const last = await client.models.generateContent({ model, contents: [question, called, result], config });
    expect(last.text).toContain('It is 4 degrees.');
    expect(last.candidates?.[0]?.finishReason).toBe('STOP');
  });

  test('streamed calls are whole as well, and have ids of their own', async () => {
    const config = { tools: [{ functionDeclarations: [weather, { ...weather, name: 'get_time' }] }] };
    const both = 'Please use get_weather and get_time for Oslo.';
    const calls: unknown[] = [];
    for await (const piece of await client.models.generateContentStream({ model, contents: both, config })) {
      calls.push(...(piece.functionCalls ?? []).map(({ id, name }) => ({ id, name })));
    }
    expect(calls).toMatchObject([{ name: 'get_weather' }, { name: 'get_time' }]);
    expect(new Set(calls.map((call) => JSON.stringify(call))).size).toBe(2);
  });

  test('a function must be called, or none may be', async () => {
    const tools = [{ functionDeclarations: [weather] }];
    const withMode = (mode: FunctionCallingConfigMode) => ({ tools, toolConfig: { functionCallingConfig: { mode } } });
    const any = await client.models.generateContent({
      model,
      contents,
      config: withMode(FunctionCallingConfigMode.ANY),
    });
    expect(any.functionCalls).toHaveLength(1);
    const none = await client.models.generateContent({
      model,
      contents: [question],
      config: withMode(FunctionCallingConfigMode.NONE),
    });
    expect(none.functionCalls).toBeUndefined();
  });

  test('a tool that only Google runs is not pretended to exist elsewhere', async () => {
    const asked = client.models.generateContent({ model, contents, config: { tools: [{ googleSearch: {} }] } });
    await expect(asked).rejects.toMatchObject({ status: 400 });
  });
});

describe('structured output', () => {
  const properties = { name: { type: Type.STRING }, age: { type: Type.INTEGER } };

  test.each([
    ['responseSchema', { responseSchema: { type: Type.OBJECT, properties, required: ['name', 'age'] } }],
    [
      'responseJsonSchema',
      {
        responseJsonSchema: {
          type: 'object',
          properties: { name: { type: 'string' }, age: { type: 'integer' } },
          required: ['name', 'age'],
        },
      },
    ],
  ])('%s is kept to', async (_name, schema) => {
    const config = { responseMimeType: 'application/json', ...schema };
    const answer = await client.models.generateContent({ model, contents, config });
    expect(JSON.parse(answer.text ?? '')).toEqual({ name: expect.any(String), age: expect.any(Number) });
  });
});

describe('refusals', () => {
  test("have Google's status, words and our facts", async () => {
    const asked = client.models.generateContent({ model, contents, config: { temperature: 9 } });
    const error: unknown = await asked.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 400, message: expect.stringContaining('INVALID_ARGUMENT') });
    expect(error).toMatchObject({ message: expect.stringContaining('generationConfig.temperature') });
  });

  test.each([
    [
      'a key that nobody has',
      401,
      (): Promise<unknown> => clientOf('sk-brs-v1-nobody').models.generateContent({ model, contents }),
    ],
    [
      'a model that nobody has',
      400,
      (): Promise<unknown> => client.models.generateContent({ model: 'sandbox/no-such-model', contents }),
    ],
    [
      'a stream of a model that nobody has',
      400,
      (): Promise<unknown> => client.models.generateContentStream({ model: 'sandbox/no-such-model', contents }),
    ],
  ])('%s: %i', async (_name, status, ask) => {
    await expect(ask()).rejects.toMatchObject({ status });
  });
});

test('tokens are counted without a charge', async () => {
  const short = await client.models.countTokens({ model, contents: 'Hi' });
  const long = await client.models.countTokens({ model, contents });
  expect(short.totalTokens).toBeGreaterThan(0);
  expect(long.totalTokens).toBeGreaterThan(short.totalTokens ?? 0);
  await expect(client.models.countTokens({ model: 'sandbox/no-such-model', contents })).rejects.toMatchObject({
    status: 400,
  });
  await expect(clientOf('sk-brs-v1-nobody').models.countTokens({ model, contents })).rejects.toMatchObject({
    status: 401,
  });
});

describe('without the SDK', () => {
  const body = JSON.stringify({ contents: [{ parts: [{ text: 'Hi' }] }] });
  const post = (path: string, headers: Readonly<Record<string, string>> = {}) =>
    fetch(`${market.root}/api/v1beta/models/${path}`, { method: 'POST', body, headers });

  test.each([
    [
      'a slash that is percent-encoded, and the key in the query',
      (): string => `sandbox%2Fatlas-instant:generateContent?key=${market.key}`,
      {},
    ],
    ['a bearer key', (): string => 'sandbox/atlas-instant:generateContent', { authorization: 'Bearer' }],
    ['a key in x-api-key', (): string => 'sandbox/atlas-instant:generateContent', { 'x-api-key': '' }],
  ] as const)('%s leads to the same place', async (_name, path, headers) => {
    const keyed = Object.fromEntries(
      Object.entries(headers).map(([name, word]) => [name, `${word} ${market.key}`.trim()]),
    );
    const response = await post(path(), keyed);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ modelVersion: model });
  });

  test('an idempotent retry gets the same answer, and the same key for another model or method is another request', async () => {
    const headers = { authorization: `Bearer ${market.key}`, 'idempotency-key': 'once' };
    const first = await post('sandbox/atlas-instant:generateContent', headers);
    const again = await post('sandbox/atlas-instant:generateContent', headers);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await again.text()).toBe(await first.text());
    expect((await post('sandbox/atlas-reason:generateContent', headers)).status).toBe(409);
    expect((await post('sandbox/atlas-instant:streamGenerateContent?alt=sse', headers)).status).toBe(409);
  });

  test.each([
    ['sandbox/atlas-instant:streamGenerateContent', 400],
    ['sandbox%ZZ:generateContent', 404],
    ['sandbox/atlas-instant:generateText', 404],
    ['sandbox/atlas-instant', 404],
  ])('%s is refused with %i', async (path, status) => {
    const response = await post(path, { authorization: `Bearer ${market.key}` });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code: status } });
  });

  test("no key is 401 in Google's form", async () => {
    const response = await post('sandbox/atlas-instant:generateContent');
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { code: 401, status: 'UNAUTHENTICATED' } });
  });
});
