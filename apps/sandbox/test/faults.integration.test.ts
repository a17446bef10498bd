import OpenAI from 'openai';
import { afterEach, describe, expect, test } from 'vitest';
import { json, openaiClient, poll, useSandbox } from './harness.ts';

const world = useSandbox();
const messages = [{ role: 'user' as const, content: 'Tell me about ledgers.' }];
const endpoint = () => `${world.url}/providers/acme/v1/chat/completions`;

/** One raw exchange, read to wherever it ends; `failure` says that the socket did not end it well. */
async function exchange(
  model: string,
  extra: { stream?: boolean; headers?: Record<string, string>; timeoutMs?: number } = {},
) {
  const signal = extra.timeoutMs === undefined ? null : AbortSignal.timeout(extra.timeoutMs);
  const body = JSON.stringify({
    model,
    messages,
    stream: extra.stream ?? false,
    stream_options: { include_usage: true },
  });
  const headers = { authorization: 'Bearer sk-sandbox', ...extra.headers };
  let text = '';
  try {
    const response = await fetch(endpoint(), { method: 'POST', headers, body, signal });
    const { status } = response;
    try {
      for await (const piece of response.body ?? []) text += new TextDecoder().decode(piece);
    } catch (failure) {
      return { status, response, text, failure };
    }
    return { status, response, text, failure: null };
  } catch (failure) {
    return { status: 0, response: null, text, failure };
  }
}

const dataLines = (text: string) => text.split('\n\n').filter((line) => line.startsWith('data: '));
const model = (fault: string) => `atlas-instant-fault-${fault}`;
const BOTH = [{ stream: false }, { stream: true }];

describe.each(BOTH)('with stream $stream', ({ stream }) => {
  test.each([
    ['400', 400, OpenAI.BadRequestError],
    ['401', 401, OpenAI.AuthenticationError],
    ['403', 403, OpenAI.PermissionDeniedError],
    ['404', 404, OpenAI.NotFoundError],
    ['429', 429, OpenAI.RateLimitError],
    ['500', 500, OpenAI.InternalServerError],
    ['502', 502, OpenAI.InternalServerError],
    ['503', 503, OpenAI.InternalServerError],
    ['529', 529, OpenAI.InternalServerError],
  ])('fault %s is that status with an error in the shape of OpenAI', async (fault, status, errorClass) => {
    const failure = openaiClient(world.url).chat.completions.create({ model: model(fault), messages, stream });

    await expect(failure).rejects.toBeInstanceOf(errorClass);
    await expect(failure).rejects.toMatchObject({ status, error: { message: expect.any(String) } });
  });

  test('fault 429 says when to come back', async () => {
    const { response } = await exchange(model('429'), { stream });
    const later = await exchange(model('429-30'), { stream });

    expect(response?.headers.get('retry-after')).toBe('2');
    expect(later.response?.headers.get('retry-after')).toBe('30');
  });

  test('fault html is a page where JSON belongs, under 502 or 200', async () => {
    const bad = await exchange(model('html'), { stream });
    const good = await exchange(model('html-200'), { stream });

    expect([bad.status, good.status]).toEqual([502, 200]);
    expect(bad.response?.headers.get('content-type')).toContain('text/html');
    expect(good.text).toContain('<html>');
  });

  test('fault hang accepts the request and never answers', async () => {
    const { status, failure } = await exchange(model('hang'), { stream, timeoutMs: 150 });

    expect(status).toBe(0);
    expect(failure).toMatchObject({ name: 'TimeoutError' });
  });

  test('fault slow-first-byte answers well, but late', async () => {
    const start = performance.now();
    const { status, text } = await exchange(model('slow-first-byte-120'), { stream });

    expect(performance.now() - start).toBeGreaterThanOrEqual(115);
    expect(status).toBe(200);
    expect(text).toContain(stream ? '[DONE]' : '"finish_reason":"stop"');
  });

  test('fault reset breaks the connection before any header', async () => {
    const { status, failure } = await exchange(model('reset'), { stream });

    expect(status).toBe(0);
    expect(failure).toMatchObject({ cause: { code: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/) } });
  });

  test('fault reset-mid-stream breaks the connection after a part arrived', async () => {
    const { status, text, failure } = await exchange(model('reset-mid-stream-4'), { stream });

    expect(status).toBe(200);
    expect(failure).not.toBeNull();
    if (stream) expect(dataLines(text)).toHaveLength(4);
    else expect(text.startsWith('{"id":"chatcmpl-')).toBe(true);
  });

  test('fault hang-mid-stream falls silent after a part arrived', async () => {
    const { status, text, failure } = await exchange(model('hang-mid-stream-4'), { stream, timeoutMs: 200 });

    expect(status).toBe(200);
    expect(failure).toMatchObject({ name: 'TimeoutError' });
    if (stream) expect(dataLines(text)).toHaveLength(4);
    else expect(text.startsWith('{"id":"chatcmpl-')).toBe(true);
  });

  test('fault truncated ends cleanly without an end', async () => {
    const { status, text, failure } = await exchange(model('truncated-4'), { stream });

    expect([status, failure]).toEqual([200, null]);
    if (stream) expect(dataLines(text)).toHaveLength(4);
    else expect(() => JSON.parse(text)).toThrow(SyntaxError);
    expect(text).not.toContain('[DONE]');
  });

  test('fault bad-json has a line that does not parse', async () => {
    const { status, text } = await exchange(model('bad-json'), { stream });
    const broken = (stream ? dataLines(text).map((line) => line.slice(6)) : [text]).filter((line) => {
      try {
        return line !== '[DONE]' && JSON.parse(line) === undefined;
      } catch {
        return true;
      }
    });

    expect(status).toBe(200);
    expect(broken).toHaveLength(1);
  });

  test('fault missing-usage answers well and counts nothing', async () => {
    const { text } = await exchange(model('missing-usage'), { stream });

    expect(text).not.toContain('prompt_tokens');
    expect(text).toContain('"finish_reason":"stop"');
  });

  test.each([
    ['absurd-usage', '"prompt_tokens":-17,"completion_tokens":1000000000000'],
    ['absurd-usage-1', '"completion_tokens":-1'],
    ['absurd-usage-2', '"completion_tokens":1e+21'],
    ['absurd-usage-3', '"prompt_tokens":3.5'],
    ['absurd-usage-4', '"prompt_tokens":"many"'],
  ])('fault %s counts what cannot be', async (fault, expected) => {
    const { text } = await exchange(model(fault), { stream });

    expect(text).toContain(expected);
  });

  test('fault empty is an answer with nothing in it', async () => {
    const { status, text } = await exchange(model('empty'), { stream });

    expect(status).toBe(200);
    expect(text).toContain('"completion_tokens":0');
    expect(text).not.toContain('"finish_reason":"stop"');
  });

  test('fault error-under-200 says 200 and means an error', async () => {
    const { status, text } = await exchange(model('error-under-200-2'), { stream });

    expect(status).toBe(200);
    if (stream) expect(dataLines(text)).toHaveLength(3);
    expect(text.trim()).toMatch(/\{"error":\{"message":"[^"]+","type":"server_error","param":null,"code":null\}\}$/);
  });
});

describe('a fault by header', () => {
  test('strikes any model, and an unknown name is refused with the list', async () => {
    const struck = await exchange('atlas-instant', { headers: { 'x-sandbox-fault': '503' } });
    const unknown = await exchange('atlas-instant', { headers: { 'x-sandbox-fault': 'gremlins' } });

    expect(struck.status).toBe(503);
    expect(unknown.status).toBe(400);
    expect(unknown.text).toContain('reset-mid-stream');
  });
});

describe('standing orders', () => {
  const faults = () => `${world.url}/_sandbox/faults`;
  afterEach(() => json(faults(), { method: 'DELETE' }));

  test('fail the next calls of one provider and then no more', async () => {
    await json(faults(), { body: { provider: 'acme', fault: '500', count: 2 } });
    const other = await openaiClient(world.url, 'other').chat.completions.create({ model: 'atlas-instant', messages });
    const statuses = [];
    for (let call = 0; call < 3; call += 1) statuses.push((await exchange('atlas-instant')).status);

    expect(other.choices).toHaveLength(1);
    expect(statuses).toEqual([500, 500, 200]);
  });

  test('with a rate of 0 never strike, and are cleared on request', async () => {
    await json(faults(), { body: { fault: '500', rate: 0 } });
    const spared = await exchange('atlas-instant');
    await json(faults(), { body: { fault: '503' } });
    const struck = await exchange('atlas-instant');
    const after = await json(faults(), { method: 'DELETE' });

    expect([spared.status, struck.status]).toEqual([200, 503]);
    expect(after).toEqual({ rules: [] });
    expect((await exchange('atlas-instant')).status).toBe(200);
  });

  test('that make no sense are refused', async () => {
    const refuse = (body: object) =>
      fetch(faults(), { method: 'POST', body: JSON.stringify(body) }).then((response) => response.status);

    expect(await refuse({ fault: 'gremlins' })).toBe(400);
    expect(await refuse({ fault: '500', rate: 2 })).toBe(400);
    expect(await refuse({})).toBe(400);
  });
});

test('nothing is left in flight after all this', async () => {
  const stats = await poll(
    () => json(`${world.url}/_sandbox/stats`),
    (answer) => JSON.stringify(answer).includes('"inFlight":0'),
  );

  expect(stats).toMatchObject({ providers: { acme: { inFlight: 0, aborted: 4 } } });
});

test('a sandbox with a hanging request closes at once', async () => {
  const { createSandbox } = await import('../src/index.ts');
  const sandbox = createSandbox();
  const { url } = await sandbox.listen();
  const pending = fetch(`${url}/providers/acme/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk-sandbox' },
    body: JSON.stringify({ model: model('hang'), messages }),
  }).catch(() => 'cut');
  await poll(
    () => json(`${url}/_sandbox/stats`),
    (answer) => JSON.stringify(answer).includes('"inFlight":1'),
  );
  await sandbox.close();

  expect(await pending).toBe('cut');
});
