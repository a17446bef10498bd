import { expect, test } from 'vitest';
import { StickyEndpoints } from './sticky-endpoints.ts';

test('an endpoint is remembered for its time, and again from each time that it is confirmed', () => {
  let now = 0;
  const sticky = new StickyEndpoints(() => now);
  sticky.remember('a', 'm@x', 100);
  now = 99;
  expect(sticky.of('a')).toBe('m@x');
  sticky.remember('a', 'm@y', 100);
  now = 198;
  expect(sticky.of('a')).toBe('m@y');
  now = 199;
  expect(sticky.of('a')).toBeNull();
  expect(sticky.of('b')).toBeNull();
});

test('of too many conversations the one that was confirmed longest ago is forgotten', () => {
  const sticky = new StickyEndpoints(() => 0);
  for (let index = 0; index < 50_000; index += 1) sticky.remember(`${index}`, 'm@x', 1);
  sticky.remember('0', 'm@x', 1);
  sticky.remember('one more', 'm@x', 1);
  expect([sticky.of('0'), sticky.of('1'), sticky.of('2'), sticky.of('one more')]).toEqual(['m@x', null, 'm@x', 'm@x']);
});
