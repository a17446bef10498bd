import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Market, openMarket } from './harness.ts';
import { answering, cutOff, expectCharged, expectSound, post, receiptOf, spent } from './operations-harness.ts';
import { refuse, type Script } from './scripted-provider.ts';

/** One endpoint only, so that one price decides. */
const provider = { only: ['sandbox-north'] };
const both = { order: ['sandbox-north', 'sandbox-south'] };

let market: Market;
let client: OpenAI;
beforeAll(async () => {
  market = await openMarket();
  client = new OpenAI({ baseURL: market.url, apiKey: market.key, maxRetries: 0 });
});
afterAll(() => market.stop());
afterEach(() => expectSound(market));

function script(each: Script): void {
  market.north.script = each;
  market.south.script = each;
}

/** What every operation answers for when its provider does not. */
const failures: readonly (readonly [string, Script, number])[] = [
  ['refused for its rate', refuse(429), 429],
  ['broken', refuse(500), 502],
  ['cut off', cutOff, 502],
  ['empty', answering({}), 502],
  ['under status 200', answering({ error: { message: 'no', type: 'server_error' } }), 502],
];

async function expectInsured(ask: () => Promise<Response>, status: number): Promise<void> {
  const before = await spent(market);
  const response = await ask();
  expect(response.status).toBe(status);
  expect((await response.json()).error.code).toBe(status);
  expect(await spent(market)).toBe(before);
  expect((await receiptOf(market, response)).receipt).toBeNull();
}

describe('rerank', () => {
  const model = 'sandbox/atlas-rank';
  const documents = ['about ships', { text: 'about harbours' }, 'about bread'];
  const results = [
    { index: 1, relevance_score: 0.75 },
    { index: 0, relevance_score: 1e-3 },
  ];
  const ranking = (fields: object = {}) =>
    answering({ id: 'r-1', results, meta: { billed_units: { search_units: 1 } }, ...fields });
  const rank = (fields: object = {}) =>
    post(market, '/rerank', { model, query: 'harbours', documents, provider, ...fields });
  beforeEach(() => script(ranking()));

  test('is charged by search units, and gives each document back beside its rank', async () => {
    const before = await spent(market);
    const response = await rank({ top_n: 2 });
    const body = await response.json();
    expect(body).toMatchObject({
      id: response.headers.get('x-generation-id'),
      model,
      provider: 'Northwind Sandbox',
      results: [
        { index: 1, relevance_score: 0.75, document: { text: 'about harbours' } },
        { index: 0, relevance_score: 0.001, document: { text: 'about ships' } },
      ],
      usage: { search_units: 1, cost: 0.00105 },
    });
    const record = await expectCharged(market, { response, cost: 1_000_000n, before });
    expect(record.receipt.lines).toMatchObject([{ meter: 'search_unit', quantity: 1, price_usd_per_unit: '0.001' }]);
    expect(market.north.calls.at(-1)?.body).toEqual({
      model: 'atlas-rank',
      query: 'harbours',
      documents: ['about ships', 'about harbours', 'about bread'],
      top_n: 2,
    });
  });

  test.each([
    {},
    { meta: {} },
    { meta: { billed_units: { search_units: -1 } } },
    { meta: { billed_units: { search_units: 900 } } },
  ])('with the counts %j is charged by our own: a unit for each hundred documents', async (fields) => {
    script(ranking({ meta: undefined, ...fields }));
    const before = await spent(market);
    const response = await rank({ documents: Array.from({ length: 150 }, (_, index) => `document ${index}`) });
    const record = await expectCharged(market, { response, cost: 2_000_000n, before });
    expect(record.flags).toEqual(expect.arrayContaining(['estimated', 'method:documents']));
  });

  test.each(failures)('%s costs nothing', async (_name, each, status) => {
    script(each);
    await expectInsured(rank, status);
  });

  test('with ranks of documents that nobody sent is no answer', async () => {
    script(ranking({ results: [{ index: 7, relevance_score: 1 }] }));
    await expectInsured(rank, 502);
  });

  test.each([
    ['no documents', { documents: [] }, 'documents'],
    ['a document without a text', { documents: [{ image: 'https://x.test/a.png' }] }, 'documents[0]'],
    ['no query', { query: '' }, 'query'],
  ])('is a 400 for %s', async (_name, fields, path) => {
    const response = await rank(fields);
    expect(response.status).toBe(400);
    expect((await response.json()).error.metadata.path).toBe(path);
  });

  test('is a 402 when max_cost does not reach', async () => {
    expect((await rank({ max_cost: '0.001' })).status).toBe(402);
    expect((await rank({ max_cost: '0.00105' })).status).toBe(200);
  });
});

describe('images', () => {
  const model = 'sandbox/atlas-paint';
  const picture = Buffer.from('89504e470d0a1a0a', 'hex').toString('base64');
  const painting = (count: number, usage?: object): Script =>
    answering({ created: 17, data: Array.from({ length: count }, () => ({ b64_json: picture })), usage });
  const paint = (fields: object = {}, path = '/images') =>
    post(market, path, { model, prompt: 'a red harbour', provider, ...fields });

  test("are made through OpenAI's SDK, and billed by those that were made", async () => {
    script(painting(2));
    const before = await spent(market);
    const { data: answer, response } = await client.images
      .generate({ model, prompt: 'a red harbour', n: 3, ...{ provider } })
      .withResponse();
    expect(answer.created).toBe(17);
    expect(answer.data?.map(({ b64_json: base64 }) => base64)).toEqual([picture, picture]);
    const record = await expectCharged(market, { response, cost: 20_000_000n, before });
    expect(record.receipt.lines).toMatchObject([{ meter: 'image_made', quantity: 2, price_usd_per_unit: '0.01' }]);
    expect(record.flags).toEqual(['estimated', 'method:images']);
    expect(market.north.calls.at(-1)?.body).toEqual({ model: 'atlas-paint', prompt: 'a red harbour', n: 3 });
  });

  test('are billed by tokens where their model is, and the answer says so', async () => {
    const usage = { input_tokens: 12, input_tokens_details: { text_tokens: 12, image_tokens: 0 }, output_tokens: 272 };
    script(painting(1, usage));
    const before = await spent(market);
    const response = await paint({ model: 'sandbox/atlas-paint-tokens', stream: true });
    expect((await response.json()).usage).toMatchObject({
      prompt_tokens: 12,
      completion_tokens: 272,
      total_tokens: 284,
    });
    const record = await expectCharged(market, { response, cost: 12_000n + 2_720_000n, before });
    expect(record.receipt.lines.map(({ meter }: { meter: string }) => meter)).toEqual(['input', 'output_image']);
    expect(record.flags).toEqual([]);
    expect(market.north.calls.at(-1)?.body).not.toHaveProperty('stream');
  });

  test.each([
    { input_tokens: -1, output_tokens: 5 },
    { input_tokens: 12, output_tokens: 9_999_999 },
  ])('with the counts %j are billed by our own', async (usage) => {
    script(painting(1, usage));
    const before = await spent(market);
    const response = await paint({ model: 'sandbox/atlas-paint-tokens' });
    const record = await expectCharged(market, { response, cost: 3_000n, before });
    expect(record.flags).toEqual(['estimated', 'method:o200k_base', 'usage_rejected']);
  });

  test.each(failures)('%s cost nothing', async (_name, each, status) => {
    script(each);
    await expectInsured(() => paint({}, '/images/generations'), status);
  });

  test('beyond ten are refused, and none is made for a chat', async () => {
    expect((await paint({ n: 11 })).status).toBe(400);
    expect((await paint({ input_references: [{}] })).status).toBe(400);
    const chat = await market.chat({ model, messages: [{ role: 'user', content: 'hi' }], modalities: ['image'] });
    expect(chat.status).toBe(400);
    expect((await chat.json()).error.metadata).toMatchObject({ endpoint: '/api/v1/images' });
  });
});

describe('speech', () => {
  const model = 'sandbox/atlas-voice';
  /** Bytes that are no text in UTF-8. */
  const sound = Buffer.from(Array.from({ length: 4_096 }, (_, index) => (index * 7) % 256));
  const speaking: Script = ({ response }) => {
    response.writeHead(200, { 'content-type': 'audio/mpeg' }).end(sound);
  };
  const input = 'Grüße, 世界 🙂';
  const speak = (fields: object = {}, headers: Record<string, string> = {}) =>
    post(market, '/audio/speech', { model, input, voice: 'alloy', provider, ...fields }, headers);
  beforeEach(() => script(speaking));

  test("comes through OpenAI's SDK byte for byte, and is billed by characters", async () => {
    const before = await spent(market);
    const response = await client.audio.speech.create({ model, input, voice: 'alloy', ...{ provider } });
    expect(Buffer.from(await response.arrayBuffer()).equals(sound)).toBe(true);
    expect(response.headers.get('content-type')).toBe('audio/mpeg');
    const record = await expectCharged(market, { response, cost: BigInt([...input].length) * 5_000n, before });
    expect(record.receipt.lines).toMatchObject([{ meter: 'spoken_character', quantity: [...input].length }]);
    expect(record.flags).toEqual(['estimated', 'method:characters']);
  });

  test('is kept for an Idempotency-Key as the bytes that it is', async () => {
    const before = await spent(market);
    const headers = { 'idempotency-key': 'speak-1' };
    const [first, second] = [await speak({}, headers), await speak({}, headers)];
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(second.headers.get('content-type')).toBe('audio/mpeg');
    for (const response of [first, second]) {
      expect(Buffer.from(await response.arrayBuffer()).equals(sound)).toBe(true);
    }
    await expectCharged(market, { response: second, cost: BigInt([...input].length) * 5_000n, before });
  });

  /** Under status 200, and no sound. */
  const saying = (type: string, body: string): Script => {
    return ({ response }) => {
      response.writeHead(200, { 'content-type': type }).end(body);
    };
  };

  test.each<readonly [string, Script, number]>([
    ...failures.filter(([name]) => name !== 'empty'),
    ['silent', saying('audio/mpeg', ''), 502],
    ['a page', saying('text/html', '<p>'), 502],
  ])('%s costs nothing', async (_name, each, status) => {
    script(each);
    await expectInsured(speak, status);
  });

  test('of one provider is made good by the next', async () => {
    market.north.script = refuse(503);
    const before = await spent(market);
    const response = await speak({ provider: both });
    await expectCharged(market, { response, cost: BigInt([...input].length) * 10_000n, before });
  });

  test.each([
    ['no voice', { voice: undefined }, 'voice'],
    ['no text', { input: '' }, 'input'],
    ['events', { stream_format: 'sse' }, 'stream_format'],
  ])('is a 400 for %s', async (_name, fields, path) => {
    const response = await speak(fields);
    expect(response.status).toBe(400);
    expect((await response.json()).error.metadata.path).toBe(path);
  });

  test('is a 402 when max_cost does not reach', async () => {
    expect((await speak({ max_cost: '0.00001' })).status).toBe(402);
  });
});
