import { expect, test } from 'vitest';
import { createKeyUse } from './key-use.ts';

test('many uses of few keys are one write', async () => {
  const writes: (readonly string[])[] = [];
  const use = createKeyUse(async (ids) => void writes.push(ids));
  for (let count = 0; count < 100; count += 1) use.used(count % 2 === 0 ? 'a' : 'b');
  await use.flush();
  await use.flush();
  expect(writes).toEqual([['a', 'b']]);
});

test('a use that could not be written is in the next write', async () => {
  const writes: (readonly string[])[] = [];
  let isAway = true;
  const use = createKeyUse(async (ids) => {
    if (isAway) throw new Error('away');
    writes.push(ids);
  });
  use.used('a');
  await expect(use.flush()).rejects.toThrow('away');
  use.used('b');
  isAway = false;
  await use.flush();
  expect(writes.map((ids) => ids.toSorted())).toEqual([['a', 'b']]);
});

test('a key used while a write is under way is in the next one', async () => {
  const gate = Promise.withResolvers<void>();
  const writes: (readonly string[])[] = [];
  const use = createKeyUse(async (ids) => {
    writes.push(ids);
    await gate.promise;
  });
  use.used('a');
  const first = use.flush();
  use.used('b');
  gate.resolve();
  await first;
  await use.flush();
  expect(writes).toEqual([['a'], ['b']]);
});
