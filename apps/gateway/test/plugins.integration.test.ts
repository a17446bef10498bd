import Anthropic from '@anthropic-ai/sdk';
import { ledgerCheck } from '@bourse/db';
import OpenAI, { BadRequestError } from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventually, heldAmount, hi, type Market, openMarket } from './harness.ts';
import { hello, type Script } from './scripted-provider.ts';

let market: Market;
let openai: OpenAI;
let anthropic: Anthropic;

beforeAll(async () => {
  market = await openMarket();
  openai = new OpenAI({ apiKey: market.key, baseURL: market.url, maxRetries: 0 });
  anthropic = new Anthropic({ authToken: market.key, apiKey: null, baseURL: `${market.root}/api`, maxRetries: 0 });
});
afterEach(async () => {
  await eventually(
    () => heldAmount(market),
    (held) => held === 0n,
  );
  await market.booked();
  const checks = await ledgerCheck({ url: market.databaseUrl, form: 'full' });
  expect(checks.filter((check) => check.differences > 0)).toEqual([]);
  market.north.script = hello;
  market.north.calls.length = 0;
});
afterAll(() => market.stop());

/** A provider that says this. */
const says =
  (content: string): Script =>
  ({ response }) => {
    const choices = [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }];
    const usage = { prompt_tokens: 10, completion_tokens: 25, total_tokens: 35 };
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ id: 'c', object: 'chat.completion', created: 1, model: 'up', choices, usage }));
  };

type Body = Record<string, unknown>;

async function post(path: string, body: Body, headers: Record<string, string> = {}) {
  const response = await fetch(`${market.root}/api/v1${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${market.key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, id: response.headers.get('x-generation-id') ?? '', json: await response.json() };
}

async function generation(id: string): Promise<Body> {
  await market.booked();
  const response = await fetch(`${market.url}/generation?id=${id}`, {
    headers: { authorization: `Bearer ${market.key}` },
  });
  return ((await response.json()) as { data: Body }).data;
}

/** The messages that the provider was sent last. */
function sent(): readonly Body[] {
  const { messages } = (market.north.calls.at(-1)?.body ?? { messages: [] }) as { messages: Body[] };
  return messages;
}

describe('plugins', () => {
  test.each(['moderation', 'pareto-router', 'fusion', 'web-fetch', 'nonsense'])(
    'one that does not exist (%s) is refused with those that do',
    async (id) => {
      const { status, json } = await post('/chat/completions', { ...hi, plugins: [{ id }] });
      expect(status).toBe(400);
      expect(json).toMatchObject({ error: { metadata: { path: 'plugins' } } });
      expect(JSON.stringify(json)).toContain('response-healing');
      expect(market.north.calls).toHaveLength(0);
    },
  );

  test('one that is switched off need not exist, and the router’s is none of ours', async () => {
    const plugins = [
      { id: 'fusion', enabled: false },
      { id: 'auto-router', allowed_models: ['a/*'] },
    ];
    expect(await post('/chat/completions', { ...hi, plugins })).toMatchObject({ status: 200 });
    expect(market.north.calls[0]?.body).not.toHaveProperty('plugins');
  });

  test.each([
    [{ id: 'context-compression', engine: 'zip' }, 'middle-out'],
    [{ id: 'file-parser', pdf: { engine: 'mistral-ocr' } }, 'pdf-text'],
  ])('an engine that does not exist (%j) is refused with those that do', async (plugin, engine) => {
    const { status, json } = await post('/chat/completions', { ...hi, plugins: [plugin] });
    expect(status).toBe(400);
    expect(JSON.stringify(json)).toContain(engine);
  });

  test('the SDK tells the refusal as what it is', async () => {
    const body = { ...hi, messages: [{ role: 'user' as const, content: 'hi' }], plugins: [{ id: 'fusion' }] };
    await expect(openai.chat.completions.create(body)).rejects.toThrow(BadRequestError);
  });
});

describe('response-healing', () => {
  const asked = { ...hi, response_format: { type: 'json_object' as const }, plugins: [{ id: 'response-healing' }] };

  test('mends what should be JSON, and says so in the metadata and in the record', async () => {
    market.north.script = says('Sure:\n```json\n{"a": [1, 2,], b: \'x\'}\n```');
    const { status, json, id } = await post('/chat/completions', asked, { 'x-bourse-metadata': 'enabled' });
    expect(status).toBe(200);
    expect(JSON.parse(json.choices[0].message.content)).toEqual({ a: [1, 2], b: 'x' });
    const step = { type: 'response_healing', name: 'response-healing', data: { healed: true } };
    expect(json.openrouter_metadata.pipeline).toMatchObject([step]);
    const record = await generation(id);
    expect(record['pipeline']).toMatchObject([step]);
    expect(record['flags']).toEqual([]);
    expect(json.usage).toMatchObject({ prompt_tokens: 10, completion_tokens: 25 });
  });

  test('through the SDK: an answer that was cut off parses', async () => {
    market.north.script = says('{"name": "Ada", "born": 18');
    const answer = await openai.chat.completions.create({
      ...asked,
      messages: [{ role: 'user', content: 'who' }],
    });
    expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toEqual({ name: 'Ada', born: 18 });
  });

  test.each([
    ['valid JSON', asked, '{ "a":1.0 }'],
    ['what was not asked to be JSON', { ...asked, response_format: { type: 'text' } }, '{a: 1}'],
    ['where the plugin is not asked for', { ...asked, plugins: [] }, '{a: 1}'],
    ['what is beyond mending', asked, 'I cannot.'],
  ])('leaves alone %s', async (_name, body, text) => {
    market.north.script = says(text);
    const { json } = await post('/chat/completions', body);
    expect(json.choices[0].message.content).toBe(text);
  });

  test('leaves streams alone: their words are gone before their end is known', async () => {
    const text = await market.chat({ ...asked, stream: true }).then((response) => response.text());
    expect(text).toContain('"content":"hel"');
  });

  test('works for /responses and /messages', async () => {
    market.north.script = says('```json\n{"a": 1,}\n```');
    const { provider, model } = hi;
    const text = { format: { type: 'json_object' } };
    const responses = await post('/responses', { model, provider, input: 'hi', text, plugins: asked.plugins });
    expect(JSON.parse(responses.json.output[0].content[0].text)).toEqual({ a: 1 });
    const schema = { type: 'object', properties: { a: { type: 'number' } } };
    const messages = await anthropic.messages.create({
      model,
      max_tokens: 50,
      messages: [{ role: 'user', content: 'hi' }],
      output_config: { format: { type: 'json_schema', schema } },
      ...{ provider, plugins: asked.plugins },
    });
    expect(messages.content[0]).toMatchObject({ type: 'text', text: expect.stringContaining('"a"') });
    expect(JSON.parse(messages.content[0]?.type === 'text' ? messages.content[0].text : '')).toEqual({ a: 1 });
  });
});

describe('context-compression', () => {
  const words = (count: number, word: string): string => Array.from({ length: count }, () => word).join(' ');
  /** Some 2,500 tokens each, of which 128 Ki hold fifty. */
  const long = (turn: number) => ({
    role: turn % 2 === 0 ? 'user' : 'assistant',
    content: `turn ${turn} ${words(2_500, 'word')}`,
  });
  const history = [
    { role: 'system', content: 'be brief' },
    ...Array.from({ length: 70 }, (_, turn) => long(turn)),
    { role: 'user', content: 'and now?' },
  ];

  test.each([
    ['the plugin', { plugins: [{ id: 'context-compression' }] }],
    ['OpenRouter’s old word for it', { transforms: ['middle-out'] }],
  ])('%s leaves out turns from the middle until the rest fits', async (_name, more) => {
    const { status, json, id } = await post(
      '/chat/completions',
      { ...hi, messages: history, ...more },
      { 'x-bourse-metadata': 'enabled' },
    );
    expect(status).toBe(200);
    const contents = sent().map(({ content }) => String(content).slice(0, 7));
    expect(contents.slice(0, 2)).toEqual(['be brie', 'turn 0 ']);
    expect(contents.at(-1)).toBe('and now');
    expect(contents.length).toBeLessThan(60);
    expect(contents.length).toBeGreaterThan(20);
    const step = { type: 'context_compression', data: { turns_before: 72, turns_after: contents.length } };
    expect(json.openrouter_metadata.pipeline).toMatchObject([step]);
    expect(market.north.calls[0]?.body).not.toHaveProperty('transforms');
    expect((await generation(id))['pipeline']).toMatchObject([step]);
  });

  test('calls of tools keep their answers', async () => {
    const tools = Array.from({ length: 40 }, (_, turn) => [
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: `c${turn}`, type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: `c${turn}`, content: words(5_000, 'word') },
    ]).flat();
    const messages = [{ role: 'user', content: 'go' }, ...tools];
    const { status } = await post('/chat/completions', { ...hi, messages, transforms: ['middle-out'] });
    expect(status).toBe(200);
    const calls = sent().flatMap(({ tool_calls: made }) => ((made ?? []) as { id: string }[]).map(({ id }) => id));
    const results = sent().flatMap(({ tool_call_id: id }) => (id === undefined ? [] : [id]));
    expect(calls).toEqual(results);
    expect(calls).toContain('c39');
    expect(calls.length).toBeLessThan(40);
  });

  test('one message that is too long has its middle cut out', async () => {
    const messages = [{ role: 'user', content: `begin ${words(150_000, 'word')} end` }];
    const { status } = await post('/chat/completions', { ...hi, messages, transforms: ['middle-out'] });
    expect(status).toBe(200);
    const content = String(sent()[0]?.['content']);
    expect(content).toMatch(/^begin word.*characters left out.*word end$/s);
    expect(content.length).toBeLessThan(150_000 * 5);
  });

  test('what fits goes as it is, and nothing is said of it', async () => {
    const { json } = await post(
      '/chat/completions',
      { ...hi, messages: history.slice(0, 10), transforms: ['middle-out'] },
      { 'x-bourse-metadata': 'enabled' },
    );
    expect(sent()).toHaveLength(10);
    expect(json.openrouter_metadata.pipeline).toEqual([]);
  });

  test('works for /responses and /messages', async () => {
    const { model, provider } = hi;
    const plugins = [{ id: 'context-compression' }];
    const body = { model, provider, plugins };
    expect(await post('/responses', { ...body, input: history })).toMatchObject({ status: 200 });
    expect(sent().length).toBeLessThan(60);
    const messages = history.slice(1);
    const answer = await anthropic.messages.create({
      ...{ provider, plugins },
      model,
      max_tokens: 50,
      messages: messages as Anthropic.MessageParam[],
    });
    expect(answer.content).toMatchObject([{ type: 'text', text: 'hello' }]);
    expect(sent().length).toBeLessThan(60);
  });

  test('without it a conversation that is too long goes as it is, and an unknown transform is refused', async () => {
    await post('/chat/completions', { ...hi, messages: history });
    expect(sent()).toHaveLength(72);
    expect(await post('/chat/completions', { ...hi, transforms: ['zip'] })).toMatchObject({ status: 400 });
  });
});
