import { expect, test } from 'vitest';
import { cachedFor, cachedForEach } from './cached-for.ts';

function clockAt(ms: number) {
  let nowMs = ms;
  return { read: () => new Date(nowMs), advance: (byMs: number) => (nowMs += byMs) };
}

test('calls at the same time share one load, and later ones too until it is old', async () => {
  const clock = clockAt(0);
  let loads = 0;
  const read = cachedFor(1_000, async () => ++loads, clock.read);
  expect(await Promise.all([read(), read()])).toEqual([1, 1]);
  clock.advance(999);
  expect(await read()).toBe(1);
  clock.advance(1);
  expect(await read()).toBe(2);
});

test('a failed load is told to everybody who waited for it and then forgotten', async () => {
  let loads = 0;
  const read = cachedFor(
    60_000,
    async () => {
      loads += 1;
      if (loads === 1) throw new Error('down');
      return loads;
    },
    clockAt(0).read,
  );
  await expect(Promise.all([read(), read()])).rejects.toThrow('down');
  expect(await read()).toBe(2);
});

test('keys are kept apart', async () => {
  const read = cachedForEach(60_000, async (key: 'day' | 'week') => key.length, clockAt(0).read);
  expect([await read('day'), await read('week'), await read('day')]).toEqual([3, 4, 3]);
});
