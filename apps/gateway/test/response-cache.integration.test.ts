import { once } from 'node:events';
import { ledgerCheck } from '@bourse/db';
import { nanodollarsFromUsd } from '@bourse/money';
import { createOrganization, type SqlClient } from '@bourse/testing';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually, heldAmount, hi, type Market, openMarket } from './harness.ts';
import { chargesOf, spent, sqlOf } from './idempotency-harness.ts';
import { beginStream, frames, hello, refuse, type Script } from './scripted-provider.ts';

let market: Market;
let sql: SqlClient;
let words = 0;

beforeAll(async () => {
  market = await openMarket({ environment: { GATEWAY_CACHE_BYTES_MAX: '400000' } });
  sql = await sqlOf(market);
});
afterEach(async () => {
  await eventually(
    () => heldAmount(market),
    (held) => held === 0n,
  );
  await market.booked();
  expect(
    (await ledgerCheck({ url: market.databaseUrl, form: 'full' })).filter((check) => check.differences > 0),
  ).toEqual([]);
  market.north.script = hello;
  market.south.script = hello;
  market.north.calls.length = 0;
  market.south.calls.length = 0;
});
afterAll(async () => {
  await sql.end();
  await market.stop();
});

/** A body that no other test has sent. */
const fresh = (more: object = {}) => ({ ...hi, messages: [{ role: 'user', content: `question ${++words}` }], ...more });
const on = { 'x-bourse-cache': 'true' };
const calls = (): number => market.north.calls.length + market.south.calls.length;

interface Seen {
  readonly status: number;
  readonly cache: string | null;
  readonly id: string;
  readonly text: string;
  readonly headers: Headers;
}

async function post(
  path: string,
  body: object,
  { headers = on, key = market.key }: { headers?: Record<string, string>; key?: string } = {},
): Promise<Seen> {
  const response = await fetch(`${market.root}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return {
    status: response.status,
    cache: response.headers.get('x-bourse-cache-status'),
    id: response.headers.get('x-generation-id') ?? '',
    text: await response.text(),
    headers: response.headers,
  };
}

const ask = (body: object, init?: { headers?: Record<string, string>; key?: string }): Promise<Seen> =>
  post('/api/v1/chat/completions', body, init);

async function generation(id: string): Promise<Record<string, unknown>> {
  await market.booked();
  const response = await fetch(`${market.url}/generation?id=${id}`, {
    headers: { authorization: `Bearer ${market.key}` },
  });
  return ((await response.json()) as { data: Record<string, unknown> }).data;
}

test('the second asking is a hit: free, counted as nothing, under an id of its own that knows where it came from', async () => {
  const body = fresh();
  const first = await ask(body);
  expect(first).toMatchObject({ status: 200, cache: 'MISS' });
  const before = await spent(market);
  const second = await ask(body);
  expect(second).toMatchObject({ status: 200, cache: 'HIT' });
  expect(second.headers.get('x-openrouter-cache-status')).toBe('HIT');
  expect(second.headers.get('x-bourse-cache-source-id')).toBe(first.id);
  expect(second.headers.get('x-bourse-cache-ttl')).toBe('300');
  expect(Number(second.headers.get('x-bourse-cache-age'))).toBeLessThan(60);
  expect(second.id).not.toBe(first.id);
  const [one, two] = [JSON.parse(first.text), JSON.parse(second.text)];
  expect(two).toMatchObject({ id: second.id, choices: one.choices, model: one.model, provider: one.provider });
  expect(two.unknown_field).toEqual({ kept: 1 });
  expect(two.usage).toMatchObject({ prompt_tokens: 0, completion_tokens: 0, total_tokens: 0, cost: 0 });
  expect(calls()).toBe(1);
  expect(await spent(market)).toBe(before);
  expect(await generation(second.id)).toMatchObject({
    id: second.id,
    total_cost: 0,
    receipt: null,
    tokens_prompt: 0,
    response_cache_source_id: first.id,
    model: 'sandbox/atlas-1',
    finish_reason: 'stop',
  });
  expect(await generation(first.id)).toMatchObject({ response_cache_source_id: null });
  expect(await chargesOf(sql, second.id)).toEqual({ count: 0, sum: 0n });
});

test('who does not ask for the cache neither reads from it nor fills it', async () => {
  const body = fresh();
  for (const headers of [{}, { 'x-bourse-cache': 'false' }, { 'x-bourse-cache': 'yes' }]) {
    expect(await ask(body, { headers })).toMatchObject({ status: 200, cache: null });
  }
  expect(await ask(body)).toMatchObject({ cache: 'MISS' });
  expect(await ask(body, { headers: {} })).toMatchObject({ cache: null });
  expect(calls()).toBe(5);
});

test('OpenRouter’s names do the same', async () => {
  const body = fresh();
  const headers = { 'x-openrouter-cache': 'true', 'x-openrouter-cache-ttl': '60' };
  const first = await ask(body, { headers });
  expect(first.headers.get('x-openrouter-cache-ttl')).toBe('60');
  expect(await ask(body, { headers: on })).toMatchObject({ cache: 'HIT' });
});

test.each(['0', '86401', '1.5', 'soon', '-1', ''])(
  'a time to live of %j is refused before anything is asked',
  async (ttl) => {
    const seen = await ask(fresh(), { headers: { ...on, 'x-bourse-cache-ttl': ttl } });
    expect(seen.status).toBe(400);
    expect(JSON.parse(seen.text)).toMatchObject({ error: { metadata: { header: 'x-bourse-cache-ttl' } } });
    expect(calls()).toBe(0);
  },
);

test('an answer is forgotten when its time is over', async () => {
  const body = fresh();
  const headers = { ...on, 'x-bourse-cache-ttl': '1' };
  const first = await ask(body, { headers });
  const seen = await eventually(
    () => ask(body, { headers }),
    ({ cache }) => cache === 'MISS',
  );
  expect(seen.id).not.toBe(first.id);
});

test('clearing asks anew and keeps what is new', async () => {
  const body = fresh();
  const first = await ask(body);
  const second = await ask(body, { headers: { ...on, 'x-bourse-cache-clear': 'true' } });
  expect(second.cache).toBe('MISS');
  expect((await ask(body)).headers.get('x-bourse-cache-source-id')).toBe(second.id);
  expect(second.id).not.toBe(first.id);
  expect(calls()).toBe(2);
});

test('a stream is kept whole and streamed again under the new id; a whole answer is another one', async () => {
  const body = fresh({ stream: true });
  const first = await ask(body);
  expect(await ask({ ...body, stream: false })).toMatchObject({ cache: 'MISS' });
  const second = await ask(body);
  expect(second).toMatchObject({ cache: 'HIT' });
  expect(second.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  const chunks = (text: string) =>
    text
      .split('\n\n')
      .filter((line) => line.startsWith('data: {'))
      .map((line) => JSON.parse(line.slice('data: '.length)));
  const [one, two] = [chunks(first.text), chunks(second.text)];
  expect(two.map(({ choices }) => choices)).toEqual(one.map(({ choices }) => choices));
  expect(new Set(two.map(({ id }) => id))).toEqual(new Set([second.id]));
  expect(two.at(-1).usage).toMatchObject({ prompt_tokens: 0, completion_tokens: 0, cost: 0 });
  expect(two.filter(({ usage }) => usage !== undefined)).toHaveLength(1);
  expect(second.text.endsWith('data: [DONE]\n\n')).toBe(true);
});

test.each([
  ['/api/v1/responses', { input: 'hi' }],
  ['/api/v1/responses', { input: 'hi', stream: true }],
  ['/api/v1/messages', { messages: [{ role: 'user', content: 'hi' }], max_tokens: 50 }],
  ['/api/v1/messages', { messages: [{ role: 'user', content: 'hi' }], max_tokens: 50, stream: true }],
  ['/api/v1/completions', { prompt: 'hi' }],
  ['/api/v1/completions', { prompt: 'hi', stream: true }],
])('%s %j: a hit says the same, costs nothing and has its own id', async (path, asked) => {
  const body = { model: hi.model, provider: hi.provider, user: `u${++words}`, ...asked };
  const first = await post(path, body);
  const second = await post(path, body);
  expect([first.status, first.cache, second.status, second.cache]).toEqual([200, 'MISS', 200, 'HIT']);
  expect(second.text).toContain(second.id);
  expect(second.text).not.toContain(first.id);
  expect(second.text).toMatch(/"cost":0[,}]/);
  expect(second.text).not.toMatch(/"(?:input|output|prompt|completion|total)_tokens":[1-9]/);
  // But for ids and counts it is the same text.
  const plain = ({ text, id }: Seen) =>
    text
      .replaceAll(id, 'ID')
      .replaceAll(/"usage":\{(?:[^{}]|\{[^{}]*\})*\}/g, '"usage"')
      .replaceAll(/"created":\d+/g, '""');
  expect(plain(second)).toBe(plain(first));
  expect(calls()).toBe(1);
});

test('the body counts byte for byte, and another route is another question', async () => {
  const body = fresh();
  await ask(body);
  const { model, ...rest } = body;
  expect(await ask({ ...rest, model })).toMatchObject({ cache: 'MISS' });
  expect(await post('/api/v1/messages', body)).toMatchObject({ cache: 'MISS' });
});

test('another key never hits, whether of the same organization or of another one', async () => {
  const body = fresh();
  await ask(body);
  const { plaintext: sibling } = await market.db.keys.create({
    organizationId: market.organizationId,
    createdByUserId: null,
    kind: 'inference',
    name: 'sibling',
  });
  const stranger = await createOrganization(market.db, { credits: nanodollarsFromUsd('1') });
  expect(await ask(body, { key: sibling })).toMatchObject({ status: 200, cache: 'MISS' });
  expect(await ask(body, { key: stranger.apiKey })).toMatchObject({ status: 200, cache: 'MISS' });
  expect(await ask(body)).toMatchObject({ cache: 'HIT' });
  expect(calls()).toBe(3);
});

test('a key that was deleted gets nothing out of the cache', async () => {
  const { plaintext: key, record } = await market.db.keys.create({
    organizationId: market.organizationId,
    createdByUserId: null,
    kind: 'inference',
    name: 'short-lived',
  });
  const body = fresh();
  await ask(body, { key });
  await market.db.keys.revoke({ id: record.id, organizationId: market.organizationId });
  const seen = await eventually(
    () => ask(body, { key }),
    ({ status }) => status === 401,
  );
  expect(seen.cache).toBeNull();
});

test.each([
  ['zdr', { provider: { ...hi.provider, zdr: true } }],
  ['data_collection: deny', { provider: { ...hi.provider, data_collection: 'deny' } }],
])('nothing is kept for who asks for %s', async (_name, more) => {
  const body = fresh(more);
  const seen = [await ask(body), await ask(body)];
  for (const { cache, status } of seen) if (status === 200) expect(cache).toBe('BYPASS');
  expect(seen.some(({ cache }) => cache === 'HIT' || cache === 'MISS')).toBe(false);
});

test('only whole answers are kept: no refusal, no failure, no stream that broke off', async () => {
  const failures: Script[] = [
    refuse(400),
    refuse(500),
    ({ response }) => {
      beginStream(response);
      response.write(frames.role + frames.text('half'), () => response.destroy());
    },
  ];
  for (const script of failures) {
    const body = fresh({ stream: true });
    market.north.script = script;
    market.south.script = script;
    await ask(body);
    market.north.script = hello;
    market.south.script = hello;
    expect(await ask(body)).toMatchObject({ status: 200, cache: 'MISS' });
    expect(await ask(body)).toMatchObject({ status: 200, cache: 'HIT' });
  }
});

test.each([
  ['whole answers', {}],
  ['streams', { stream: true }],
])('twenty identical calls at once are one call of a provider and one charge: %s', async (_name, more) => {
  const body = fresh(more);
  const before = await spent(market);
  const arrived = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  market.north.script = async (call) => {
    arrived.resolve();
    await release.promise;
    await hello(call);
  };
  const first = ask(body);
  await arrived.promise;
  const others = Array.from({ length: 19 }, () => ask(body));
  // They are all in before the first is answered: what they wait for is what it gets.
  await eventually(
    () => fetch(`${market.root}/metrics`).then((response) => response.text()),
    (text) => /open_generations(?:\{[^}]*\})? 20\b/.test(text),
  );
  release.resolve();
  const seen = await Promise.all([first, ...others]);
  expect(seen.map(({ status }) => status)).toEqual(Array(20).fill(200));
  expect(seen.filter(({ cache }) => cache === 'MISS')).toHaveLength(1);
  expect(new Set(seen.map(({ id }) => id)).size).toBe(20);
  expect(calls()).toBe(1);
  const source = seen.find(({ cache }) => cache === 'MISS')?.id ?? '';
  expect((await spent(market)) - before).toBe((await chargesOf(sql, source)).sum);
});

test('a first call that fails is not shared: those who waited ask for themselves', async () => {
  const body = fresh();
  const arrived = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const failing: Script = async (call) => {
    arrived.resolve();
    await release.promise;
    await refuse(400)(call);
  };
  market.north.script = failing;
  const first = ask(body);
  await arrived.promise;
  const second = ask(body);
  await eventually(
    () => fetch(`${market.root}/metrics`).then((response) => response.text()),
    (text) => /open_generations(?:\{[^}]*\})? 2\b/.test(text),
  );
  market.north.script = hello;
  release.resolve();
  expect((await first).status).toBe(400);
  expect(await second).toMatchObject({ status: 200, cache: 'MISS' });
});

test('a first call whose client leaves is taken over by one of those who wait, and the others wait for that one', async () => {
  const body = fresh();
  const arrived = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  const release = Promise.withResolvers<void>();
  market.north.script = async (call) => {
    const [first, second] = arrived;
    (market.north.calls.length === 1 ? first : second).resolve();
    await release.promise;
    await hello(call);
  };
  const gone = new AbortController();
  const leaving = market.chat(body, { headers: on, signal: gone.signal }).catch((error: Error) => error.name);
  await arrived[0].promise;
  const others = Array.from({ length: 5 }, () => ask(body));
  await eventually(
    () => fetch(`${market.root}/metrics`).then((response) => response.text()),
    (text) => /open_generations(?:\{[^}]*\})? 6\b/.test(text),
  );
  gone.abort();
  expect(await leaving).toBe('AbortError');
  await arrived[1].promise;
  release.resolve();
  const seen = await Promise.all(others);
  expect(seen.map(({ status }) => status)).toEqual(Array(5).fill(200));
  expect(seen.filter(({ cache }) => cache === 'MISS')).toHaveLength(1);
  expect(calls()).toBe(2);
});

test('the least recently used answers make room: memory is bounded', async () => {
  const long: Script = ({ response }) => {
    const message = { role: 'assistant', content: 'x'.repeat(100_000) };
    const choices = [{ index: 0, message, finish_reason: 'stop' }];
    const usage = { prompt_tokens: 10, completion_tokens: 25, total_tokens: 35 };
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ id: 'c', object: 'chat.completion', created: 1, model: 'up', choices, usage }));
  };
  market.north.script = long;
  const bodies = Array.from({ length: 5 }, () => fresh());
  for (const body of bodies) await ask(body);
  expect(await ask(bodies[4] ?? {})).toMatchObject({ cache: 'HIT' });
  expect(await ask(bodies[0] ?? {})).toMatchObject({ cache: 'MISS' });
});

test('with an Idempotency-Key beside it the retry is the stored answer, and a hit costs nothing under any key', async () => {
  const body = fresh();
  const headers = { ...on, 'idempotency-key': `cache ${++words}` };
  const first = await ask(body, { headers });
  expect(first.cache).toBe('MISS');
  const retry = await ask(body, { headers });
  expect(retry).toMatchObject({ id: first.id, text: first.text, cache: 'MISS' });
  expect(await ask(body, { headers: { ...on, 'idempotency-key': `cache ${++words}` } })).toMatchObject({
    cache: 'HIT',
  });
  expect(calls()).toBe(1);
});

test('a waiting client that hangs up leaves the first call alone', async () => {
  const body = fresh();
  const arrived = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  market.north.script = async (call) => {
    arrived.resolve();
    await release.promise;
    await hello(call);
  };
  const first = ask(body);
  await arrived.promise;
  const gone = new AbortController();
  const leaving = market.chat(body, { headers: on, signal: gone.signal }).catch((error: Error) => error.name);
  await eventually(
    () => fetch(`${market.root}/metrics`).then((response) => response.text()),
    (text) => /open_generations(?:\{[^}]*\})? 2\b/.test(text),
  );
  const left = once(gone.signal, 'abort');
  gone.abort();
  await left;
  expect(await leaving).toBe('AbortError');
  release.resolve();
  expect(await first).toMatchObject({ status: 200, cache: 'MISS' });
  expect(calls()).toBe(1);
});

test('OpenAI’s SDK asks for the cache by a header and reads a hit like any answer', async () => {
  const client = new OpenAI({ apiKey: market.key, baseURL: market.url, defaultHeaders: on, maxRetries: 0 });
  const asked = { model: hi.model, messages: [{ role: 'user' as const, content: `sdk ${++words}` }] };
  const first = await client.chat.completions.create(asked).withResponse();
  const second = await client.chat.completions.create(asked).withResponse();
  expect(second.response.headers.get('x-bourse-cache-status')).toBe('HIT');
  expect(second.data.choices[0]?.message.content).toBe(first.data.choices[0]?.message.content);
  expect(second.data.usage?.total_tokens).toBe(0);
  const streams = [];
  for (let round = 0; round < 2; round += 1) {
    let text = '';
    for await (const chunk of await client.chat.completions.create({ ...asked, stream: true })) {
      text += chunk.choices[0]?.delta.content ?? '';
    }
    streams.push(text);
  }
  expect(streams).toEqual(['hello', 'hello']);
});
