import { createHash } from 'node:crypto';
import { nanodollars } from '@bourse/money';
import { createOrganization } from '@bourse/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, hi, type Market, openMarket } from './harness.ts';

let market: Market;
beforeAll(async () => {
  market = await openMarket();
});
afterAll(() => market.stop());

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Record<string, unknown> & {
    readonly data: Record<string, unknown>;
    readonly error: { readonly message: string; readonly type: string; readonly metadata: Record<string, unknown> };
  };
}

async function call(method: string, path: string, options: { key?: string; body?: unknown } = {}): Promise<Answer> {
  const { key = market.managementKey, body } = options;
  const response = await fetch(`${market.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: JSON.parse(text) };
}

const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex');

/** Makes a key over HTTP; answers its text and its public id. */
async function make(body: Record<string, unknown> = {}): Promise<{ text: string; hash: string }> {
  const { status, body: answer } = await call('POST', '/keys', { body: { name: 'made', ...body } });
  expect(status).toBe(201);
  return { text: String(answer['key']), hash: String(answer.data['hash']) };
}

const listed = async (query = ''): Promise<Record<string, unknown>[]> =>
  (await call('GET', `/keys${query}`)).body['data'] as unknown as Record<string, unknown>[];

describe('making a key', () => {
  test('answers every field that clients of OpenRouter read, and the text of the key this once', async () => {
    const { status, headers, body } = await call('POST', '/keys', {
      body: {
        name: '  ci-bot ',
        limit: 25.000000001,
        limit_reset: 'monthly',
        include_byok_in_limit: true,
        expires_at: '2099-01-01T00:00:00Z',
      },
    });
    expect(status).toBe(201);
    expect(headers.get('cache-control')).toBe('no-store');
    const key = String(body['key']);
    expect(body.data).toEqual({
      hash: hashOf(key),
      label: `${key.slice(0, 13)}...${key.slice(-3)}`,
      name: 'ci-bot',
      disabled: false,
      limit: 25.000000001,
      limit_remaining: 25.000000001,
      limit_reset: 'monthly',
      include_byok_in_limit: true,
      usage: 0,
      usage_daily: 0,
      usage_weekly: 0,
      usage_monthly: 0,
      byok_usage: 0,
      byok_usage_daily: 0,
      byok_usage_weekly: 0,
      byok_usage_monthly: 0,
      window: {
        start: expect.stringMatching(/-01T00:00:00\.000Z$/),
        end: expect.stringMatching(/-01T00:00:00\.000Z$/),
        limit: 25.000000001,
        used: 0,
        held: 0,
        remaining: 25.000000001,
      },
      created_at: expect.any(String),
      updated_at: null,
      expires_at: '2099-01-01T00:00:00.000Z',
      creator_user_id: null,
      workspace_id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
    });
    const read = await call('GET', `/keys/${hashOf(key)}`);
    expect(read.body.data).toEqual(body.data);
    expect(read.text + JSON.stringify(await listed())).not.toContain(key);
    expect((await market.chat(hi, { key })).status).toBe(200);
  });

  test.each<[string, unknown, string]>([
    ['no name', {}, 'name'],
    ['an empty name', { name: '  ' }, 'name'],
    ['a name that is no text', { name: 5 }, 'name'],
    ['a name that nobody can read', { name: 'a\u202eb' }, 'name'],
    ['a name without end', { name: 'x'.repeat(101) }, 'name'],
    ['a limit as text', { name: 'x', limit: '25' }, 'limit'],
    ['a negative limit', { name: 'x', limit: -1 }, 'limit'],
    ['a tenth decimal', { name: 'x', limit: 0.0000000001 }, 'limit'],
    ['more than a ledger holds', { name: 'x', limit: 1e12 }, 'limit'],
    ['digits that a JSON number cannot carry', '{"name":"x","limit":12345678.123456789}', 'limit'],
    ['an unknown rhythm', { name: 'x', limit_reset: 'hourly' }, 'limit_reset'],
    ['a time in another zone', { name: 'x', expires_at: '2099-01-01T00:00:00+02:00' }, 'expires_at'],
    ['a time that is over', { name: 'x', expires_at: '2020-01-01T00:00:00Z' }, 'expires_at'],
    ['a creator from elsewhere', { name: 'x', creator_user_id: 'usr_nobody' }, 'creator_user_id'],
    ['an unknown field', { name: 'x', limitt: 5 }, 'limitt'],
    ['the kind of key', { name: 'x', kind: 'management' }, 'kind'],
    ['a list', [], ''],
    ['not JSON', '{', ''],
  ])('with %s is refused with the path of the field', async (_case, body, path) => {
    const { status, body: answer } = await call('POST', '/keys', { body });
    expect([status, answer.error.type, answer.error.metadata['path']]).toEqual([400, 'invalid_request', path]);
  });

  test('a body without end is cut off', async () => {
    expect((await call('POST', '/keys', { body: { name: 'x'.repeat(20_000) } })).status).toBe(413);
  });

  test('in a workspace works for the one that the organization has', async () => {
    const [first] = await listed();
    const workspace_id = String(first?.['workspace_id']);
    expect((await call('POST', '/keys', { body: { name: 'x', workspace_id } })).status).toBe(201);
    expect((await listed(`?workspace_id=${workspace_id}`)).length).toBeGreaterThan(0);
    const elsewhere = '0df9e665-d932-4740-b2c7-b52af166bc11';
    expect((await call('POST', '/keys', { body: { name: 'x', workspace_id: elsewhere } })).status).toBe(404);
    expect((await call('GET', `/keys?workspace_id=${elsewhere}`)).status).toBe(404);
  });
});

describe('who may', () => {
  test.each([
    ['GET', '/keys'],
    ['POST', '/keys'],
    ['GET', '/keys/abc'],
    ['PATCH', '/keys/abc'],
    ['DELETE', '/keys/abc'],
  ])('%s %s takes a management key, and says so', async (method, path) => {
    const body = method === 'POST' || method === 'PATCH' ? { body: { name: 'x' } } : {};
    const refused = await call(method, path, { key: market.key, ...body });
    expect(refused.status).toBe(403);
    expect(refused.body.error).toMatchObject({
      type: 'permission_denied',
      message: 'Only management keys can perform this operation',
    });
    expect((await fetch(`${market.url}${path}`, { method })).status).toBe(401);
  });

  test('keys of another organization, management keys and unknown keys are one and the same 404', async () => {
    const stranger = await createOrganization(market.db);
    const foreign = hashOf(stranger.apiKey);
    const own = hashOf(market.managementKey);
    const unknown = hashOf('nothing');
    for (const [method, body] of [['GET'], ['PATCH', { disabled: true }], ['DELETE']] as const) {
      const answers = await Promise.all(
        [foreign, own, unknown].map((hash) => call(method, `/keys/${hash}`, body === undefined ? {} : { body })),
      );
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    }
    expect(await market.db.keys.findByHash(foreign)).toMatchObject({ disabledAt: null });
    expect((await call('GET', '/keys')).status).toBe(200);
    expect((await listed('?include_disabled=true')).map(({ hash }) => hash)).not.toContain(own);
  });

  test('a frozen organization makes no keys', async () => {
    const { organizationId } = market;
    await market.db.ledger.setFrozen({ organizationId, isFrozen: true });
    const post = async () => (await call('POST', '/keys', { body: { name: 'x' } })).status;
    await eventually(post, (status) => status === 403);
    expect((await call('GET', '/keys')).status).toBe(200);
    await market.db.ledger.setFrozen({ organizationId, isFrozen: false });
    await eventually(post, (status) => status === 201);
  });
});

describe('lists', () => {
  test('leave disabled keys out unless asked, and go on from an offset, newest first', async () => {
    const names = ['first', 'second', 'third'];
    const made = [];
    for (const name of names) made.push(await make({ name }));
    await call('PATCH', `/keys/${made[1]?.hash}`, { body: { disabled: true } });
    expect((await listed()).slice(0, 2).map(({ name }) => name)).toEqual(['third', 'first']);
    expect((await listed('?include_disabled=true')).slice(0, 3).map(({ name }) => name)).toEqual(names.toReversed());
    expect((await listed('?include_disabled=true&offset=1'))[0]).toMatchObject({ name: 'second', disabled: true });
    expect(await listed('?offset=100000')).toEqual([]);
    for (const query of ['?offset=-1', '?offset=x', '?include_disabled=perhaps']) {
      const { status, body } = await call('GET', `/keys${query}`);
      expect([status, `?${body.error.metadata['path']}`]).toEqual([400, query.split('=')[0]]);
    }
  });
});

describe('changing a key', () => {
  test('changes what is named and nothing else, and says when it was changed', async () => {
    const { hash } = await make({ name: 'before', limit: 5, limit_reset: 'daily' });
    const { status, body } = await call('PATCH', `/keys/${hash}`, {
      body: { name: 'after', limit: 7.25, expires_at: '2099-06-01T00:00:00Z' },
    });
    expect(status).toBe(200);
    expect(body.data).toMatchObject({
      name: 'after',
      limit: 7.25,
      limit_reset: 'daily',
      disabled: false,
      expires_at: '2099-06-01T00:00:00.000Z',
      updated_at: expect.any(String),
    });
    const freed = await call('PATCH', `/keys/${hash}`, { body: { limit: null, limit_reset: null, expires_at: null } });
    expect(freed.body.data).toMatchObject({ limit: null, limit_remaining: null, window: null, expires_at: null });
    const same = await call('PATCH', `/keys/${hash}`, { body: {} });
    expect(same.body.data).toEqual(freed.body.data);
  });

  test.each([
    ['an unknown field', { diabled: true }, 'diabled'],
    ['a wrong type', { disabled: 'yes' }, 'disabled'],
    ['a limit with a tenth decimal', { limit: 1.0000000001 }, 'limit'],
  ])('with %s changes nothing', async (_case, body, path) => {
    const { hash } = await make();
    const refused = await call('PATCH', `/keys/${hash}`, { body: { name: 'changed', ...body } });
    expect([refused.status, refused.body.error.metadata['path']]).toEqual([400, path]);
    expect((await call('GET', `/keys/${hash}`)).body.data).toMatchObject({ name: 'made', updated_at: null });
  });

  test('a disabled key is refused by the very next request, and works again once enabled', async () => {
    const { text, hash } = await make();
    const ask = async () => (await call('GET', '/key', { key: text })).status;
    expect(await ask()).toBe(200);
    await call('PATCH', `/keys/${hash}`, { body: { disabled: true } });
    expect(await ask()).toBe(401);
    await call('PATCH', `/keys/${hash}`, { body: { disabled: false } });
    expect(await ask()).toBe(200);
  });

  test('a deleted key is refused by the very next request, for good, and its charges stay', async () => {
    const { text, hash } = await make();
    const { id } = (await (await market.chat(hi, { key: text })).json()) as { id: string };
    expect((await call('DELETE', `/keys/${hash}`)).body).toEqual({ deleted: true });
    expect((await call('GET', '/key', { key: text })).status).toBe(401);
    for (const method of ['GET', 'DELETE']) expect((await call(method, `/keys/${hash}`)).status).toBe(404);
    expect((await call('PATCH', `/keys/${hash}`, { body: { disabled: false } })).status).toBe(404);
    expect((await call('GET', `/generation?id=${id}`)).status).toBe(200);
  });
});

describe('the limit of a key', () => {
  test('counts in its own window, tells the window from the lifetime, and is not the balance', async () => {
    const { text, hash } = await make({ limit: 1, limit_reset: 'weekly' });
    const { usage } = (await (await market.chat(hi, { key: text })).json()) as { usage: { cost: number } };
    const { body } = await eventually(
      () => call('GET', '/key', { key: text }),
      ({ body }) => body.data['usage'] === usage.cost,
    );
    expect(body.data).toMatchObject({
      usage: usage.cost,
      usage_daily: usage.cost,
      usage_weekly: usage.cost,
      usage_monthly: usage.cost,
      limit: 1,
      limit_reset: 'weekly',
      is_management_key: false,
      is_provisioning_key: false,
    });
    const window = body.data['window'] as { start: string; end: string; used: number };
    expect(new Date(window.start).getUTCDay()).toBe(1);
    expect(Date.parse(window.end) - Date.parse(window.start)).toBe(7 * 86_400_000);
    expect(window.used).toBe(usage.cost);
    expect((await call('GET', `/keys/${hash}`)).body.data['window']).toMatchObject({ used: usage.cost });
  });

  test('below what is used refuses new requests as the limit of the key, shows zero, and leaves other keys alone', async () => {
    const { text, hash } = await make({ limit: 1, limit_reset: 'daily' });
    expect((await market.chat(hi, { key: text })).status).toBe(200);
    await eventually(
      () => call('GET', '/key', { key: text }),
      ({ body }) => Number(body.data['usage']) > 0,
    );
    const lowered = await call('PATCH', `/keys/${hash}`, { body: { limit: 0.000000001 } });
    expect(lowered.body.data).toMatchObject({ limit_remaining: 0, window: { remaining: 0 } });
    const refused = await market.chat(hi, { key: text });
    expect(refused.status).toBe(402);
    expect(await refused.json()).toMatchObject({
      error: {
        type: 'payment_required',
        message: expect.stringContaining('Key limit exceeded (daily limit)'),
        metadata: {
          reason: 'key_limit',
          limit: '0.000000001',
          limit_remaining: '0',
          limit_reset: 'daily',
          resets_at: expect.stringMatching(/T00:00:00\.000Z$/),
        },
      },
    });
    expect((await market.chat(hi)).status).toBe(200);
  });

  test('an empty account is told apart from an exhausted key', async () => {
    const poor = await createOrganization(market.db, { credits: nanodollars(1n) });
    const refused = await market.chat(hi, { key: poor.apiKey });
    expect(refused.status).toBe(402);
    expect(await refused.json()).toMatchObject({
      error: { type: 'payment_required', metadata: { reason: 'account_balance' } },
    });
  });
});

test('a web page of any origin may manage keys, because no cookie counts', async () => {
  const { headers } = await call('DELETE', `/keys/${(await make()).hash}`);
  expect(headers.get('access-control-allow-origin')).toBe('*');
  const preflight = await fetch(`${market.url}/keys/abc`, {
    method: 'OPTIONS',
    headers: { origin: 'https://a.example', 'access-control-request-method': 'DELETE' },
  });
  expect(preflight.headers.get('access-control-allow-methods')).toContain('DELETE');
});

test('openapi.json knows the routes, their bodies and both shapes of a key', async () => {
  const { body } = await call('GET', '/openapi.json');
  const { paths, components } = body as unknown as {
    paths: Record<string, Record<string, unknown>>;
    components: { schemas: Record<string, { properties: Record<string, unknown>; additionalProperties?: boolean }> };
  };
  expect(Object.keys(paths['/api/v1/keys'] ?? {})).toEqual(['get', 'post']);
  expect(Object.keys(paths['/api/v1/keys/{hash}'] ?? {}).sort()).toEqual(['delete', 'get', 'patch']);
  const { Key, ManagedKey, NewKey, KeyChanges } = components.schemas;
  expect(Object.keys(ManagedKey?.properties ?? {})).toEqual(expect.arrayContaining(['hash', 'workspace_id', 'window']));
  expect(Object.keys(Key?.properties ?? {})).toEqual(expect.arrayContaining(['label', 'rate_limit', 'expires_at']));
  expect(NewKey).toMatchObject({ required: ['name'], additionalProperties: false });
  expect(NewKey?.properties).toMatchObject({ limit: { type: ['number', 'null'], minimum: 0 } });
  expect(KeyChanges).toMatchObject({ additionalProperties: false });
});
