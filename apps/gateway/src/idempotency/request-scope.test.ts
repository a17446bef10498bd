import { AppError } from '@bourse/errors';
import { describe, expect, test } from 'vitest';
import { parseIdempotencyKey, requestScope } from './request-scope.ts';

const secrets = { apiKey: 'sk-brs-v1-secret', idempotencyKey: 'order-1' };
const input = {
  secrets,
  apiKeyId: 'key_1',
  route: '/chat/completions',
  body: Buffer.from('{"a":1}'),
  contentType: 'application/json',
};

test.each(['a', '0', ' ', 'x'.repeat(255), 'order 4711 ~!@#'])('%j is an idempotency key', (text) => {
  expect(parseIdempotencyKey(text)).toBe(text);
});

test.each(['', 'x'.repeat(256), 'é', 'a\tb', 'a\nb', '\x7f', '🙂'])('%j is refused', (text) => {
  expect(() => parseIdempotencyKey(text)).toThrow(AppError);
});

test('the same request has the same scope', () => {
  expect(requestScope({ ...input, body: Buffer.from('{"a":1}') })).toEqual(requestScope(input));
});

test('another key, route or body is another request, and only the body hash tells bodies and routes apart', () => {
  const scope = requestScope(input);
  const otherKey = requestScope({ ...input, secrets: { ...secrets, idempotencyKey: 'order-2' } });
  expect(otherKey.keyHash).not.toBe(scope.keyHash);
  for (const other of [{ route: '/messages' }, { body: Buffer.from('{"a": 1}') }]) {
    const { keyHash, bodyHash } = requestScope({ ...input, ...other });
    expect(keyHash).toBe(scope.keyHash);
    expect(bodyHash).not.toBe(scope.bodyHash);
  }
});

test('hashes say nothing to somebody without the API key', () => {
  const { keyHash, bodyHash } = requestScope(input);
  const other = requestScope({ ...input, secrets: { ...secrets, apiKey: 'sk-brs-v1-other' } });
  expect(other.keyHash).not.toBe(keyHash);
  expect(other.bodyHash).not.toBe(bodyHash);
});

describe('a form', () => {
  const form = (boundary: string, file = 'sound', quote = '') => ({
    ...input,
    contentType: `multipart/form-data; boundary=${quote}${boundary}${quote}`,
    body: Buffer.from(`--${boundary}\r\ncontent\r\n\r\n${file}\r\n--${boundary}--\r\n`),
  });

  test('is the same whatever boundary its client invents', () => {
    expect(requestScope(form('abc'))).toEqual(requestScope(form('a-longer-one')));
    expect(requestScope(form('abc', 'sound', '"'))).toEqual(requestScope(form('abc')));
  });

  test('with another file is another request', () => {
    expect(requestScope(form('abc')).bodyHash).not.toBe(requestScope(form('abc', 'other')).bodyHash);
    expect(requestScope(form('abc')).bodyHash).not.toBe(requestScope({ ...form('abc'), contentType: null }).bodyHash);
  });
});
