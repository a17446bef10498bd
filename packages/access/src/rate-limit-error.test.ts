import { expect, test } from 'vitest';
import { rateLimitError } from './rate-limit-error.ts';

const facts = { source: 'key_requests', limit: 60, waitMs: 2_400, resetsAtMs: 1_767_225_600_000.4, draw: 0 } as const;

test('says whose limit it is, what helps, and when to come back, in the body as in the headers', () => {
  const error = rateLimitError(facts);
  expect(error).toMatchObject({ code: 'rate_limited', retryAfterSeconds: 3 });
  expect(error.message).toBe('This API key is limited to 60 requests a minute. Retry after 3 s.');
  expect(error.metadata).toEqual({
    limit_source: 'key_requests',
    remedy_hint: 'Raise the limit of the key.',
    headers: {
      'X-RateLimit-Limit': '60',
      'X-RateLimit-Remaining': '0',
      'X-RateLimit-Reset': '1767225600001',
    },
  });
});

test('those who are refused together do not come back together', () => {
  const waits = [0, 0.25, 0.5, 0.75, 1].map(
    (draw) => rateLimitError({ ...facts, waitMs: 60_000, draw }).retryAfterSeconds,
  );
  expect(waits).toEqual([60, 64, 68, 72, 75]);
});

test('a long wait is told to people in minutes', () => {
  const error = rateLimitError({ ...facts, source: 'key_creation', limit: 10, waitMs: 1_000_000 });
  expect(error.message).toBe('An organization can create 10 API keys an hour. Retry in 17 minutes.');
  expect(error.retryAfterSeconds).toBe(1_000);
});

test('nobody is told to come back at once', () => {
  expect(rateLimitError({ ...facts, waitMs: 0 }).retryAfterSeconds).toBe(1);
});
