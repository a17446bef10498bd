import { expect, test } from 'vitest';
import { visitorAddress } from './sign-in-limit.ts';

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['198.51.100.1, 203.0.113.7', '203.0.113.7'],
  ['2001:db8::1', '2001:db8::1'],
  ['127.0.0.1', null],
  ['::1', null],
  ['::ffff:127.0.0.1', null],
  ['', null],
  [null, null],
])('X-Forwarded-For %j is the visitor %j', (forwarded, visitor) => {
  expect(visitorAddress(forwarded)).toBe(visitor);
});
