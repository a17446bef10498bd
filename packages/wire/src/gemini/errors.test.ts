import { AppError } from '@bourse/errors';
import { describe, expect, test } from 'vitest';
import { decodeError, encodeError } from './errors.ts';

const body = (code: number, status: string, message: string, details: readonly object[] = []) =>
  JSON.stringify({ error: { code, message, status, details } });

describe('decodeError', () => {
  test.each([
    [400, body(400, 'INVALID_ARGUMENT', 'Unknown name "x"'), 'invalid_request'],
    [400, body(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.'), 'unauthenticated'],
    [400, body(400, 'INVALID_ARGUMENT', 'No.', [{ reason: 'API_KEY_INVALID' }]), 'unauthenticated'],
    [400, body(400, 'FAILED_PRECONDITION', 'User location is not supported for the API use.'), 'forbidden'],
    [
      400,
      body(400, 'INVALID_ARGUMENT', 'The input token count (9) exceeds the maximum number of tokens allowed (5).'),
      'context_length_exceeded',
    ],
    [401, body(401, 'UNAUTHENTICATED', 'x'), 'unauthenticated'],
    [403, body(403, 'PERMISSION_DENIED', 'x'), 'forbidden'],
    [404, body(404, 'NOT_FOUND', 'models/x is not found'), 'not_found'],
    [429, body(429, 'RESOURCE_EXHAUSTED', 'Quota'), 'rate_limited'],
    [500, body(500, 'INTERNAL', 'x'), 'server_error'],
    [503, body(503, 'UNAVAILABLE', 'The model is overloaded.'), 'overloaded'],
    [504, body(504, 'DEADLINE_EXCEEDED', 'x'), 'timeout'],
    [429, `[${body(429, 'RESOURCE_EXHAUSTED', 'Quota')}]`, 'rate_limited'],
    [502, '<html>', 'server_error'],
    [500, '', 'server_error'],
  ])('%i %s is %s', (status, text, kind) => {
    expect(decodeError(status, text, {}).kind).toBe(kind);
  });

  test('the time to wait is read, and our account is not told', () => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.07s' }];
    const failure = decodeError(
      429,
      body(
        429,
        'RESOURCE_EXHAUSTED',
        'Quota of project_number:123456 and projects/my-project with AIzaSyA1234567890',
        details,
      ),
      {},
    );
    expect(failure).toMatchObject({ retryAfterSeconds: 35, code: 'RESOURCE_EXHAUSTED' });
    expect(failure.message).not.toMatch(/123456|my-project|AIza/);
  });
});

describe('encodeError', () => {
  test("has the form of Google's errors, with our facts", () => {
    const error = new AppError('invalid_request', 'No.', { metadata: { path: 'contents' }, detail: 'secret' });
    expect(encodeError(error, { generationId: 'gen-1' })).toEqual({
      error: {
        code: 400,
        message: 'No.',
        status: 'INVALID_ARGUMENT',
        details: [
          {
            '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
            reason: 'INVALID_REQUEST',
            domain: 'bourse',
            metadata: { path: 'contents', generation_id: 'gen-1' },
          },
        ],
      },
    });
  });

  test.each([
    ['unauthenticated', 'UNAUTHENTICATED'],
    ['insufficient_credits', 'FAILED_PRECONDITION'],
    ['not_found', 'NOT_FOUND'],
    ['rate_limited', 'RESOURCE_EXHAUSTED'],
    ['no_endpoint_available', 'UNAVAILABLE'],
    ['provider_timeout', 'DEADLINE_EXCEEDED'],
    ['payload_too_large', 'INVALID_ARGUMENT'],
  ] as const)('%s is %s', (code, status) => {
    expect(encodeError(new AppError(code, 'm'), { generationId: null })).toMatchObject({ error: { status } });
  });

  test('an internal error shows no facts', () => {
    const error = new AppError('internal', 'm', { metadata: { table: 'users' } });
    expect(JSON.stringify(encodeError(error, { generationId: null }))).not.toContain('users');
  });
});
