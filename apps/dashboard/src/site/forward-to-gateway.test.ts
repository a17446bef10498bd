import { expect, test } from 'vitest';
import { forwardToGateway } from './forward-to-gateway.ts';

const gatewayUrl = 'http://gateway:4000';

function recording(answer: Response | Error) {
  const calls: { url: string; init: RequestInit & { duplex?: string } }[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    calls.push({ url: String(input), init: init ?? {} });
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { calls, fetch };
}

function chatRequest(headers: Record<string, string> = {}): Request {
  return new Request('http://localhost:3000/api/v1/chat/completions?beta=1', {
    method: 'POST',
    headers: { authorization: 'Bearer sk-brs-v1-x', 'content-type': 'application/json', ...headers },
    body: '{"model":"a/b"}',
  });
}

test('path, query, method, key and body reach the gateway', async () => {
  const { calls, fetch } = recording(Response.json({ id: 'gen-1' }));
  await forwardToGateway(chatRequest(), { gatewayUrl, fetch });
  const [call] = calls;
  const headers = new Headers(call?.init.headers);
  expect(call?.url).toBe('http://gateway:4000/api/v1/chat/completions?beta=1');
  expect(call?.init.method).toBe('POST');
  expect(headers.get('authorization')).toBe('Bearer sk-brs-v1-x');
  expect(await new Response(call?.init.body).text()).toBe('{"model":"a/b"}');
});

test('the cookies of the site and the headers of the connection stay here', async () => {
  const { calls, fetch } = recording(Response.json({}));
  const request = chatRequest({ cookie: 'session=secret', 'accept-encoding': 'gzip' });
  await forwardToGateway(request, { gatewayUrl, fetch });
  const headers = new Headers(calls[0]?.init.headers);
  expect(headers.has('cookie')).toBe(false);
  expect(headers.get('accept-encoding')).toBe('identity');
});

test('a GET carries no body', async () => {
  const { calls, fetch } = recording(Response.json({}));
  await forwardToGateway(new Request('http://localhost:3000/api/v1/models'), { gatewayUrl, fetch });
  expect(calls[0]?.init.body).toBeUndefined();
});

test('status, headers and bytes of the answer come back, but not its length and encoding', async () => {
  const answer = new Response('{"error":{}}', {
    status: 429,
    headers: { 'retry-after': '7', 'x-generation-id': 'gen-1', 'content-length': '99', 'content-encoding': 'gzip' },
  });
  const { fetch } = recording(answer);
  const forwarded = await forwardToGateway(chatRequest(), { gatewayUrl, fetch });
  expect(forwarded.status).toBe(429);
  expect(forwarded.headers.get('retry-after')).toBe('7');
  expect(forwarded.headers.get('x-generation-id')).toBe('gen-1');
  expect(forwarded.headers.has('content-length')).toBe(false);
  expect(forwarded.headers.has('content-encoding')).toBe(false);
  expect(await forwarded.text()).toBe('{"error":{}}');
});

test('a stream of events asks everybody on its way not to compress it', async () => {
  const { fetch } = recording(new Response('data: 1\n\n', { headers: { 'content-type': 'text/event-stream' } }));
  const forwarded = await forwardToGateway(chatRequest(), { gatewayUrl, fetch });
  expect(forwarded.headers.get('cache-control')).toBe('no-cache, no-transform');
});

test('the gateway hears of a visitor who hangs up', async () => {
  const { calls, fetch } = recording(Response.json({}));
  const visitor = new AbortController();
  const request = new Request('http://localhost:3000/api/v1/models', { signal: visitor.signal });
  await forwardToGateway(request, { gatewayUrl, fetch });
  visitor.abort();
  expect(calls[0]?.init.signal?.aborted).toBe(true);
});

test('an unreachable gateway is an error of the API and not a page', async () => {
  const { fetch } = recording(new TypeError('fetch failed'));
  const forwarded = await forwardToGateway(chatRequest(), { gatewayUrl, fetch });
  expect(forwarded.status).toBe(503);
  expect(await forwarded.json()).toMatchObject({ error: { code: 503, type: 'provider_overloaded' } });
});
