import type { ServerResponse } from 'node:http';
import Anthropic from '@anthropic-ai/sdk';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventually, heldAmount, type Market, openMarket, unknownKey } from './harness.ts';
import { beginStream, frames, hello, refuse, type Script } from './scripted-provider.ts';

/** Anthropic's dialect at its edges: what goes wrong, and who is told what. */
let market: Market;
let client: Anthropic;
const clientOf = (apiKey: string, root = market.root) =>
  new Anthropic({ baseURL: `${root}/api`, apiKey, maxRetries: 0 });
beforeAll(async () => {
  market = await openMarket();
  client = clientOf(market.key);
});
afterEach(() => play(hello));
afterAll(() => market.stop());

function play(script: Script): void {
  market.north.script = script;
  market.south.script = script;
}

/** Only the two scripted providers may serve. */
const provider = { only: ['sandbox-north', 'sandbox-south'], order: ['sandbox-north', 'sandbox-south'] };
const ask = {
  model: 'sandbox/atlas-1',
  max_tokens: 100,
  messages: [{ role: 'user' as const, content: 'hi' }],
  provider,
};

async function post(body: object | string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${market.root}/api/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': market.key, 'anthropic-version': '2023-06-01', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

describe('errors', () => {
  test.each([
    [429, Anthropic.RateLimitError, 'rate_limit_error'],
    [500, Anthropic.InternalServerError, 'api_error'],
    [503, Anthropic.InternalServerError, 'overloaded_error'],
  ] as const)("a provider's %i is told in Anthropic's words", async (status, type, word) => {
    play(refuse(status));
    const error: unknown = await client.messages.create(ask).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ type: word, error: { type: 'error', request_id: expect.stringMatching(/^gen-/) } });
  });

  test('a stranger, a manager, a wrong field, an unknown model: each has its class and its word', async () => {
    await expect(clientOf(unknownKey()).messages.create(ask)).rejects.toMatchObject({
      status: 401,
      type: 'authentication_error',
    });
    await expect(clientOf(market.managementKey).messages.create(ask)).rejects.toMatchObject({
      status: 403,
      type: 'permission_error',
    });
    const tooHot = { temperature: 9 };
    const wrong = client.messages.create({ ...ask, ...tooHot });
    await expect(wrong).rejects.toMatchObject({
      status: 400,
      type: 'invalid_request_error',
      error: { error: { error_type: 'invalid_request', metadata: { path: 'temperature' } } },
    });
    await expect(client.messages.create({ ...ask, model: 'nobody/nothing' })).rejects.toBeInstanceOf(
      Anthropic.BadRequestError,
    );
  });

  test('without credits there is a 402 that names the reason', async () => {
    const poor = await openMarket({ credits: '0' });
    try {
      await expect(clientOf(poor.key, poor.root).messages.create(ask)).rejects.toMatchObject({
        status: 402,
        type: 'billing_error',
        error: { error: { error_type: 'payment_required' } },
      });
    } finally {
      await poor.stop();
    }
  });

  test('a body that is no JSON, and one of another kind, are refused in the same form', async () => {
    for (const [response, status] of [
      [await post('{"model":'), 400],
      [await post('x', { 'content-type': 'image/png' }), 415],
    ] as const) {
      expect(response.status).toBe(status);
      expect(response.headers.get('request-id')).toBe(response.headers.get('x-generation-id'));
      expect(await response.json()).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
    }
  });

  test('an error in the middle of a stream ends it with an error event', async () => {
    play(({ response }) => {
      beginStream(response);
      response.write(frames.text('partial'));
      setTimeout(() => response.destroy(), 20);
    });
    const stream = client.messages.stream(ask);
    const pieces: string[] = [];
    stream.on('text', (piece) => pieces.push(piece));
    await expect(stream.finalMessage()).rejects.toBeInstanceOf(Anthropic.APIError);
    expect(pieces).toEqual(['partial']);
  });
});

test('hanging up frees what was held', async () => {
  const never = ({ response }: { readonly response: ServerResponse }): void => {
    beginStream(response);
    response.write(frames.role + frames.text('never ending'));
  };
  play(never);
  const stream = await client.messages.create({ ...ask, stream: true });
  for await (const event of stream) if (event.type === 'content_block_delta') stream.controller.abort();
  await eventually(
    () => heldAmount(market),
    (held) => held === 0n,
  );
});

test('the provider is asked in its own dialect, and never sees what speaks to the market', async () => {
  market.north.calls.length = 0;
  const sampling = { top_k: 3 };
  await client.messages.create({
    ...ask,
    ...sampling,
    system: 'S',
    metadata: { user_id: 'u-1' },
    stop_sequences: ['X'],
  });
  expect(market.north.calls[0]?.body).toMatchObject({
    messages: [
      { role: 'system', content: 'S' },
      { role: 'user', content: 'hi' },
    ],
    max_tokens: 100,
    stop: ['X'],
    top_k: 3,
  });
  expect(market.north.calls[0]?.body).not.toHaveProperty('provider');
  expect(JSON.stringify(market.north.calls[0])).not.toContain('u-1');
});

test('while a provider is silent the client gets pings that its SDK knows', async () => {
  const slow = await openMarket({ environment: { GATEWAY_KEEP_ALIVE_MS: '20', GATEWAY_FIRST_FLUSH_MS: '10' } });
  try {
    slow.north.script = ({ response }) => {
      beginStream(response);
      const rest = [frames.role, frames.text('hello'), frames.finish, frames.usage(10, 5), frames.done].join('');
      setTimeout(() => response.end(rest), 200);
    };
    const body = JSON.stringify({ ...ask, stream: true });
    const headers = { 'x-api-key': slow.key };
    const raw = await fetch(`${slow.root}/api/v1/messages`, { method: 'POST', headers, body });
    expect(await raw.text()).toMatch(/^event: ping\ndata: {"type":"ping"}\n\n/);
    const message = await clientOf(slow.key, slow.root).messages.stream(ask).finalMessage();
    expect(message.content).toEqual([{ type: 'text', text: 'hello', citations: null }]);
  } finally {
    await slow.stop();
  }
});

test('the same Idempotency-Key gets the same message', async () => {
  const headers = { 'idempotency-key': 'messages-1' };
  const first = await (await post(ask, headers)).json();
  const again = await post(ask, headers);
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect(await again.json()).toEqual(first);
});
