import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Market, openMarket } from './harness.ts';
import { answering, cutOff, expectCharged, expectSound, post, receiptOf, spent } from './operations-harness.ts';
import { refuse, type Script } from './scripted-provider.ts';

const model = 'sandbox/atlas-embed';
/** One endpoint only, so that one price decides: $0.02 per million tokens, 20 picodollars a token. */
const only = { only: ['sandbox-north'] };
const vectors = [
  [0.25, -0.5, 1],
  [0.125, 0.75, -1],
];

const base64Of = (vector: readonly number[]) => Buffer.from(Float32Array.from(vector).buffer).toString('base64');

/** A provider of two vectors, in numbers or in base64 as asked, which counts 51 tokens. */
const embedding: Script = (call) => {
  const isBase64 = call.body['encoding_format'] === 'base64';
  const data = vectors.map((vector, index) => ({
    object: 'embedding',
    index,
    embedding: isBase64 ? base64Of(vector) : vector,
  }));
  const usage = { prompt_tokens: 51, total_tokens: 51 };
  return answering({ object: 'list', model: 'up', data, usage, kept: 1e3 })(call);
};

let market: Market;
beforeAll(async () => {
  market = await openMarket();
});
afterAll(() => market.stop());
beforeEach(() => {
  market.north.script = embedding;
  market.south.script = embedding;
});
afterEach(() => expectSound(market));

const input = ['one text', 'another text'];
const embed = (fields: object = {}, headers: Record<string, string> = {}) =>
  post(market, '/embeddings', { model, input, provider: only, ...fields }, headers);

describe("OpenAI's SDK", () => {
  test('reads the same numbers from base64, its default, and from floats', async () => {
    const client = new OpenAI({ baseURL: market.url, apiKey: market.key, maxRetries: 0 });
    const byDefault = await client.embeddings.create({ model, input });
    const asFloats = await client.embeddings.create({ model, input, encoding_format: 'float' });
    expect(byDefault.data.map(({ embedding: numbers }) => [...numbers])).toEqual(vectors);
    expect(asFloats.data.map(({ embedding: numbers }) => numbers)).toEqual(vectors);
    expect(byDefault.usage).toMatchObject({ prompt_tokens: 51, total_tokens: 51 });
  });

  test('reads base64 also from a provider that knows numbers only', async () => {
    const numbersOnly: Script = (call) => embedding({ ...call, body: {} });
    market.north.script = numbersOnly;
    market.south.script = numbersOnly;
    const client = new OpenAI({ baseURL: market.url, apiKey: market.key, maxRetries: 0 });
    const { data } = await client.embeddings.create({ model, input });
    expect(data.map(({ embedding: numbers }) => [...numbers])).toEqual(vectors);
  });
});

describe('an answer', () => {
  test('is charged by its tokens to the nanodollar, and passes but for what is ours', async () => {
    const before = await spent(market);
    const response = await embed({ input_type: 'search_query', session_id: 's-1' });
    const text = await response.text();
    expect(response.status).toBe(200);
    // 51 tokens at $0.00000002 are $0.00000102, and 5 % more.
    const record = await expectCharged(market, { response, cost: 1_020n, before });
    expect(record.receipt.lines).toMatchObject([{ meter: 'input', quantity: 51, price_usd_per_unit: '0.00000002' }]);
    expect(record).toMatchObject({ flags: [], native_tokens_prompt: 51, native_tokens_completion: 0 });
    expect(text).toContain('"cost":0.000001071,');
    expect(text).toContain('"kept":1000');
    expect(JSON.parse(text)).toMatchObject({
      object: 'list',
      id: response.headers.get('x-generation-id'),
      model,
      provider: 'Northwind Sandbox',
      usage: { prompt_tokens: 51, total_tokens: 51, is_byok: false },
    });
    expect(market.north.calls.at(-1)?.body).toEqual({ model: 'atlas-embed', input, input_type: 'search_query' });
  });

  test('is estimated by a tokenizer where the provider counted nothing', async () => {
    market.north.script = answering({ data: vectors.map((vector) => ({ embedding: vector })) });
    const before = await spent(market);
    const response = await embed();
    expect((await response.json()).usage).toMatchObject({ prompt_tokens: 4, total_tokens: 4, is_estimated: true });
    const record = await expectCharged(market, { response, cost: 80n, before });
    expect(record.flags).toEqual(['estimated', 'method:o200k_base']);
  });

  test('with impossible counts is charged by our own', async () => {
    const data = vectors.map((vector) => ({ embedding: vector }));
    for (const count of [-1, 1.5, 9e15, 'many', 1_000_000]) {
      market.north.script = answering({ data, usage: { prompt_tokens: count, total_tokens: count } });
      const before = await spent(market);
      const record = await expectCharged(market, { response: await embed(), cost: 80n, before });
      expect(record.flags).toEqual(['estimated', 'method:o200k_base', 'usage_rejected']);
    }
  });

  test('of tokens is asked for and counted by tokens', async () => {
    market.north.script = answering({ data: vectors.map((vector) => ({ embedding: vector })) });
    const before = await spent(market);
    const response = await embed({
      input: [
        [1, 2, 3],
        [4, 5],
      ],
    });
    await expectCharged(market, { response, cost: 100n, before });
  });

  test('happens once for an Idempotency-Key, and is given again byte for byte', async () => {
    const before = await spent(market);
    const calls = market.north.calls.length;
    const headers = { 'idempotency-key': 'embed-1' };
    const [first, second] = [await embed({}, headers), await embed({}, headers)];
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(second.headers.get('content-type')).toBe('application/json');
    expect(await second.text()).toBe(await first.text());
    expect(market.north.calls.length).toBe(calls + 1);
    await expectCharged(market, { response: second, cost: 1_020n, before });
  });
});

describe('a failure', () => {
  // The first, because a provider that has failed in all of the others is not asked first any more.
  test('of one provider is made good by the next', async () => {
    market.north.script = refuse(500);
    const before = await spent(market);
    const response = await embed({ provider: { order: ['sandbox-north', 'sandbox-south'] } });
    // The second asks $0.03 per million.
    const record = await expectCharged(market, { response, cost: 1_530n, before });
    expect(record.attempts.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['server_error', 'ok']);
  });

  test.each<[string, Script, number]>([
    ['refused for its rate', refuse(429), 429],
    ['broken', refuse(500), 502],
    ['cut off', cutOff, 502],
    ['without vectors', answering({ object: 'list', data: [] }), 502],
    ['with too few vectors', answering({ object: 'list', data: [{ embedding: [1] }] }), 502],
    ['of something else', answering({ object: 'list', data: [{ embedding: 'AA' }, { embedding: {} }] }), 502],
    ['under status 200', answering({ error: { message: 'no', type: 'server_error' } }), 502],
  ])('%s costs nothing', async (_name, script, status) => {
    market.north.script = script;
    const before = await spent(market);
    const response = await embed();
    expect(response.status).toBe(status);
    expect((await response.json()).error.code).toBe(status);
    expect(await spent(market)).toBe(before);
    expect((await receiptOf(market, response)).receipt).toBeNull();
  });

  test.each([
    ['no input', { input: undefined }, 'input'],
    ['an empty input', { input: '' }, 'input'],
    ['an empty list', { input: [] }, 'input'],
    ['mixed inputs', { input: ['a', 1] }, 'input'],
    ['another encoding', { encoding_format: 'int8' }, 'encoding_format'],
    ['no model', { model: undefined }, 'model'],
  ])('is a 400 that names the field for %s', async (_name, fields, path) => {
    const response = await embed(fields);
    const { error } = await response.json();
    expect(response.status).toBe(400);
    expect(error.metadata.path).toMatch(new RegExp(`^${path}`));
  });

  test('is a 400 that names the right route for a model of another kind', async () => {
    const chat = await market.chat({ model, messages: [{ role: 'user', content: 'hi' }] });
    expect(chat.status).toBe(400);
    const { error } = await chat.json();
    expect(error.message).toBe('sandbox/atlas-embed is not served here. Use POST /api/v1/embeddings.');
    expect(error.metadata).toMatchObject({ reason: 'wrong_endpoint', endpoint: '/api/v1/embeddings' });
    const vector = await post(market, '/embeddings', { model: 'sandbox/atlas-1', input: 'hi' });
    expect(vector.status).toBe(400);
    expect((await vector.json()).error.metadata).toMatchObject({ endpoint: '/api/v1/chat/completions' });
  });

  test('is a 402 when credits, or max_cost, do not reach', async () => {
    const calls = market.north.calls.length;
    const response = await embed({ input: 'word '.repeat(4_000), max_cost: '0.0001' });
    expect(response.status).toBe(402);
    expect((await response.json()).error.metadata).toMatchObject({ reason: 'max_cost' });
    expect(market.north.calls.length).toBe(calls);
  });

  test('is a 413 for a body that is too large', async () => {
    expect((await embed({ input: 'x'.repeat(21 * 1024 * 1024) })).status).toBe(413);
  });
});

test('models are listed by what they make', async () => {
  const slugsOf = async (path: string) => {
    const { data, error } = await (await fetch(market.url + path)).json();
    expect(error).toBeUndefined();
    return data.map(({ id }: { id: string }) => id);
  };
  expect(await slugsOf('/embeddings/models')).toContain(model);
  expect(await slugsOf('/embeddings/models')).not.toContain('sandbox/atlas-1');
  expect(await slugsOf('/models')).not.toContain(model);
  expect(await slugsOf('/models')).toContain('sandbox/atlas-1');
  expect(await slugsOf('/models?output_modalities=all')).toEqual(expect.arrayContaining([model, 'sandbox/atlas-1']));
  expect(await slugsOf('/models?output_modalities=embeddings')).toEqual(await slugsOf('/embeddings/models'));
  expect((await fetch(`${market.url}/models?output_modalities=smells`)).status).toBe(400);
});
