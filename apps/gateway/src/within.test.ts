import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { within } from './within.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('work that is done in time says what it came to, and leaves no timer', async () => {
  expect(await within(Promise.resolve('done'), 10, 'late')).toBe('done');
  await expect(within(Promise.reject(new Error('failed')), 10, 'late')).rejects.toThrow('failed');
  expect(vi.getTimerCount()).toBe(0);
});

test('work that takes longer is not waited for', async () => {
  const work = Promise.withResolvers<string>();
  const result = within(work.promise, 10, null);
  await vi.advanceTimersByTimeAsync(10);
  expect(await result).toBeNull();
  work.resolve('at last');
});
