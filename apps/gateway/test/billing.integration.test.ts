import { ledgerCheck } from '@bourse/db';
import { type Nanodollars, nanodollars, nanodollarsFromUsd } from '@bourse/money';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hi as anywhere, eventually, heldAmount, type Market, openMarket } from './harness.ts';
import { beginStream, frames, hello, refuse, type Script } from './scripted-provider.ts';

/** One endpoint only, so that one price decides. */
const hi = { ...anywhere, provider: { only: ['sandbox-north'] } };

let market: Market;
beforeEach(async () => {
  market = await openMarket({ credits: '0.000000001' });
});
afterEach(async () => {
  // Whatever was paid: the hold is resolved, the books agree, and nobody owes us.
  await eventually(
    () => heldAmount(market),
    (held) => held === 0n,
  );
  expect(
    (await ledgerCheck({ url: market.databaseUrl, form: 'full' })).filter((check) => check.differences > 0),
  ).toEqual([]);
  expect((await market.db.ledger.balance(market.organizationId)).available).toBeGreaterThanOrEqual(0n);
  await market.stop();
});

interface Refusal {
  readonly error: { code: number; metadata: { reason: string; needed: string; needed_at_least: string } };
}

/** What a request may cost, and what its prompt with one token of an answer costs: told by a ceiling that buys neither. */
async function needs(body: Record<string, unknown>): Promise<{ most: Nanodollars; least: Nanodollars }> {
  const response = await market.chat({ ...body, max_cost: '0.000000001' });
  const { error } = (await response.json()) as Refusal;
  expect(response.status).toBe(402);
  return { most: nanodollarsFromUsd(error.metadata.needed), least: nanodollarsFromUsd(error.metadata.needed_at_least) };
}

/** The price of one more token of output, markup included. */
async function outputPrice(): Promise<bigint> {
  const [hundred, two] = await Promise.all([needs({ ...hi, max_tokens: 100 }), needs({ ...hi, max_tokens: 200 })]);
  return (two.most - hundred.most) / 100n;
}

/** Credits for the prompt and so many tokens of output. */
async function creditsFor(tokens: number): Promise<Nanodollars> {
  const [{ least }, price] = await Promise.all([needs(hi), outputPrice()]);
  return nanodollars(least + price * BigInt(tokens - 1));
}

async function grant(amount: Nanodollars): Promise<void> {
  const { organizationId } = market;
  await market.db.ledger.grant({
    idempotencyKey: `grant:${amount}`,
    organizationId,
    amount,
    reference: 't',
    actor: 'test',
  });
}

const spent = async () => (await market.db.ledger.totals(market.organizationId)).totalUsage;

async function recordOf(response: Response) {
  const id = response.headers.get('x-generation-id') ?? '';
  const record = await eventually(
    () => market.db.generations.find({ id, organizationId: market.organizationId }),
    (found) => found !== null,
  );
  if (record === null) throw new Error('no record');
  return record;
}

const upstreamCap = (index = 0) => market.north.calls.at(index)?.body['max_tokens'];

/** A provider that writes a word at a time until it is hung up on, whatever it was told. */
const endless: Script = async ({ response }) => {
  beginStream(response);
  response.write(frames.role);
  while (!response.destroyed) {
    response.write(frames.text('word after word '));
    await new Promise((resolve) => setImmediate(resolve));
  }
};

/** A whole answer with this usage. */
function answering(promptTokens: number, completionTokens: number, content = 'hello'): Script {
  return ({ response }) => {
    const usage = { prompt_tokens: promptTokens, completion_tokens: completionTokens, cost: 0 };
    const choices = [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }];
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ id: 'c', object: 'chat.completion', created: 1, model: 'up', choices, usage }));
  };
}

function lastError(text: string) {
  const data = text.split('\n').flatMap((line) => (line.startsWith('data: {') ? [JSON.parse(line.slice(6))] : []));
  return { error: data.at(-1)?.error, isDone: text.includes('[DONE]') };
}

describe('credits for a part of max_tokens', () => {
  test('shorten the answer instead of refusing it, and the provider is told', async () => {
    await grant(await creditsFor(40));
    const response = await market.chat(hi);
    expect(response.status).toBe(200);
    expect((await response.json()).choices[0].message.content).toBe('hello');
    expect(upstreamCap()).toBe(40);
    expect((await recordOf(response)).flags).toEqual(['shortened']);
  });

  test('shorten it under the name that the client used, streamed as well', async () => {
    await grant(await creditsFor(40));
    const { max_tokens: cap, ...body } = hi;
    const response = await market.chat({ ...body, max_completion_tokens: cap, stream: true });
    expect(await response.text()).toContain('[DONE]');
    const [call] = market.north.calls;
    expect(call?.body['max_completion_tokens'] ?? call?.body['max_tokens']).toBe(40);
  });

  test('name a cap to the provider where the client named none', async () => {
    await grant(await creditsFor(40));
    const { max_tokens: _cap, ...body } = hi;
    const response = await market.chat(body);
    expect(response.status).toBe(200);
    expect(upstreamCap()).toBe(40);
  });

  test('shorten the answer of each endpoint to what they buy there', async () => {
    await grant(await creditsFor(40));
    market.north.script = refuse(503);
    const response = await market.chat(anywhere);
    expect(response.status).toBe(200);
    expect(upstreamCap()).toBe(40);
    expect(market.south.calls[0]?.body['max_tokens']).toBeLessThan(40);
    expect((await recordOf(response)).flags).toEqual(['shortened']);
  });

  test('are refused when they do not even buy one token, and no provider is called', async () => {
    await grant(nanodollars((await creditsFor(1)) - 2n));
    const response = await market.chat(hi);
    const body = (await response.json()) as Refusal;
    expect(response.status).toBe(402);
    expect(body.error.metadata.reason).toBe('account_balance');
    expect(market.north.calls).toHaveLength(0);
  });

  test('end a stream whose provider writes on regardless, with a typed reason, charged no more than was held', async () => {
    const credits = await creditsFor(40);
    await grant(credits);
    market.north.script = endless;
    const response = await market.chat({ ...hi, stream: true });
    const { error, isDone } = lastError(await response.text());
    expect(error).toMatchObject({ code: 402, metadata: { reason: 'account_balance' } });
    expect(isDone).toBe(false);
    const record = await recordOf(response);
    expect(record).toMatchObject({ end: 'finished', errorCode: 'insufficient_credits', basis: 'estimated' });
    expect(record.flags).toEqual(
      expect.arrayContaining(['estimated', 'method:o200k_base', 'shortened', 'money_spent']),
    );
    expect(record.charge).toBeGreaterThan(0n);
    expect(record.charge).toBeLessThanOrEqual(credits + 1n);
    await eventually(
      async () => market.north.aborted,
      (aborted) => aborted === 1,
    );
  });

  test('leave a request alone that they cover', async () => {
    await grant(nanodollarsFromUsd('5'));
    const { max_tokens: _cap, ...body } = hi;
    const response = await market.chat(body);
    expect(response.status).toBe(200);
    expect(market.north.calls[0]?.body).not.toHaveProperty('max_tokens');
    expect((await recordOf(response)).flags).toEqual([]);
  });
});

describe('max_cost', () => {
  const usd = (amount: bigint) => `0.${amount.toString().padStart(9, '0')}`;

  test('shortens the answer to what it buys', async () => {
    const ceiling = await creditsFor(25);
    await grant(nanodollarsFromUsd('5'));
    const response = await market.chat({ ...hi, max_cost: usd(ceiling) });
    expect(response.status).toBe(200);
    expect(upstreamCap()).toBe(25);
    expect(market.north.calls[0]?.body).not.toHaveProperty('max_cost');
    expect(await spent()).toBeLessThanOrEqual(ceiling);
  });

  test('changes nothing when it is more than the request can cost', async () => {
    await grant(nanodollarsFromUsd('5'));
    const response = await market.chat({ ...hi, max_cost: 1 });
    expect(response.status).toBe(200);
    expect(upstreamCap()).toBe(100);
    expect((await recordOf(response)).flags).toEqual([]);
  });

  test('is never exceeded, whatever the provider reports', async () => {
    const ceiling = await creditsFor(25);
    await grant(nanodollarsFromUsd('5'));
    market.north.script = answering(100, 900, 'word '.repeat(900));
    const response = await market.chat({ ...hi, max_cost: usd(ceiling) });
    const body = await response.json();
    expect(nanodollarsFromUsd(body.usage.cost.toFixed(9))).toBeLessThanOrEqual(ceiling);
    const record = await recordOf(response);
    expect(record.charge).toBeLessThanOrEqual(ceiling);
    expect(record.cost).toBeGreaterThan(record.charge);
    expect(record.flags).toEqual(['shortened', 'capped']);
  });

  test('ends a stream that reached it, with a typed reason', async () => {
    const ceiling = await creditsFor(25);
    await grant(nanodollarsFromUsd('5'));
    market.north.script = endless;
    const response = await market.chat({ ...hi, stream: true, max_cost: usd(ceiling) });
    const { error } = lastError(await response.text());
    expect(error).toMatchObject({ code: 402, metadata: { reason: 'max_cost' } });
    const record = await recordOf(response);
    expect(record.errorCode).toBe('max_cost_reached');
    expect(record.charge).toBeLessThanOrEqual(ceiling);
  });

  test('refuses a request that costs more with its first token', async () => {
    await grant(nanodollarsFromUsd('5'));
    const response = await market.chat({ ...hi, max_cost: '0.000000001' });
    const { error } = (await response.json()) as Refusal;
    expect(response.status).toBe(402);
    expect(error.metadata.reason).toBe('max_cost');
    expect(market.north.calls).toHaveLength(0);
  });

  test.each([0, -1, 'free', '0.0000000001', [1]])('must be an amount: %o is told by its path', async (ceiling) => {
    const response = await market.chat({ ...hi, max_cost: ceiling });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { metadata: { path: 'max_cost' } } });
  });
});

describe("a key's limit", () => {
  test('shortens the answer to what it leaves, and is not exceeded by a provider that writes on', async () => {
    const limit = await creditsFor(30);
    await grant(nanodollarsFromUsd('5'));
    const { organizationId } = market;
    const { plaintext: key } = await market.db.keys.create({
      organizationId,
      createdByUserId: null,
      kind: 'inference',
      name: 'l',
      limit,
    });
    market.north.script = endless;
    const response = await market.chat({ ...hi, stream: true }, { key });
    expect(lastError(await response.text()).error).toMatchObject({ code: 402, metadata: { reason: 'key_limit' } });
    expect(upstreamCap()).toBe(30);
    expect((await recordOf(response)).charge).toBeLessThanOrEqual(limit);
    const refused = await market.chat(hi, { key });
    expect(refused.status).toBe(402);
    expect(((await refused.json()) as Refusal).error.metadata.reason).toBe('key_limit');
  });
});

describe('what the house loses', () => {
  beforeEach(() => grant(nanodollarsFromUsd('5')));

  test('a stream that breaks costs the customer nothing and us what the provider bills', async () => {
    market.north.script = async ({ response }) => {
      beginStream(response);
      response.write(frames.role + frames.text('Once upon a time'));
      await new Promise((resolve) => setImmediate(resolve));
      response.destroy();
    };
    const response = await market.chat({ ...hi, stream: true });
    await response.text();
    const record = await recordOf(response);
    expect(record).toMatchObject({ charge: 0n, flags: ['cost_estimated', 'method:bytes', 'insured'] });
    expect(record.cost).toBeGreaterThan(0n);
    expect(await spent()).toBe(0n);
  });

  test('a blank answer with usage is insured, at the cost that was reported', async () => {
    market.north.script = ({ response }) => {
      beginStream(response);
      response.end([frames.role, frames.finish, frames.usage(10, 0), frames.done].join(''));
    };
    const response = await market.chat({ ...hi, stream: true });
    await response.text();
    const record = await recordOf(response);
    expect(record).toMatchObject({ charge: 0n, flags: ['insured'] });
    expect(record.cost).toBeGreaterThan(0n);
  });

  test('a provider that refuses costs nobody anything', async () => {
    market.north.script = refuse(500);
    market.south.script = refuse(500);
    const response = await market.chat(hi);
    expect(await recordOf(response)).toMatchObject({ charge: 0n, cost: 0n, flags: ['insured'] });
  });
});

describe('counts', () => {
  beforeEach(() => grant(nanodollarsFromUsd('5')));

  test('of a provider that reports zero for what it wrote are ours, not free', async () => {
    market.north.script = answering(0, 0);
    const response = await market.chat(hi);
    const body = await response.json();
    expect(body.usage).toMatchObject({ is_estimated: true });
    expect(body.usage.cost).toBeGreaterThan(0);
    expect((await recordOf(response)).flags).toEqual(['estimated', 'method:o200k_base']);
  });

  test.each([
    ['negative', -5, 5],
    ['fractional', 10, 2.5],
    ['beyond the context', 10, 90_000_000],
    ['beyond the prompt', 20_000, 5],
    ['beyond the answer', 10, 9_000],
  ])('that are %s are never charged', async (_what, promptTokens, completionTokens) => {
    market.north.script = answering(promptTokens, completionTokens);
    const response = await market.chat(hi);
    expect((await response.json()).usage.completion_tokens).toBeLessThan(10);
    expect((await recordOf(response)).flags).toEqual(['estimated', 'method:o200k_base', 'usage_rejected']);
  });

  test('of a text with control words are made like of any other', async () => {
    market.north.script = ({ response }) => {
      beginStream(response);
      response.end([frames.role, frames.text('<|endoftext|>'), frames.finish, frames.done].join(''));
    };
    const response = await market.chat({
      ...hi,
      stream: true,
      messages: [{ role: 'user', content: '<|im_start|> hi' }],
    });
    expect(await response.text()).toContain('[DONE]');
    expect(await recordOf(response)).toMatchObject({ basis: 'estimated', end: 'finished' });
  });

  test('with a cost of zero beside tokens are charged by the tokens', async () => {
    market.north.script = answering(10, 5);
    const response = await market.chat(hi);
    expect((await response.json()).usage.cost).toBeGreaterThan(0);
    expect((await recordOf(response)).flags).toEqual([]);
  });

  test('that came stay as they came', async () => {
    market.north.script = hello;
    const response = await market.chat(hi);
    expect((await response.json()).usage).toMatchObject({ prompt_tokens: 10, completion_tokens: 5 });
  });
});
