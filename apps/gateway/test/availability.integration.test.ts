import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { hi, type Market, openMarket } from './harness.ts';
import { hello, refuse, type Script } from './scripted-provider.ts';

let market: Market;
beforeAll(async () => {
  market = await openMarket();
});
afterAll(() => market.stop());
beforeEach(() => {
  market.north.script = hello;
  market.south.script = hello;
});

interface Told {
  readonly message: string;
  readonly metadata: Record<string, unknown>;
  readonly availability?: Record<string, unknown>;
}

async function refusal(body: Record<string, unknown>, path = '/chat/completions') {
  const response = await fetch(`${market.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${market.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const { error } = (await response.json()) as { error: Told };
  return { status: response.status, retryAfter: response.headers.get('retry-after'), ...error };
}

const south = { ...hi, provider: { only: ['sandbox-south'] } };

describe('why nobody can be asked', () => {
  test.each([
    [{ ...hi, model: 'sandbox/atlas-2' }, 400, 'model_not_found', { fallback_models: expect.any(Array) }],
    [
      { ...hi, provider: { only: ['nobody'] } },
      404,
      'constraint_filtered',
      { excluded_by: ['allowed_providers'], constraint: { field: 'provider.only' } },
    ],
    [
      { ...hi, provider: { only: hi.provider.only, max_price: { prompt: '0.0001' } } },
      404,
      'constraint_filtered',
      { excluded_by: expect.arrayContaining(['max_price']) },
    ],
    [
      { ...hi, provider: undefined, max_tokens: 1_000_000 },
      404,
      'constraint_filtered',
      { constraint: { field: 'max_tokens' } },
    ],
  ])('%o is a %i of %s', async (body, status, code, rest) => {
    const error = await refusal(body);
    expect(error.status).toBe(status);
    expect(error.availability).toMatchObject({
      code,
      retryable: false,
      requested_models: [body.model],
      docs_url: expect.stringMatching(new RegExp(`/docs#${code}$`)),
      ...rest,
    });
    expect(error.metadata).not.toHaveProperty('availability');
  });

  test('a model of another kind: the right route is named', async () => {
    const { models } = await fetch(`${market.url}/embeddings/models`).then(async (response) => {
      const { data } = (await response.json()) as { data: { id: string }[] };
      return { models: data };
    });
    const error = await refusal({ ...hi, provider: undefined, model: models[0]?.id ?? '' });
    expect(error.availability).toMatchObject({ code: 'wrong_endpoint', retryable: false });
    expect(error.message).toContain('/api/v1/embeddings');
  });

  test("Anthropic's dialect has it beside its message, too", async () => {
    const error = await refusal({ ...hi, provider: { only: ['nobody'] } }, '/messages');
    expect(error.availability).toMatchObject({ code: 'constraint_filtered', retryable: false });
  });
});

describe('why nobody answered', () => {
  test("all at their providers' rate limits: a 429 with the shortest wait, told apart from a limit of ours", async () => {
    market.north.script = refuse(429, { 'retry-after': '30' });
    market.south.script = refuse(429, { 'retry-after': '12' });
    const error = await refusal(hi);
    expect([error.status, error.retryAfter]).toEqual([429, '12']);
    expect(error.availability).toMatchObject({
      code: 'capacity_exhausted',
      retryable: true,
      retry_after: 12,
      affected_providers: ['sandbox-north', 'sandbox-south'],
    });
    expect(error.metadata).toMatchObject({
      limit_source: 'upstream',
      is_byok: false,
      raw: 'upstream says 429',
      previous_errors: [{ provider: 'sandbox-north', code: 'rate_limited', status: 429 }],
    });
    expect(error.message).toMatch(/rate limit.*Retry after 12 s, or add providers to provider\.only/);
  });

  test.each([
    [500, 502],
    [503, 503],
  ])('failures with %i: a %i that is temporary', async (upstream, status) => {
    market.south.script = refuse(upstream);
    const error = await refusal(south);
    expect(error.status).toBe(status);
    expect(error.availability).toMatchObject({ code: 'temporarily_unavailable', retryable: true });
    expect(error.availability).not.toHaveProperty('retry_after');
  });

  test.each([401, 402, 403])('a %i speaks of our account: nothing of it is told, and it is a 502', async (upstream) => {
    market.south.script = ({ response }) => {
      response.writeHead(upstream, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { message: 'account of Mr Bourse is empty', code: 'account_empty' } }));
    };
    const error = await refusal(south);
    expect(error.status).toBe(502);
    expect(JSON.stringify(error)).not.toMatch(/Mr Bourse|account_empty/);
    expect(error.message).toContain('provider.only');
  });

  test("keys and accounts in a provider's words never leave", async () => {
    const leaky: Script = ({ response }) => {
      const message = 'rate limit of org-1234567890abc for key sk-live-abcdefghijkl via http://10.0.0.7/v1';
      response.writeHead(429, { 'content-type': 'application/json' }).end(JSON.stringify({ error: { message } }));
    };
    market.south.script = leaky;
    const text = JSON.stringify(await refusal(south));
    expect(text).not.toMatch(/1234567890abc|abcdefghijkl|10\.0\.0\.7/);
    expect(text).toContain('[redacted]');
  });

  test('a request that a provider refuses is not a lack of anybody: there is no availability', async () => {
    market.south.script = refuse(400);
    const error = await refusal(south);
    expect(error.status).toBe(400);
    expect(error).not.toHaveProperty('availability');
    expect(error.message).toMatch(/refused the request.*upstream says 400/);
  });
});
