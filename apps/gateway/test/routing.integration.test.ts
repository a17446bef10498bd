import { nanodollarsFromUsd } from '@bourse/money';
import { createOrganization } from '@bourse/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { hi, type Market, openMarket } from './harness.ts';
import { hello, refuse } from './scripted-provider.ts';

let market: Market;
beforeAll(async () => {
  market = await openMarket();
});
afterAll(() => market.stop());
beforeEach(() => {
  for (const provider of [market.north, market.south]) {
    provider.script = hello;
    provider.calls.length = 0;
  }
});

interface Body {
  readonly model?: string;
  readonly provider?: string;
  readonly error?: { readonly message: string; readonly metadata: Readonly<Record<string, unknown>> };
}

const said = { model: 'sandbox/atlas-1', messages: hi.messages, max_tokens: 100 };

async function ask(fields: Record<string, unknown>, headers: Record<string, string> = {}) {
  const response = await market.chat({ ...said, ...fields }, { headers });
  return { status: response.status, body: (await response.json()) as Body }; // the gateway's own shape
}

/** Who was asked, as often as asked; `n` is the cheaper of the two. */
function askedInAll(): string {
  return 'n'.repeat(market.north.calls.length) + 's'.repeat(market.south.calls.length);
}

describe('who is asked', () => {
  test.each<readonly [fields: Record<string, unknown>, asked: string]>([
    [{ provider: { sort: 'price' } }, 'n'],
    [{ provider: { order: ['sandbox-south'] } }, 's'],
    [{ provider: { order: ['Southport Sandbox'] } }, 's'],
    [{ provider: { only: ['sandbox-south'] } }, 's'],
    [{ provider: { ignore: ['SANDBOX-NORTH'] } }, 's'],
    [{ provider: { max_price: { prompt: 0.19 } } }, 'n'],
    [{ provider: { data_collection: 'deny', zdr: true, sort: 'price' } }, 'n'],
    [{ provider: { regions: ['eu'], sort: 'price' } }, 'n'],
    [
      {
        provider: { sort: { by: 'price', partition: 'none' } },
        model: 'sandbox/atlas-reason',
        models: ['sandbox/atlas-1'],
      },
      'n',
    ],
    [{ model: 'sandbox/atlas-1:floor' }, 'n'],
    [{ model: 'sandbox/atlas-1:nitro', provider: { ignore: ['sandbox-north'] } }, 's'],
    [{ model: 'sandbox/atlas-1:floor:online', plugins: [{ id: 'web', enabled: false }] }, 'n'],
    [{ model: 'sandbox/none', models: ['sandbox/echo-free'] }, 's'],
    [{ model: 'bourse/free' }, 's'],
    [{ model: 'openrouter/free' }, 's'],
    [{ model: 'bourse/auto', plugins: [{ id: 'auto-router', allowed_models: ['*/echo-free'] }] }, 's'],
  ])('for %j', async (fields, asked) => {
    expect((await ask(fields)).status).toBe(200);
    expect(askedInAll()).toBe(asked);
  });

  test('the next in the plan, when the first fails, and nobody when there must be no fallback', async () => {
    market.north.script = refuse(500);
    expect(
      (await ask({ provider: { order: ['sandbox-north'], only: ['sandbox-north', 'sandbox-south'] } })).status,
    ).toBe(200);
    expect(askedInAll()).toBe('ns');
    const alone = await ask({ provider: { order: ['sandbox-north'], allow_fallbacks: false } });
    expect(alone.status).toBe(502);
    expect(askedInAll()).toBe('nns');
  });

  test('a router answers with the model that it chose', async () => {
    const { body } = await ask({ model: 'bourse/free' });
    expect(body).toMatchObject({ model: 'sandbox/echo-free', provider: 'Southport Sandbox' });
  });
});

describe('a preference holds in every dialect', () => {
  const provider = { only: ['sandbox-south'] };
  test.each<readonly [path: string, body: Record<string, unknown>]>([
    ['/api/v1/messages', { model: said.model, max_tokens: 50, messages: hi.messages, provider }],
    ['/api/v1/responses', { model: said.model, input: 'hi', provider }],
    ['/api/v1/completions', { model: said.model, prompt: 'hi', provider }],
    [
      '/api/v1beta/models/sandbox/atlas-1:generateContent',
      { contents: [{ role: 'user', parts: [{ text: 'hi' }] }], provider },
    ],
  ])('%s', async (path, body) => {
    const response = await fetch(`${market.root}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${market.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(200);
    await response.text();
    expect(askedInAll()).toBe('s');
  });
});

describe('a conversation', () => {
  const both = { only: ['sandbox-north', 'sandbox-south'], sort: 'price' };
  const south = { only: ['sandbox-south'] };

  test('that is named stays at the endpoint that answered it, by its body or its header', async () => {
    await ask({ session_id: 'one', provider: south });
    await ask({ session_id: 'one', provider: both });
    await ask({ provider: both }, { 'x-session-id': 'one' });
    await ask({ prompt_cache_key: 'two', provider: south });
    await ask({ prompt_cache_key: 'two', provider: both });
    expect(askedInAll()).toBe('sssss');
    await ask({ session_id: 'another', provider: both });
    await ask({ session_id: 'one', provider: { ...both, order: ['sandbox-north'] } });
    expect(askedInAll()).toBe('nnsssss');
  });

  test('that has no name stays once an answer came from a cache', async () => {
    const messages = [{ role: 'user', content: 'a conversation of its own' }];
    await ask({ messages, provider: south });
    await ask({ messages, provider: both });
    expect(askedInAll()).toBe('ns');
    market.south.script = ({ response }) => {
      const message = { role: 'assistant', content: 'hello' };
      const usage = { prompt_tokens: 10, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 8 } };
      const choices = [{ index: 0, message, finish_reason: 'stop' }];
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ id: 'c', object: 'chat.completion', created: 1, model: 'up', choices, usage }));
    };
    await ask({ messages, provider: south });
    const more = [...messages, { role: 'assistant', content: 'hello' }, { role: 'user', content: 'and now?' }];
    await ask({ messages: more, provider: both });
    expect(askedInAll()).toBe('nsss');
  });

  test('of another organization, or about another model, is another conversation', async () => {
    const other = await createOrganization(market.db, { credits: nanodollarsFromUsd('1') });
    await ask({ session_id: 'shared name', provider: south });
    const foreign = { ...said, session_id: 'shared name', provider: both };
    expect((await market.chat(foreign, { key: other.apiKey })).status).toBe(200);
    await ask({ session_id: 'shared name', model: 'sandbox/atlas-1-mini', provider: both });
    expect(askedInAll()).toBe('nns');
  });
});

describe('what a provider is told', () => {
  test('an endpoint of the default tier is not asked for another, which would be billed at another price', async () => {
    await ask({ service_tier: 'priority' });
    await ask({ service_tier: 'auto' });
    const tiers = [...market.north.calls, ...market.south.calls].map(({ body }) => body['service_tier']);
    expect(tiers.toSorted()).toEqual(['auto', undefined]);
  });
});

describe('a refusal says which setting to change', () => {
  test.each<
    readonly [fields: Record<string, unknown>, status: number, reason: string, excludedBy: string, words: string]
  >([
    [{ provider: { only: ['nobody'] } }, 404, 'constraint_filtered', 'allowed_providers', 'provider.only'],
    [
      { provider: { max_price: { prompt: 0.01 } } },
      404,
      'constraint_filtered',
      'max_price',
      'raise provider.max_price',
    ],
    [
      { provider: { quantizations: ['fp4'] } },
      404,
      'constraint_filtered',
      'quantization',
      'widen provider.quantizations',
    ],
    [{ model: 'sandbox/atlas-1:free' }, 404, 'free_variant_ended', 'not_free', 'drop the ":free" suffix'],
    [
      { model: 'openai/gpt-4o', provider: { zdr: true } },
      404,
      'privacy_restricted',
      'data_policy:zdr',
      'set provider.zdr to false',
    ],
    [
      { model: 'openai/gpt-4o', provider: { regions: ['jp'] } },
      403,
      'region_restricted',
      'data_region',
      'widen provider.regions',
    ],
    [
      { model: 'bourse/auto', plugins: [{ id: 'auto-router', allowed_models: ['no/*'] }] },
      404,
      'constraint_filtered',
      '',
      'allowed_models',
    ],
  ])('%j', async (fields, status, reason, excludedBy, words) => {
    const { status: actual, body } = await ask(fields);
    expect(actual).toBe(status);
    expect(body.error?.metadata['reason']).toBe(reason);
    if (excludedBy !== '') expect(body.error?.metadata['excluded_by']).toContain(excludedBy);
    expect(body.error?.message).toContain(words);
    expect(askedInAll()).toBe('');
  });

  test('options of a router that are none are a 400 that names them', async () => {
    const plugins = [{ id: 'auto-router', cost_tier: 'cheap' }];
    const { status, body } = await ask({ model: 'bourse/auto', plugins });
    expect([status, body.error?.metadata['path']]).toEqual([400, 'plugins.auto-router.cost_tier']);
  });
});
