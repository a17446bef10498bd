import { createOrganization } from '@bourse/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { hashApiKey } from '../src/generate/authenticate.ts';
import { eventually, hi, type Market, openMarket, unknownKey } from './harness.ts';
import { beginStream, frames, hello, refuse } from './scripted-provider.ts';

let market: Market;

beforeAll(async () => {
  market = await openMarket({
    credits: '100',
    environment: {
      GATEWAY_KEY_RPM: '60',
      GATEWAY_ORGANIZATION_RPM: '600',
      GATEWAY_ORGANIZATION_STREAMS: '3',
      GATEWAY_ORGANIZATION_TPM: '0',
      BOURSE_KEYS_PER_HOUR: '2',
    },
  });
});
beforeEach(() => {
  market.north.script = hello;
});
afterAll(() => market.stop());

async function newKey(requestsPerMinute: number | null = null): Promise<string> {
  const { record, plaintext } = await market.db.keys.create({
    organizationId: market.organizationId,
    createdByUserId: null,
    kind: 'inference',
    name: 'test',
  });
  if (requestsPerMinute !== null) await market.db.keys.update(record, { requestsPerMinute });
  return plaintext;
}

const limitHeaders = (response: Response): readonly (string | null)[] =>
  ['limit', 'remaining', 'reset'].map((name) => response.headers.get(`x-ratelimit-${name}`));

async function until429(ask: () => Promise<Response>): Promise<Response> {
  for (let count = 0; count < 50; count += 1) {
    const response = await ask();
    if (response.status === 429) return response;
    await response.text();
  }
  throw new Error('nothing was refused');
}

test('an answer says how much is left, and a refusal when to come back, in headers and body alike', async () => {
  const key = await newKey();
  const first = await market.chat(hi, { key });
  expect(first.status).toBe(200);
  expect(limitHeaders(first)).toEqual(['60', '5', expect.stringMatching(/^\d{13}$/)]);
  expect(first.headers.get('access-control-expose-headers')).toContain('x-ratelimit-remaining');
  const refused = await until429(() => market.chat(hi, { key }));
  const { error } = (await refused.json()) as {
    error: { code: number; message: string; metadata: Record<string, unknown> };
  };
  expect(error).toMatchObject({
    code: 429,
    message: expect.stringMatching(/^This API key is limited to 60 requests a minute\. Retry after \d s\.$/),
    metadata: { error_type: 'rate_limit_exceeded', limit_source: 'key_requests' },
  });
  const [limit, remaining, reset] = limitHeaders(refused);
  expect([limit, remaining]).toEqual(['60', '0']);
  expect(error.metadata['headers']).toEqual({
    'X-RateLimit-Limit': limit,
    'X-RateLimit-Remaining': remaining,
    'X-RateLimit-Reset': reset,
  });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
});

test('a stream says it too', async () => {
  const response = await market.chat({ ...hi, stream: true }, { key: await newKey() });
  await response.text();
  expect(limitHeaders(response)).toEqual(['60', '5', expect.any(String)]);
});

test.each([
  ['/messages', { error: { type: 'rate_limit_error', error_type: 'rate_limit_exceeded' } }],
  ['/responses', { error: { code: 429, metadata: { error_type: 'rate_limit_exceeded' } } }],
  ['/v1beta/models/sandbox/atlas-1:generateContent', { error: { code: 429, status: 'RESOURCE_EXHAUSTED' } }],
])('%s tells it in its own dialect', async (path, shape) => {
  const key = await newKey(5);
  const url = path.startsWith('/v1beta') ? `${market.root}/api${path}` : market.url + path;
  const ask = () =>
    fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify({ model: 'nobody/none' }),
    });
  const refused = await until429(ask);
  expect(await refused.json()).toMatchObject(shape);
  expect(limitHeaders(refused)).toEqual(['5', '0', expect.any(String)]);
});

test("a provider's 429 names the provider and no limit of ours", async () => {
  const key = await newKey();
  market.north.script = refuse(429);
  market.south.script = refuse(429);
  const response = await market.chat(hi, { key });
  market.south.script = hello;
  expect(response.status).toBe(429);
  const { error } = (await response.json()) as { error: { metadata: Record<string, unknown> } };
  expect(error.metadata['provider_name']).toEqual(expect.any(String));
  expect(error.metadata['limit_source']).toBe('upstream');
  expect(limitHeaders(response)[1]).toBe('5');
});

test('a limit of a key is in force at once when it is changed, and GET /key tells it', async () => {
  const key = await newKey();
  const record = await market.db.keys.findByHash(hashApiKey(key));
  if (record === null) throw new Error('no key');
  await until429(() => market.chat(hi, { key }));
  await market.db.keys.update(record, { requestsPerMinute: 0 });
  await eventually(
    () => market.chat(hi, { key }).then(async (response) => (await response.text()) && response.status),
    (status) => status === 200,
  );
  const described = await fetch(`${market.url}/key`, { headers: { authorization: `Bearer ${key}` } });
  expect(await described.json()).toMatchObject({
    data: {
      rate_limit: { requests: -1, interval: '60s', note: expect.any(String) },
      limits: {
        key_requests_per_minute: null,
        organization_requests_per_minute: 600,
        organization_tokens_per_minute: null,
        organization_concurrent_requests: 3,
        free_model_requests_per_day: 1_000_000,
      },
    },
  });
});

test('an organization has limits of its own as soon as an operator says so', async () => {
  const other = await createOrganization(market.db);
  const ask = () => market.chat(hi, { key: other.apiKey });
  expect((await ask()).status).toBe(200);
  await market.db.limits.changeOrganization({
    organizationId: other.organizationId,
    limits: { requestsPerMinute: 10 },
    actor: 'test',
    reason: 'abuse',
  });
  const refused = await until429(ask);
  expect(await refused.json()).toMatchObject({
    error: { metadata: { limit_source: expect.stringMatching(/^(organization|key)_requests$/) } },
  });
  await eventually(
    async () => ((await (await ask()).json()) as { error?: { message: string } }).error?.message ?? '',
    (message) => message.startsWith('This organization is limited to 10 requests a minute.'),
  );
  expect(
    await market.db.limits.changeOrganization({ organizationId: 'org_none', limits: {}, actor: 'test', reason: '' }),
  ).toBeNull();
});

test('so many requests run at once, however they end, and the next one begins when one has ended', async () => {
  const owner = await createOrganization(market.db);
  const gate = Promise.withResolvers<void>();
  let started = 0;
  market.north.script = async ({ response }) => {
    started += 1;
    beginStream(response);
    response.write(frames.role);
    await gate.promise;
    response.end([frames.text('a'), frames.finish, frames.usage(1, 1), frames.done].join(''));
  };
  const body = { ...hi, stream: true };
  const hangUp = new AbortController();
  const running = [hangUp.signal, undefined, undefined].map((signal) =>
    market.chat(body, { key: owner.apiKey, ...(signal ? { signal } : {}) }),
  );
  const [first, ...others] = await Promise.all(running);
  expect(started).toBe(3);
  const refused = await market.chat(body, { key: owner.apiKey });
  expect(refused.status).toBe(429);
  expect(await refused.json()).toMatchObject({ error: { metadata: { limit_source: 'organization_streams' } } });
  hangUp.abort();
  await expect(first?.text()).rejects.toThrow();
  gate.resolve();
  await Promise.all(others.map((response) => response.text()));
  market.north.script = hello;
  await eventually(
    () => market.chat(hi, { key: owner.apiKey }).then(async (response) => (await response.text()) && response.status),
    (status) => status === 200,
  );
});

test('tokens are counted with what a request may use, and what it did not use is given back', async () => {
  const owner = await createOrganization(market.db);
  await market.db.limits.changeOrganization({
    organizationId: owner.organizationId,
    limits: { tokensPerMinute: 5_000 },
    actor: 'test',
    reason: 'test',
  });
  const gate = Promise.withResolvers<void>();
  market.north.script = async (call) => {
    await gate.promise;
    await hello(call);
  };
  const large = { ...hi, max_tokens: 4_000 };
  const running = market.chat(large, { key: owner.apiKey });
  await eventually(
    async () => market.north.calls.at(-1)?.body['max_tokens'],
    (tokens) => tokens === 4_000,
  );
  const refused = await market.chat(large, { key: owner.apiKey });
  expect(await refused.json()).toMatchObject({
    error: { code: 429, metadata: { limit_source: 'organization_tokens' } },
  });
  gate.resolve();
  expect((await running).status).toBe(200);
  expect((await market.chat(large, { key: owner.apiKey })).status).toBe(200);
});

test('an organization makes so many keys an hour; what is refused for its body does not count', async () => {
  const make = (body: object) =>
    fetch(`${market.url}/keys`, {
      method: 'POST',
      headers: { authorization: `Bearer ${market.managementKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const statuses: number[] = [];
  for (const name of ['one', '', 'two', 'three']) statuses.push((await make({ name })).status);
  expect(statuses).toEqual([201, 400, 201, 429]);
  const refused = await make({ name: 'four' });
  expect(refused.headers.get('x-ratelimit-limit')).toBe('2');
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(1_700);
  expect(await refused.json()).toMatchObject({ error: { metadata: { limit_source: 'key_creation' } } });
});

test('an address behind a proxy of ours has a limit, whatever it sends; health has none', async () => {
  const headers = { 'x-forwarded-for': '198.51.100.1' };
  const refused = await untilTurnedAway(() => fetch(`${market.url}/models/none`, { headers }));
  expect(await refused.json()).toMatchObject({ error: { code: 429, metadata: { limit_source: 'address_requests' } } });
  const inference = await untilTurnedAway(() => market.chat(hi, { headers, key: unknownKey() }));
  expect(limitHeaders(inference)).toEqual(['60', '0', expect.any(String)]);
  expect((await fetch(`${market.root}/healthz`, { headers })).status).toBe(200);
  expect((await fetch(`${market.url}/models`, { headers: { 'x-forwarded-for': '198.51.100.2' } })).status).toBe(200);
});

/** The refusal of an address. Faster than what is earned, so a few hundred do. */
async function untilTurnedAway(ask: () => Promise<Response>): Promise<Response> {
  for (let round = 0; round < 50; round += 1) {
    const answers = await Promise.all(Array.from({ length: 50 }, ask));
    // Not one of the limits of an organization, which has 3 and 600.
    const refused = answers.find((answer) => answer.status === 429 && answer.headers.get('x-ratelimit-limit') === '60');
    if (refused !== undefined) return refused;
  }
  throw new Error('nothing was refused');
}

test('an address with one wrong key after the other is told to wait; a right key comes in from there all the same', async () => {
  const headers = { 'x-forwarded-for': '198.51.100.9' };
  const { key } = market;
  expect((await market.chat(hi, { key, headers })).status).toBe(200);
  const statuses: number[] = [];
  for (let count = 0; count < 12; count += 1)
    statuses.push((await market.chat(hi, { key: unknownKey(), headers })).status);
  expect(statuses).toEqual([...Array(10).fill(401), 429, 429]);
  const listed = await fetch(`${market.url}/key`, { headers: { ...headers, authorization: 'Bearer nonsense' } });
  expect(listed.status).toBe(429);
  expect(await listed.json()).toMatchObject({ error: { metadata: { limit_source: 'address_failed_authentication' } } });
  expect((await market.chat(hi, { key, headers })).status).toBe(200);
});
