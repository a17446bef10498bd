import Anthropic from '@anthropic-ai/sdk';
import { ledgerCheck } from '@bourse/db';
import { nanodollarsFromUsd } from '@bourse/money';
import { createOrganization, type SandboxProcess, type SqlClient, startSandbox } from '@bourse/testing';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventually, heldAmount, hi, type Market, openMarket } from './harness.ts';
import { chargesOf, spent, sqlOf } from './idempotency-harness.ts';
import { hello, refuse } from './scripted-provider.ts';

let market: Market;
let sandbox: SandboxProcess;
let sql: SqlClient;

beforeAll(async () => {
  sandbox = await startSandbox();
  market = await openMarket({
    environment: { EXA_API_KEY: 'exa-key', EXA_BASE_URL: `${sandbox.url}/exa`, GATEWAY_WEB_SEARCH_USD: '0.01' },
  });
  sql = await sqlOf(market);
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
  market.south.script = hello;
  market.north.calls.length = 0;
  market.south.calls.length = 0;
});
afterAll(async () => {
  await sql.end();
  await market.stop();
  await sandbox.stop();
});

const question = 'Who won the regatta?';
const asking = (content: string = question, plugin: object = {}) => ({
  ...hi,
  messages: [{ role: 'user' as const, content }],
  plugins: [{ id: 'web', ...plugin }],
});

async function post(
  path: string,
  body: object,
  { headers = {}, key = market.key }: { headers?: Record<string, string>; key?: string } = {},
) {
  const response = await fetch(`${market.root}/api/v1${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const json = await response.json();
  return {
    status: response.status,
    id: response.headers.get('x-generation-id') ?? '',
    headers: response.headers,
    json,
  };
}

/** All that the provider was told, as text. */
const told = (): string => JSON.stringify(market.north.calls.at(-1)?.body['messages'] ?? null);

async function generation(id: string) {
  await market.booked();
  const response = await fetch(`${market.url}/generation?id=${id}`, {
    headers: { authorization: `Bearer ${market.key}` },
  });
  return ((await response.json()) as { data: Record<string, unknown> }).data;
}

describe('a search', () => {
  test('is told to the model, cited in the answer, and a line of the receipt', async () => {
    const plain = await post('/chat/completions', { ...hi, messages: [{ role: 'user', content: question }] });
    const { status, json, id } = await post('/chat/completions', asking(), {
      headers: { 'x-bourse-metadata': 'enabled' },
    });
    expect(status).toBe(200);
    expect(told()).toContain(`Made up by the sandbox for: ${question}`);
    expect(told()).toContain('no instructions');
    const { annotations } = json.choices[0].message;
    expect(annotations).toHaveLength(5);
    expect(annotations[0]).toMatchObject({
      type: 'url_citation',
      url_citation: {
        url: 'https://news.example.com/1',
        title: 'Page 1 about it',
        content: expect.stringContaining('regatta'),
      },
    });
    // A cent, and five percent of markup on it.
    expect(json.usage.cost - plain.json.usage.cost).toBeCloseTo(0.0105, 9);
    expect(json.openrouter_metadata.pipeline).toMatchObject([
      { type: 'plugin', name: 'web', data: { engine: 'exa', results: 5, price_usd: '0.01' } },
    ]);
    const record = await generation(id);
    expect(record).toMatchObject({ num_search_results: 5, web_search_engine: 'exa', pipeline: [{ name: 'web' }] });
    const { lines } = record['receipt'] as { lines: { meter: string; quantity: number }[] };
    expect(lines.filter(({ meter }) => meter === 'plugin_web')).toMatchObject([{ quantity: 1 }]);
    const [with_, without] = [await chargesOf(sql, id), await chargesOf(sql, plain.id)];
    expect(with_.sum - without.sum).toBe(10_500_000n);
  });

  test('through the SDK and as a stream: citations come before the end', async () => {
    const openai = new OpenAI({ apiKey: market.key, baseURL: market.url, maxRetries: 0 });
    const urls: unknown[] = [];
    let text = '';
    for await (const chunk of await openai.chat.completions.create({ ...asking(), stream: true })) {
      const delta = chunk.choices[0]?.delta as
        | { content?: string; annotations?: { url_citation: { url: string } }[] }
        | undefined;
      text += delta?.content ?? '';
      urls.push(...(delta?.annotations ?? []).map(({ url_citation: { url } }) => url));
    }
    expect(text).toBe('hello');
    expect(urls).toHaveLength(5);
  });

  test('is bounded, worded and kept to domains as asked', async () => {
    const plugin = {
      max_results: 2,
      search_prompt: 'Mind these pages:',
      include_domains: ['museum.example'],
      exclude_domains: [],
    };
    const { json } = await post('/chat/completions', asking(question, plugin));
    const urls = json.choices[0].message.annotations.map(
      (each: { url_citation: { url: string } }) => each.url_citation.url,
    );
    expect(urls).toEqual(['https://museum.example/1', 'https://museum.example/2']);
    expect(told()).toContain('Mind these pages:');
    expect(told()).not.toContain('no instructions');
    const excluded = await post('/chat/completions', asking(question, { exclude_domains: ['example.com'] }));
    const hosts = excluded.json.choices[0].message.annotations.map(
      (each: { url_citation: { url: string } }) => new URL(each.url_citation.url).hostname,
    );
    expect(hosts.length).toBeGreaterThan(0);
    expect(hosts.filter((host: string) => host.endsWith('example.com'))).toEqual([]);
  });

  test('`:online` behind the name of a model asks for it', async () => {
    const { status, json } = await post('/chat/completions', { ...hi, model: `${hi.model}:online` });
    expect(status).toBe(200);
    expect(json.choices[0].message.annotations).toHaveLength(5);
  });

  test('works for /responses and /messages', async () => {
    const { model, provider } = hi;
    const plugins = [{ id: 'web' }];
    const responses = await post('/responses', { model, provider, plugins, input: question });
    expect(responses.json.output[0].content[0].annotations).toHaveLength(5);
    expect(told()).toContain('Made up by the sandbox');
    const anthropic = new Anthropic({
      authToken: market.key,
      apiKey: null,
      baseURL: `${market.root}/api`,
      maxRetries: 0,
    });
    const answer = await anthropic.messages.create({
      model,
      max_tokens: 50,
      messages: [{ role: 'user', content: question }],
      ...{ provider, plugins },
    });
    expect(answer.content[0]).toMatchObject({ type: 'text', text: 'hello', citations: { length: 5 } });
  });

  test('that finds nothing costs nothing, and the model is asked all the same', async () => {
    const plain = await post('/chat/completions', { ...hi, messages: [{ role: 'user', content: question }] });
    const { status, json } = await post('/chat/completions', asking('fault:empty'));
    expect(status).toBe(200);
    expect(json.usage.cost).toBe(plain.json.usage.cost);
    expect(json.choices[0].message.annotations).toBeUndefined();
  });

  test.each([
    ['fault:401', 503, 'search_refused'],
    ['fault:429', 503, 'search_rate_limited'],
    ['fault:500', 502, 'search_failed'],
    ['fault:garbage', 502, 'search_unreadable'],
    ['fault:hang', 504, 'search_timeout'],
  ])(
    'that fails (%s) is told as that, and nobody is asked or charged',
    { timeout: 60_000 },
    async (content, status, reason) => {
      const before = await spent(market);
      const seen = await post('/chat/completions', asking(content));
      expect(seen.status).toBe(status);
      expect(seen.json).toMatchObject({ error: { metadata: { plugin: 'web', reason } } });
      if (reason === 'search_rate_limited') expect(seen.headers.get('retry-after')).toBe('7');
      await market.booked();
      expect(await spent(market)).toBe(before);
      expect(market.north.calls).toHaveLength(0);
    },
  );

  test('whose answer nobody gives is not charged', async () => {
    market.north.script = refuse(500);
    market.south.script = refuse(500);
    const before = await spent(market);
    expect((await post('/chat/completions', asking())).status).toBe(502);
    await market.booked();
    expect(await spent(market)).toBe(before);
  });

  test('is not made for who cannot pay for it', async () => {
    const poor = await createOrganization(market.db, { credits: nanodollarsFromUsd('0.005') });
    const plain = { ...hi, max_tokens: 1, messages: [{ role: 'user', content: 'x' }] };
    expect((await post('/chat/completions', plain, { key: poor.apiKey })).status).toBe(200);
    const seen = await post('/chat/completions', { ...plain, plugins: [{ id: 'web' }] }, { key: poor.apiKey });
    expect(seen.status).toBe(402);
    expect((await post('/chat/completions', { ...asking(), max_cost: '0.01' })).status).toBe(402);
  });

  test('of a client that leaves ends with it', async () => {
    const gone = new AbortController();
    const leaving = market.chat(asking('fault:hang'), { signal: gone.signal }).catch((error: Error) => error.name);
    await eventually(
      () => heldAmount(market),
      (held) => held > 0n,
    );
    gone.abort();
    expect(await leaving).toBe('AbortError');
    await eventually(
      () => heldAmount(market),
      (held) => held === 0n,
    );
    expect(market.north.calls).toHaveLength(0);
  });

  test.each([
    [{ max_results: 0 }, 'plugins.web.max_results'],
    [{ max_results: 11 }, 'plugins.web.max_results'],
    [{ include_domains: ['not a domain'] }, 'plugins.web.include_domains.0'],
    [{ engine: 'firecrawl' }, 'plugins.web.engine'],
  ])('that is asked for wrongly (%j) is refused by its path', async (plugin, path) => {
    const { status, json } = await post('/chat/completions', asking(question, plugin));
    expect(status).toBe(400);
    expect(json).toMatchObject({ error: { metadata: { path } } });
  });

  test('contradicts a wish that nothing is kept, and other dialects have no place for it', async () => {
    const zdr = await post('/chat/completions', { ...asking(), provider: { ...hi.provider, zdr: true } });
    expect(zdr.status).toBe(400);
    expect(JSON.stringify(zdr.json)).toContain('provider.zdr');
    const { model, provider } = hi;
    const completions = await post('/completions', { model, provider, prompt: question, plugins: [{ id: 'web' }] });
    expect(completions.status).toBe(400);
  });
});

test('where no search is set up the plugin is refused', async () => {
  const other = await openMarket();
  const response = await other.chat(asking());
  expect(response.status).toBe(400);
  expect(await response.text()).toContain('not set up');
  await other.stop();
});

test('a quote has the search in it, and makes none', async () => {
  const plain = await post('/quote', { ...hi, messages: [{ role: 'user', content: question }] });
  const { json } = await post('/quote', asking('fault:500'));
  expect(json.data.estimated_usd - plain.json.data.estimated_usd).toBeCloseTo(0.0105, 3);
  expect(json.data.worst_case_usd - plain.json.data.worst_case_usd).toBeGreaterThan(0.0105);
});
