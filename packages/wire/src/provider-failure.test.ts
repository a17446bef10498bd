import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeError, failureInBody, invalidResponse } from './provider-failure.ts';

const openaiError = (error: Record<string, unknown>) => JSON.stringify({ error });

describe('decodeError', () => {
  test.each([
    [400, 'invalid_request'],
    [401, 'unauthenticated'],
    [402, 'payment_required'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [408, 'timeout'],
    [409, 'server_error'],
    [413, 'invalid_request'],
    [422, 'invalid_request'],
    [429, 'rate_limited'],
    [498, 'overloaded'],
    [500, 'server_error'],
    [502, 'server_error'],
    [503, 'overloaded'],
    [504, 'timeout'],
    [522, 'connection_failed'],
    [524, 'timeout'],
    [529, 'overloaded'],
    [0, 'connection_failed'],
    [302, 'invalid_response'],
  ] as const)('classifies %i as %s whatever the body', (status, kind) => {
    expect(decodeError(status, '', {})).toMatchObject({ kind, status });
    expect(decodeError(status, '<!DOCTYPE html><h1>Oops</h1>', {})).toMatchObject({ kind, status });
  });

  test.each([
    [400, { code: 'context_length_exceeded', message: 'x' }, 'context_length_exceeded'],
    [400, { message: "This model's maximum context length is 8192 tokens." }, 'context_length_exceeded'],
    [400, { message: 'prompt is too long: 300000 tokens > 200000 maximum' }, 'context_length_exceeded'],
    [400, { message: 'The context of your question is unclear' }, 'invalid_request'],
    [429, { code: 'insufficient_quota', message: 'You exceeded your current quota' }, 'payment_required'],
    [413, { code: 'rate_limit_exceeded', message: 'Request too large for tokens per minute' }, 'rate_limited'],
    [400, { type: 'overloaded_error', message: 'busy' }, 'overloaded'],
    [400, { type: 'invalid_request_error', message: 'bad' }, 'invalid_request'],
    [401, { type: 'invalid_request_error', code: 'invalid_api_key', message: 'bad key' }, 'unauthenticated'],
    [500, { code: 'rate_limit_exceeded', message: 'x' }, 'server_error'],
    [200, { code: 429, message: 'slow down' }, 'rate_limited'],
    [200, { code: '503', message: 'busy' }, 'overloaded'],
    [200, { type: 'authentication_error', message: 'x' }, 'unauthenticated'],
    [200, { message: 'something' }, 'server_error'],
  ] as const)('reads %i %j as %s', (status, error, kind) => {
    expect(decodeError(status, openaiError(error), {}).kind).toBe(kind);
  });

  test.each([
    ['OpenAI', openaiError({ message: 'No.', code: 'c', type: 't' }), 'No.', 'c'],
    ['a bare error string', '{"error":"No."}', 'No.', null],
    [
      'Mistral',
      '{"object":"error","message":{"detail":[{"msg":"Extra inputs"},{"msg":"twice"}]},"code":null}',
      'Extra inputs twice',
      null,
    ],
    ['FastAPI detail', '{"detail":"No."}', 'No.', null],
    ['FastAPI validation', '{"detail":[{"msg":"a","loc":[]},{"msg":"b"}]}', 'a b', null],
    ['flat message', '{"message":"No.","code":3001,"type":"x"}', 'No.', '3001'],
    ['Google list', '[{"error":{"code":400,"message":"No.","status":"INVALID_ARGUMENT"}}]', 'No.', '400'],
    ['plain text', 'upstream connect error', 'upstream connect error', null],
    ['HTML', '<html><body>secret internals</body></html>', 'The provider answered 400 with an HTML page.', null],
    ['nothing', ' ', 'The provider answered 400 with an empty body.', null],
  ])('finds the sentence and the code in the form of %s', (_name, body, message, code) => {
    const failure = decodeError(400, body, {});
    expect(failure).toMatchObject({ message, code });
  });

  test('cuts a long sentence to 500 characters', () => {
    expect(decodeError(400, openaiError({ message: 'x'.repeat(9000) }), {}).message).toHaveLength(500);
    expect(decodeError(500, 'y'.repeat(9000), {}).message).toHaveLength(500);
  });

  test.each([
    'Incorrect API key provided: sk-proj-abc123DEF456.',
    'Rate limit reached for organization org-AbCdEf123456 on tokens per min',
    'Authorization was: Bearer eyJhbGciOiJIUzI1NiJ9.secret',
    'could not connect to http://10.0.0.7:8080/generate',
    'key gsk_1234567890abcdef is invalid',
  ])('removes account names, keys and internal hosts: %s', (message) => {
    const cleaned = decodeError(401, openaiError({ message }), {}).message;
    expect(cleaned).toContain('[redacted]');
    expect(cleaned).not.toMatch(/abc123DEF|AbCdEf123|eyJh|10\.0\.0|1234567890/);
  });

  test('removes control and direction characters', () => {
    expect(decodeError(400, openaiError({ message: 'a\u0000b\u202ec\nd' }), {}).message).toBe('a b c d');
  });

  test.each([
    [{ 'retry-after': '12' }, 12],
    [{ 'retry-after': '0.2' }, 1],
    [{ 'retry-after-ms': '1500' }, 2],
    [{ 'retry-after-ms': '1500', 'retry-after': '60' }, 2],
    [{ 'retry-after': 'Sun, 22 Nov 2026 10:00:30 GMT', date: 'Sun, 22 Nov 2026 10:00:00 GMT' }, 30],
    [{ 'retry-after': 'Sun, 22 Nov 2026 09:00:00 GMT', date: 'Sun, 22 Nov 2026 10:00:00 GMT' }, 0],
    [{ 'retry-after': 'Sun, 22 Nov 2026 10:00:30 GMT' }, null],
    [{ 'retry-after': '999999999' }, 86_400],
    [{ 'retry-after': '-5' }, null],
    [{ 'retry-after': 'soon' }, null],
    [{ 'retry-after': '' }, null],
    [{}, null],
  ])('reads the wait from %j as %j seconds', (headers, seconds) => {
    expect(decodeError(429, '', headers).retryAfterSeconds).toBe(seconds);
  });

  test('never throws, and its sentence is bounded and printable', () => {
    const body = fc.oneof(
      fc.string({ unit: 'binary-ascii' }),
      fc.json(),
      fc.json().map((json) => `{"error":${json}}`),
    );
    const headers = fc.dictionary(fc.constantFrom('retry-after', 'retry-after-ms', 'date'), fc.string());
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 599 }), body, headers, (status, text, given) => {
        const failure = decodeError(status, text, given);
        expect(failure.message.length).toBeLessThanOrEqual(500);
        expect(failure.message).not.toMatch(/\p{Cc}/u);
        const wait = failure.retryAfterSeconds ?? 0;
        expect(Number.isSafeInteger(wait) && wait >= 0).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test('is not slowed down by a hostile body', () => {
    const startedAt = performance.now();
    decodeError(400, `${'sk-'.repeat(300_000)}`, {});
    decodeError(400, openaiError({ message: 'context '.repeat(100_000) }), {});
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});

describe('failureInBody', () => {
  test('survives an error that is nested thousands of levels deep', () => {
    const deep = JSON.parse(`{"error":${'{"message":'.repeat(50_000)}1${'}'.repeat(50_000)}}`);
    expect(failureInBody(deep).kind).toBe('server_error');
  });

  test('takes the status from the body', () => {
    expect(failureInBody({ error: { code: 502, message: 'Upstream closed' } })).toMatchObject({
      kind: 'server_error',
      status: 502,
    });
    expect(failureInBody({ error: 'boom' })).toMatchObject({ kind: 'server_error', status: 200, message: 'boom' });
    expect(failureInBody({ error: {} })).toMatchObject({ kind: 'server_error' });
  });
});

describe('invalidResponse', () => {
  test('is a failure of the provider under 200 that says what is wrong and quotes nothing', () => {
    expect(invalidResponse('The provider sent an answer without choices.')).toEqual({
      kind: 'invalid_response',
      status: 200,
      message: 'The provider sent an answer without choices.',
      code: null,
      retryAfterSeconds: null,
    });
  });
});
