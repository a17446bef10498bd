import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openContract } from './conformance/contract.ts';
import { hi, type Market, openMarket } from './harness.ts';
import { beginStream, frames, hello, refuse } from './scripted-provider.ts';

let market: Market;
beforeAll(async () => {
  market = await openMarket();
});
afterAll(() => market.stop());
beforeEach(() => {
  market.north.script = hello;
  market.south.script = hello;
});

const ENABLED = { 'x-bourse-metadata': 'enabled' };

interface Told {
  readonly openrouter_metadata: Record<string, unknown> & {
    readonly endpoints: { readonly total: number; readonly available: readonly Record<string, unknown>[] };
  };
  readonly bourse_metadata: {
    readonly order: readonly Record<string, unknown>[];
    readonly excluded: readonly Record<string, unknown>[];
    readonly attempts: readonly Record<string, unknown>[];
    readonly chosen: Record<string, unknown> | null;
    readonly held_usd: string | null;
  };
}

function post(path: string, body: Record<string, unknown>, headers: Record<string, string> = ENABLED) {
  return fetch(`${market.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${market.key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

/** The objects that the events of a stream hold, in order. */
async function eventsOf(response: Response): Promise<Record<string, unknown>[]> {
  const lines = (await response.text()).split('\n').filter((line) => line.startsWith('data: {'));
  return lines.map((line) => JSON.parse(line.slice(6)) as Record<string, unknown>);
}

const contract = openContract();

/** A schema of OpenRouter's document that the block must satisfy; nothing is compared where the document is not. */
function expectAsDocumented(told: Told): void {
  expect(contract?.partDeviations('OpenRouterMetadata', told.openrouter_metadata) ?? []).toEqual([]);
}

const dialects = [
  ['chat completions', '/chat/completions', hi],
  ['messages', '/messages', hi],
  ['responses', '/responses', { ...hi, messages: undefined, input: 'hi', max_tokens: undefined }],
  ['completions', '/completions', { ...hi, messages: undefined, prompt: 'hi' }],
] as const;

describe('an answer tells its routing', () => {
  test.each(dialects)('whole, in %s', async (_name, path, body) => {
    const response = await post(path, body);
    expect(response.status).toBe(200);
    const told = (await response.json()) as Told;
    expect(told.openrouter_metadata).toMatchObject({
      requested: 'sandbox/atlas-1',
      strategy: 'direct',
      region: null,
      attempt: 1,
      is_byok: false,
      attempts: [{ model: 'sandbox/atlas-1', status: 200 }],
    });
    expect(told.openrouter_metadata.endpoints.available).toMatchObject([{ selected: true }, { selected: false }]);
    expect(told.bourse_metadata.order).toMatchObject([
      { position: 1, provider: 'sandbox-north', reason: 'order', why: 'named in provider.order' },
      { position: 2, provider: 'sandbox-south' },
    ]);
    expect(told.bourse_metadata.chosen).toMatchObject({
      provider: 'sandbox-north',
      position: 1,
      reason: 'order',
      chosen_because: 'It was asked first, and answered.',
      pricing: { prompt: expect.stringMatching(/^0\.0/), completion: expect.stringMatching(/^0\.0/) },
    });
    expect(told.bourse_metadata.held_usd).toMatch(/^0\.0/);
    expectAsDocumented(told);
  });

  test.each(dialects)('in the last event of a stream, in %s, and in no other', async (_name, path, body) => {
    const events = await eventsOf(await post(path, { ...body, stream: true }));
    const tellers = events.filter((event) => JSON.stringify(event).includes('openrouter_metadata'));
    expect(tellers).toEqual([events.at(-1)]);
    const [last] = tellers;
    const told = (last?.['response'] ?? last) as Told;
    expect(told.openrouter_metadata).toMatchObject({ attempt: 1, attempts: [{ status: 200 }] });
    expect(told.bourse_metadata.chosen).toMatchObject({ provider: 'sandbox-north' });
    expectAsDocumented(told);
  });

  test("in Google's dialect too", async () => {
    const body = { contents: [{ role: 'user', parts: [{ text: 'hi' }] }], provider: hi.provider };
    const path = 'beta/models/sandbox/atlas-1:';
    const whole = (await (await post(`${path}generateContent`, body)).json()) as Told;
    expect(whole.bourse_metadata.chosen).toMatchObject({ provider: 'sandbox-north' });
    const events = await eventsOf(await post(`${path}streamGenerateContent?alt=sse`, body));
    expect((events.at(-1) as unknown as Told).bourse_metadata.chosen).toMatchObject({ provider: 'sandbox-north' });
  });

  test.each([
    ['x-openrouter-metadata', 'enabled', true],
    ['x-openrouter-experimental-metadata', 'enabled', true],
    ['x-bourse-metadata', 'true', false],
    ['x-other', 'enabled', false],
  ])('%s: %s asks for it: %s', async (name, value, isTold) => {
    const body = (await (await post('/chat/completions', hi, { [name]: value })).json()) as Record<string, unknown>;
    expect('openrouter_metadata' in body).toBe(isTold);
    expect('bourse_metadata' in body).toBe(isTold);
  });

  test('attempts that failed are told with their outcome, and who answered after them', async () => {
    market.north.script = refuse(429);
    const told = (await (await post('/chat/completions', hi)).json()) as Told;
    expect(told.openrouter_metadata).toMatchObject({
      attempt: 2,
      attempts: [{ status: 429 }, { status: 200 }],
      endpoints: { available: [{ selected: false }, { selected: true }] },
    });
    expect(told.bourse_metadata.attempts).toMatchObject([
      { provider: 'sandbox-north', status: 429, outcome: 'rate_limited', latency_ms: expect.any(Number) },
      { provider: 'sandbox-south', status: 200, outcome: 'ok' },
    ]);
    expect(told.bourse_metadata.chosen).toMatchObject({
      provider: 'sandbox-south',
      chosen_because: expect.stringContaining('rate_limited'),
    });
  });

  test('endpoints that were left out are told with the reason and what to change', async () => {
    const told = (await (
      await post('/chat/completions', { ...hi, provider: { only: ['sandbox-north'] } })
    ).json()) as Told;
    expect(told.bourse_metadata.excluded).toContainEqual(
      expect.objectContaining({
        provider: 'sandbox-south',
        reason: 'not_in_only',
        change: 'add its provider to provider.only',
      }),
    );
    const { total } = told.openrouter_metadata.endpoints;
    expect(total).toBe(told.bourse_metadata.order.length + told.bourse_metadata.excluded.length);
  });
});

test('how a name was understood is told with its models', async () => {
  const ask = async (body: Record<string, unknown>) => (await (await post('/chat/completions', body)).json()) as Told;
  const floor = await ask({ ...hi, model: 'sandbox/atlas-1:floor', provider: { only: hi.provider.only } });
  expect(floor.openrouter_metadata).toMatchObject({ strategy: 'direct', requested: 'sandbox/atlas-1:floor' });
  expect(floor.bourse_metadata).toMatchObject({
    models: [{ model: 'sandbox/atlas-1', variants: ['floor'] }],
    order: [{ reason: 'sorted_by_price' }, { reason: 'sorted_by_price' }],
  });
  const withFallback = await ask({ ...hi, models: ['sandbox/nobody'] });
  expect(withFallback.openrouter_metadata).toMatchObject({ strategy: 'fallback' });
  expect(withFallback.bourse_metadata).toMatchObject({ requested_models: ['sandbox/atlas-1', 'sandbox/nobody'] });
});

describe('an error tells it too', () => {
  test('where nobody is allowed: beside the error, with nobody reached', async () => {
    const response = await post('/chat/completions', { ...hi, provider: { only: ['nobody'] } });
    expect(response.status).toBe(404);
    const told = (await response.json()) as Told;
    expect(told.openrouter_metadata).toMatchObject({
      requested: 'sandbox/atlas-1',
      attempt: 0,
      endpoints: { available: [] },
    });
    expect(told.bourse_metadata.excluded.length).toBeGreaterThan(0);
    expect(told.bourse_metadata.chosen).toBeNull();
    expectAsDocumented(told);
  });

  test.each([false, true])('where every attempt failed, stream %s', async (stream) => {
    market.north.script = refuse(500);
    market.south.script = refuse(503);
    const response = await post('/chat/completions', { ...hi, stream });
    const told = (await response.json()) as Told;
    expect(told.bourse_metadata.attempts.map(({ status }) => status)).toEqual([500, 503]);
    expect(told.openrouter_metadata).toMatchObject({ attempt: 2, attempts: [{ status: 500 }, { status: 503 }] });
  });

  test.each(dialects)('where a stream breaks off, in its last event, in %s', async (_name, path, body) => {
    market.north.script = ({ response }) => {
      beginStream(response);
      response.write([frames.role, frames.text('hel'), frames.text('lo')].join(''));
      setImmediate(() => response.destroy());
    };
    const events = await eventsOf(await post(path, { ...body, stream: true }));
    const told = (events.at(-1)?.['response'] ?? events.at(-1)) as Told & { error?: { message: string } };
    expect(JSON.stringify(told)).toContain('closed the connection');
    expect(told.openrouter_metadata).toMatchObject({ attempt: 1, attempts: [{ status: 200 }] });
    expect(told.bourse_metadata.chosen).toMatchObject({ provider: 'sandbox-north' });
  });

  test('where the credits do not suffice: the plan was made, and nobody asked', async () => {
    const poor = await openMarket({ credits: '0.00000001' });
    try {
      const response = await poor.chat(hi, { headers: ENABLED });
      expect(response.status).toBe(402);
      const told = (await response.json()) as Told;
      expect(told.bourse_metadata).toMatchObject({ attempts: [], chosen: null, held_usd: null });
      expect(told.bourse_metadata.order).toHaveLength(2);
    } finally {
      await poor.stop();
    }
  });

  test('before there is a plan there is nothing to tell', async () => {
    const response = await post('/chat/completions', { model: 'sandbox/atlas-1' });
    expect(response.status).toBe(400);
    expect(await response.text()).not.toContain('metadata":{"requested');
  });
});

test('an answer that was given before tells no routing: there was none', async () => {
  const safe = (key: string) => ({ ...ENABLED, 'idempotency-key': key });
  const kept = { ...ENABLED, 'x-bourse-cache': 'true' };
  for (const [headers, stream] of [
    [safe('whole'), false],
    [safe('streamed'), true],
    [kept, false],
    [kept, true],
  ] as const) {
    const first = await (await post('/chat/completions', { ...hi, stream }, headers)).text();
    const again = await (await post('/chat/completions', { ...hi, stream }, headers)).text();
    expect(first).toContain('"bourse_metadata"');
    expect(again).not.toContain('_metadata"');
    expect(again).toContain(stream ? '[DONE]' : '"hello"');
  }
});

test('nothing of the prompt and no key is told', async () => {
  market.north.script = refuse(500);
  const body = { ...hi, messages: [{ role: 'user', content: 'the crown jewels' }] };
  for (const asked of [body, { ...body, provider: { only: ['nobody'] } }, { ...body, stream: true }]) {
    const text = await (await post('/chat/completions', asked)).text();
    expect(text).toContain('bourse_metadata');
    expect(text).not.toContain('crown jewels');
    expect(text).not.toMatch(/sk-(?:sandbox|brs)/);
  }
});
