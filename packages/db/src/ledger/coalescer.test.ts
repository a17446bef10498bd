import { AppError } from '@bourse/errors';
import { expect, test } from 'vitest';
import { coalesce } from './coalescer.ts';

/** A fake database: batches wait until they are let go. */
function gate() {
  const batches: { readonly items: readonly number[]; finish(error?: Error): void }[] = [];
  const run = (items: readonly number[]): Promise<readonly string[]> => {
    const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>();
    batches.push({ items, finish: (error) => (error ? reject(error) : resolve(items.map((item) => `done ${item}`))) });
    return promise;
  };
  return { batches, run };
}

let nowMs = 0;
const options = { batchMax: 64, concurrencyMax: 2, patienceMs: 5, lingerMs: 1, now: () => nowMs };

/** Longer than a batch lingers. */
const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

test('a call that finds nothing under way leaves at once', async () => {
  const { batches, run } = gate();
  const call = coalesce({ ...options, run });
  for (const item of [1, 2]) {
    const result = call(item);
    await turn();
    expect(batches.at(-1)?.items).toEqual([item]);
    batches.at(-1)?.finish();
    expect(await result).toBe(`done ${item}`);
  }
});

test('calls do not wait longer than patience allows for a batch that is stuck, and never more leave than may', async () => {
  const { batches, run } = gate();
  const call = coalesce({ ...options, run });
  const calls = [call(1)];
  await turn();
  nowMs += 5;
  calls.push(call(2));
  await turn();
  expect(batches.map(({ items }) => items)).toEqual([[1]]);
  nowMs += 1;
  calls.push(call(3));
  await turn();
  expect(batches.map(({ items }) => items)).toEqual([[1], [2, 3]]);
  nowMs += 100;
  calls.push(call(4));
  await turn();
  expect(batches).toHaveLength(2);
  for (let index = 0; index < 3; index += 1) {
    batches[index]?.finish();
    await turn();
  }
  expect(await Promise.all(calls)).toEqual([1, 2, 3, 4].map((item) => `done ${item}`));
});

test('calls that come while a batch is out leave together when it returns, in their order, at most so many', async () => {
  const { batches, run } = gate();
  const call = coalesce({ ...options, run, batchMax: 3 });
  const calls = [call(0)];
  await turn();
  for (const item of [1, 2, 3, 4]) calls.push(call(item));
  await turn();
  expect(batches).toHaveLength(1);
  for (let index = 0; index < 3; index += 1) {
    batches[index]?.finish();
    await turn();
  }
  expect(batches.map(({ items }) => items)).toEqual([[0], [1, 2, 3], [4]]);
  expect(await Promise.all(calls)).toEqual([0, 1, 2, 3, 4].map((item) => `done ${item}`));
});

test('calls of the same moment leave together', async () => {
  const { batches, run } = gate();
  const call = coalesce({ ...options, run });
  const calls = [call(1), call(2), call(3)];
  await turn();
  expect(batches.map(({ items }) => items)).toEqual([[1, 2, 3]]);
  batches[0]?.finish();
  expect(await Promise.all(calls)).toEqual(['done 1', 'done 2', 'done 3']);
});

test('a batch that fails is repeated item by item, so that only the bad item fails', async () => {
  const seen: (readonly number[])[] = [];
  const run = async (items: readonly number[]) => {
    seen.push(items);
    if (items.includes(2)) throw new Error('2 is bad');
    return items.map((item) => `done ${item}`);
  };
  const call = coalesce({ ...options, run });
  const results = await Promise.allSettled([call(1), call(2), call(3)]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(seen).toEqual([[1, 2, 3], [1], [2], [3]]);
});

test('a database that cannot be reached fails a whole batch at once, and the next batch is tried', async () => {
  let isDown = true;
  let runs = 0;
  const run = async (items: readonly number[]) => {
    runs += 1;
    if (isDown) throw new AppError('service_unavailable', 'gone');
    return items.map((item) => `done ${item}`);
  };
  const call = coalesce({ ...options, run });
  const results = await Promise.allSettled([call(1), call(2), call(3)]);
  expect(results.every((result) => result.status === 'rejected' && result.reason.code === 'service_unavailable')).toBe(
    true,
  );
  expect(runs).toBe(1);
  isDown = false;
  expect(await call(4)).toBe('done 4');
});

test('an item that a batch gives no result for fails, and does not hang', async () => {
  const call = coalesce({ ...options, run: async () => ['only one'] });
  const results = await Promise.allSettled([call(1), call(2)]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
});
