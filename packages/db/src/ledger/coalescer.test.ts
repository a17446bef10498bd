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

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('a call that comes while there is room leaves at once', async () => {
  const { batches, run } = gate();
  const call = coalesce({ run, batchMax: 64, concurrencyMax: 2 });
  const first = call(1);
  await turn();
  const second = call(2);
  await turn();
  expect(batches.map(({ items }) => items)).toEqual([[1], [2]]);
  for (const { finish } of batches) finish();
  expect(await Promise.all([first, second])).toEqual(['done 1', 'done 2']);
});

test('calls that come while all are busy leave together when one returns, in their order, at most so many', async () => {
  const { batches, run } = gate();
  const call = coalesce({ run, batchMax: 3, concurrencyMax: 1 });
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
  const call = coalesce({ run, batchMax: 64, concurrencyMax: 2 });
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
  const call = coalesce({ run, batchMax: 64, concurrencyMax: 1 });
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
  const call = coalesce({ run, batchMax: 64, concurrencyMax: 1 });
  const results = await Promise.allSettled([call(1), call(2), call(3)]);
  expect(results.every((result) => result.status === 'rejected' && result.reason.code === 'service_unavailable')).toBe(
    true,
  );
  expect(runs).toBe(1);
  isDown = false;
  expect(await call(4)).toBe('done 4');
});

test('an item that a batch gives no result for fails, and does not hang', async () => {
  const call = coalesce({ run: async () => ['only one'], batchMax: 64, concurrencyMax: 1 });
  const results = await Promise.allSettled([call(1), call(2)]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
});
