import { nanodollarsFromUsd } from '@bourse/money';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { heldAmount, hi, type Market, openMarket } from './harness.ts';

let market: Market;
beforeAll(async () => {
  market = await openMarket();
});
afterAll(() => market.stop());

interface Quote {
  readonly order: readonly {
    readonly provider: string;
    readonly position: number;
    readonly estimated_usd: string;
    readonly worst_case_usd: string;
    readonly pricing: Record<string, string>;
  }[];
  readonly excluded: readonly { readonly provider: string; readonly reason: string; readonly change: string }[];
  readonly estimated_usd: string;
  readonly estimate: { readonly input_tokens: number; readonly output_tokens: number };
  readonly worst_case_usd: string;
  readonly credits: Record<string, unknown>;
}

interface AskOptions {
  readonly at?: Market;
  readonly query?: string;
  readonly key?: string;
}

function ask(body: unknown, { at = market, query = '', key = at.key }: AskOptions = {}): Promise<Response> {
  return fetch(`${at.url}/quote${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function quoteOf(body: unknown, options: AskOptions = {}): Promise<Quote> {
  const response = await ask(body, options);
  const answer = (await response.json()) as { data: Quote };
  expect(response.status, JSON.stringify(answer)).toBe(200);
  return answer.data;
}

/** What a real call with the same body set aside, and what it was charged. */
async function callOf(body: Record<string, unknown>, at = market) {
  const response = await at.chat(body, { headers: { 'x-bourse-metadata': 'enabled' } });
  const { bourse_metadata: told, usage } = (await response.json()) as {
    bourse_metadata: { held_usd: string; order: { provider: string }[] };
    usage: { cost: number };
  };
  return { held: told.held_usd, order: told.order.map(({ provider }) => provider), cost: usage.cost };
}

const usd = (text: string): bigint => nanodollarsFromUsd(text);

const longer = { ...hi, messages: [{ role: 'user', content: 'word '.repeat(3_000) }] };
const withTools = {
  ...hi,
  tools: [{ type: 'function', function: { name: 'look', parameters: { type: 'object', properties: {} } } }],
};

describe('the worst case is what the same request sets aside, and the estimate is not above it', () => {
  test.each([
    ['a short prompt', hi],
    ['a long one', longer],
    ['one without a cap', { ...hi, max_tokens: undefined }],
    ['several choices', { ...hi, n: 3 }],
    ['tools', withTools],
    ['a ceiling that shortens it', { ...longer, max_cost: '0.00095' }],
    ['one endpoint alone', { ...hi, provider: { only: ['sandbox-south'] } }],
    ['the cheapest first', { ...hi, model: 'sandbox/atlas-1:floor', provider: { only: hi.provider.only } }],
  ])('%s', async (_name, body) => {
    const quote = await quoteOf(body);
    const call = await callOf(body);
    expect(quote.worst_case_usd).toBe(call.held);
    expect(quote.order.map(({ provider }) => provider)).toEqual(call.order);
    for (const { estimated_usd: estimated, worst_case_usd: worst } of quote.order) {
      expect(usd(estimated)).toBeGreaterThan(0n);
      expect(usd(estimated)).toBeLessThanOrEqual(usd(worst));
    }
    expect(usd(quote.estimated_usd)).toBeLessThanOrEqual(usd(quote.worst_case_usd));
    expect(Number(quote.worst_case_usd)).toBeGreaterThanOrEqual(call.cost);
  });
});

test('a quote calls nobody, holds nothing, charges nothing and leaves no record', async () => {
  await market.booked();
  const before = await market.db.ledger.balance(market.organizationId);
  const calls = market.north.calls.length + market.south.calls.length;
  const response = await ask(hi);
  expect(response.status).toBe(200);
  expect(response.headers.get('x-generation-id')).toBeNull();
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  expect(market.north.calls.length + market.south.calls.length).toBe(calls);
  expect(await heldAmount(market)).toBe(0n);
  expect((await market.db.ledger.balance(market.organizationId)).posted).toBe(before.posted);
});

test('it names each endpoint with its price, and each that was left out with what to change', async () => {
  const { order, excluded } = await quoteOf({ ...hi, provider: { only: ['sandbox-north'] } });
  expect(order).toMatchObject([
    { position: 1, provider: 'sandbox-north', pricing: { prompt: expect.any(String), completion: expect.any(String) } },
  ]);
  expect(excluded).toContainEqual(
    expect.objectContaining({
      provider: 'sandbox-south',
      reason: 'not_in_only',
      change: 'add its provider to provider.only',
    }),
  );
});

test('the estimate counts the texts, and as much output as was said, within the cap', async () => {
  const [short, long] = [await quoteOf(hi), await quoteOf(longer)];
  expect(short.estimate.output_tokens).toBe(100);
  expect(long.estimate.input_tokens).toBeGreaterThan(short.estimate.input_tokens + 2_900);
  expect(usd(long.estimated_usd)).toBeGreaterThan(usd(short.estimated_usd));
  expect((await quoteOf(hi, { query: '?output_tokens=7' })).estimate.output_tokens).toBe(7);
  const uncapped = { ...hi, max_tokens: undefined };
  expect((await quoteOf(uncapped)).estimate.output_tokens).toBe(500);
  expect((await ask(hi, { query: '?output_tokens=many' })).status).toBe(400);
});

test.each([
  ['a response', { ...hi, messages: undefined, max_tokens: undefined, input: 'hi' }],
  ['a completion', { ...hi, messages: undefined, prompt: 'hi' }],
  [
    "a conversation of Google's",
    { model: hi.model, provider: hi.provider, contents: [{ role: 'user', parts: [{ text: 'hi' }] }] },
  ],
])('%s is quoted too', async (_name, body) => {
  expect((await quoteOf(body)).order).toHaveLength(2);
});

test("a message is told from a chat by its clients' header", async () => {
  const body = { ...hi, system: [{ type: 'text', text: 'word '.repeat(500) }] };
  const response = await fetch(`${market.url}/quote`, {
    method: 'POST',
    headers: { 'x-api-key': market.key, 'anthropic-version': '2023-06-01', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const { data } = (await response.json()) as { data: Quote };
  expect(data.estimate.input_tokens).toBeGreaterThan(500);
});

describe('whether the money suffices', () => {
  test('with enough of it the request goes as it was asked', async () => {
    const { credits, worst_case_usd: worst } = await quoteOf(hi);
    expect(credits).toMatchObject({
      suffices: true,
      outcome: 'as_asked',
      limited_by: 'account_balance',
      held_usd: worst,
    });
  });

  test('a little shortens it, as the request itself is shortened then, and nothing refuses it', async () => {
    const poor = await openMarket({ credits: '0.0004' });
    try {
      const body = { ...hi, max_tokens: 8_000 };
      const { credits, worst_case_usd: worst } = await quoteOf(body, { at: poor });
      expect(credits).toMatchObject({ suffices: true, outcome: 'shortened', available_usd: '0.0004' });
      expect(usd(worst)).toBeGreaterThan(usd('0.0004'));
      expect((await callOf(body, poor)).held).toBe(credits['held_usd']);
    } finally {
      await poor.stop();
    }
    const broke = await openMarket({ credits: '0.00000001' });
    try {
      const { credits } = await quoteOf(hi, { at: broke });
      expect(credits).toMatchObject({ suffices: false, outcome: 'refused', available_usd: '0.00000001' });
      expect((await broke.chat(hi)).status).toBe(402);
    } finally {
      await broke.stop();
    }
  });

  test("a key's own limit counts before the balance", async () => {
    const { plaintext } = await market.db.keys.create({
      organizationId: market.organizationId,
      createdByUserId: null,
      kind: 'inference',
      name: 'capped',
      limit: nanodollarsFromUsd('0.000000001'),
    });
    const { credits } = await quoteOf(hi, { key: plaintext });
    expect(credits).toMatchObject({ suffices: false, limited_by: 'key_limit' });
  });
});

describe('what the request is refused for, its quote is refused for, in the same words', () => {
  test.each([
    ['an unknown model', { ...hi, model: 'sandbox/atlas-2' }],
    ['nobody allowed', { ...hi, provider: { only: ['nobody'] } }],
    ['a price that nobody meets', { ...hi, provider: { max_price: { prompt: '0.0001' } } }],
    ['a ceiling below one token', { ...hi, max_cost: '0.000000001' }],
    ['a wrong field', { ...hi, temperature: 9 }],
    ['an output that nobody writes', { ...hi, max_tokens: 1_000_000 }],
    ['no messages', { model: 'sandbox/atlas-1' }],
  ])('%s', async (_name, body) => {
    const [quoted, called] = [await ask(body), await market.chat(body)];
    expect(quoted.status).toBe(called.status);
    expect(quoted.status).toBeGreaterThanOrEqual(400);
    const error = async (response: Response) => {
      const { error: told } = (await response.json()) as { error: { metadata: Record<string, unknown> } };
      return { ...told, metadata: { ...told.metadata, generation_id: null } };
    };
    expect(await error(quoted)).toEqual({ ...(await error(called)) });
  });

  test('no key, or one of another kind', async () => {
    expect((await ask(hi, { key: 'none' })).status).toBe(401);
    expect((await ask(hi, { key: market.managementKey })).status).toBe(403);
  });
});
