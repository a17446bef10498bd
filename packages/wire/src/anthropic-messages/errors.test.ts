import { AppError, type ErrorCode } from '@bourse/errors';
import { expect, test } from 'vitest';
import { encodeError } from './errors.ts';

const encode = (error: AppError, generationId: string | null = 'gen-1') => encodeError(error, { generationId });

test.each([
  ['invalid_request', 'invalid_request_error'],
  ['model_not_found', 'invalid_request_error'],
  ['context_length_exceeded', 'invalid_request_error'],
  ['unauthenticated', 'authentication_error'],
  ['insufficient_credits', 'billing_error'],
  ['key_limit_exceeded', 'billing_error'],
  ['forbidden', 'permission_error'],
  ['no_endpoint_allowed', 'not_found_error'],
  ['request_timeout', 'timeout_error'],
  ['conflict', 'invalid_request_error'],
  ['payload_too_large', 'request_too_large'],
  ['rate_limited', 'rate_limit_error'],
  ['internal', 'api_error'],
  ['provider_failed', 'api_error'],
  ['service_unavailable', 'overloaded_error'],
  ['no_endpoint_available', 'overloaded_error'],
  ['provider_timeout', 'timeout_error'],
] satisfies [ErrorCode, string][])('%s is %s', (code, type) => {
  const error = new AppError(code, 'Sentence.');
  expect(encode(error)).toEqual({
    type: 'error',
    error: { type, message: 'Sentence.', error_type: error.rule.type },
    request_id: 'gen-1',
  });
});

test('facts go along, and why nothing could be routed stands beside the sentence', () => {
  const metadata = { path: 'model', availability: { code: 'no_endpoints', retryable: false } };
  expect(encode(new AppError('no_endpoint_allowed', 'S', { metadata }), null)).toMatchObject({
    error: { metadata: { path: 'model' }, availability: { code: 'no_endpoints' } },
    request_id: null,
  });
});

test('of a failure of ours nothing leaves but that it was one', () => {
  const error = new AppError('internal', 'Something failed.', {
    detail: 'secret',
    metadata: { secret: 1 },
    cause: 'secret',
  });
  expect(JSON.stringify(encode(error))).not.toContain('secret');
});
