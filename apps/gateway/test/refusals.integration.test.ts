import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, heldAmount, hi, type Market, openMarket, unknownKey } from './harness.ts';

let market: Market;
beforeAll(async () => {
  market = await openMarket({ environment: { GATEWAY_BODY_BYTES_MAX: '65536' } });
});
afterAll(() => market.stop());

interface ErrorBody {
  readonly error: {
    readonly code: number;
    readonly message: string;
    readonly type: string;
    readonly metadata: Record<string, unknown>;
  };
}

async function refusal(response: Response): Promise<ErrorBody['error'] & { status: number }> {
  expect(response.headers.get('content-type')).toContain('application/json');
  const body = (await response.json()) as ErrorBody;
  expect(body.error.code).toBe(response.status);
  expect(body.error.message.length).toBeGreaterThan(10);
  expect(await heldAmount(market)).toBe(0n);
  return { ...body.error, status: response.status };
}

describe('401', () => {
  test.each([
    ['no key', {}],
    ['a scheme that is not Bearer', { authorization: 'Basic abc' }],
    ['a key that is not ours', { authorization: 'Bearer sk-or-v1-0123456789' }],
    ['a key with a typing error', { authorization: `Bearer ${unknownKey().slice(0, -1)}!` }],
    ['a well-formed key that nobody has', { authorization: `Bearer ${unknownKey()}` }],
  ])('%s', async (_name, headers) => {
    const response = await fetch(`${market.url}/chat/completions`, {
      method: 'POST',
      body: JSON.stringify(hi),
      headers: headers as Record<string, string>,
    });
    expect(await refusal(response)).toMatchObject({ status: 401, type: 'authentication' });
    expect(response.headers.get('x-generation-id')).toMatch(/^gen-/);
  });

  test('an expired key', async () => {
    const { plaintext } = await market.db.keys.create({
      organizationId: market.organizationId,
      createdByUserId: null,
      kind: 'inference',
      name: 'old',
      expiresAt: new Date(Date.now() - 1_000),
    });
    expect(await refusal(await market.chat(hi, { key: plaintext }))).toMatchObject({ status: 401 });
  });

  test('a key that was used a moment ago and is revoked stops working within 5 seconds, without a restart', async () => {
    const { record, plaintext } = await market.db.keys.create({
      organizationId: market.organizationId,
      createdByUserId: null,
      kind: 'inference',
      name: 'short',
    });
    expect((await market.chat(hi, { key: plaintext })).status).toBe(200);
    const revokedAt = Date.now();
    await market.db.keys.revoke({ id: record.id, organizationId: market.organizationId });
    await eventually(
      async () => (await market.chat(hi, { key: plaintext })).status,
      (status) => status === 401,
    );
    expect(Date.now() - revokedAt).toBeLessThan(5_000);
  });

  test('the key may come as x-api-key too', async () => {
    const response = await fetch(`${market.url}/chat/completions`, {
      method: 'POST',
      body: JSON.stringify(hi),
      headers: { 'x-api-key': market.key },
    });
    expect(response.status).toBe(200);
  });
});

describe('400', () => {
  const messages = hi.messages;
  test.each([
    ['not JSON', '{', ''],
    ['no messages', JSON.stringify({ model: 'sandbox/atlas-1' }), 'messages'],
    ['messages of the wrong type', JSON.stringify({ model: 'sandbox/atlas-1', messages: 'hi' }), 'messages'],
    [
      'a message without a role',
      JSON.stringify({ model: 'sandbox/atlas-1', messages: [{ content: 'x' }] }),
      'messages',
    ],
    [
      'a temperature out of range',
      JSON.stringify({ model: 'sandbox/atlas-1', messages, temperature: 9 }),
      'temperature',
    ],
    ['a negative max_tokens', JSON.stringify({ model: 'sandbox/atlas-1', messages, max_tokens: -1 }), 'max_tokens'],
    [
      'an unknown member of provider',
      JSON.stringify({ model: 'sandbox/atlas-1', messages, provider: { prefer: ['x'] } }),
      'provider',
    ],
  ])('%s', async (_name, body, path) => {
    const response = await fetch(`${market.url}/chat/completions`, {
      method: 'POST',
      body,
      headers: { authorization: `Bearer ${market.key}` },
    });
    const error = await refusal(response);
    expect(error).toMatchObject({ status: 400, type: 'invalid_request' });
    expect(String(error.metadata['path'])).toContain(path);
  });

  test('a model that does not exist, with the nearest names', async () => {
    const error = await refusal(await market.chat({ ...hi, model: 'sandbox/atlas-2' }));
    expect(error.status).toBe(400);
    expect(JSON.stringify(error)).toContain('sandbox/atlas-1');
  });
});

test('402: credits that do not buy one token of an answer say what there is and what is needed', async () => {
  const poor = await openMarket({ credits: '0.00000001' });
  try {
    const response = await poor.chat({ ...hi, max_tokens: 8_000 });
    expect(response.status).toBe(402);
    const { error } = (await response.json()) as ErrorBody;
    expect(error).toMatchObject({
      type: 'payment_required',
      metadata: { reason: 'account_balance', available: '0.00000001' },
    });
    expect(error.message).toContain('Add credits');
  } finally {
    await poor.stop();
  }
});

test('402: the limit of a key is told apart from the balance', async () => {
  const { plaintext } = await market.db.keys.create({
    organizationId: market.organizationId,
    createdByUserId: null,
    kind: 'inference',
    name: 'capped',
    limit: 1n as never,
  });
  const error = await refusal(await market.chat(hi, { key: plaintext }));
  expect(error).toMatchObject({ status: 402, metadata: { reason: 'key_limit' } });
});

test('403: a management key cannot call a model, and a frozen organization cannot spend', async () => {
  expect(await refusal(await market.chat(hi, { key: market.managementKey }))).toMatchObject({
    status: 403,
    type: 'permission_denied',
  });
  await market.db.ledger.setFrozen({ organizationId: market.organizationId, isFrozen: true });
  expect(await refusal(await market.chat(hi))).toMatchObject({ status: 403 });
  await market.db.ledger.setFrozen({ organizationId: market.organizationId, isFrozen: false });
});

test('404: an unknown route, and preferences that leave no endpoint, in JSON', async () => {
  const headers = { authorization: `Bearer ${market.key}` };
  expect(await refusal(await fetch(`${market.url}/nothing`, { headers }))).toMatchObject({ status: 404 });
  const error = await refusal(await market.chat({ ...hi, provider: { only: ['nobody'] } }));
  expect(error.status).toBe(404);
});

test('413: a body beyond the limit, with and without a Content-Length', async () => {
  const body = JSON.stringify({ ...hi, messages: [{ role: 'user', content: 'x'.repeat(70_000) }] });
  const headers = { authorization: `Bearer ${market.key}` };
  const known = await fetch(`${market.url}/chat/completions`, { method: 'POST', body, headers });
  expect(known.status).toBe(413);
  const chunked = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(body));
      controller.close();
    },
  });
  const unknown = await fetch(`${market.url}/chat/completions`, {
    method: 'POST',
    body: chunked,
    headers,
    duplex: 'half',
  } as RequestInit);
  expect(unknown.status).toBe(413);
});

test('415: a compressed body', async () => {
  const response = await fetch(`${market.url}/chat/completions`, {
    method: 'POST',
    body: 'xxxx',
    headers: { authorization: `Bearer ${market.key}`, 'content-encoding': 'br' },
  });
  expect(await refusal(response)).toMatchObject({ status: 415 });
});

test('503: a model whose providers have no credential here names them', async () => {
  const error = await refusal(await market.chat({ model: 'openai/gpt-4o', messages: hi.messages }));
  expect(error.status).toBe(503);
  expect(error.message).toMatch(/OPENAI|OpenAI|openai/);
});

test('malformed HTTP is answered with JSON, not with silence', async () => {
  const { port } = new URL(market.root);
  const socket = connect(Number(port), '127.0.0.1');
  const answer = await new Promise<string>((resolve) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    socket.on('close', () => resolve(text));
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nBad Header\r\n\r\n');
  });
  expect(answer).toMatch(/^HTTP\/1\.1 400/);
  expect(answer).toContain('"error"');
});
