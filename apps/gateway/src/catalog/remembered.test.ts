import { expect, test } from 'vitest';
import { remembered } from './remembered.ts';

/** A load that counts. */
function counted() {
  const state = { now: 0, loads: [] as string[], isAway: false };
  const of = remembered({ keptMs: 100, keysMax: 2, now: () => state.now }, async (key) => {
    state.loads.push(key);
    if (state.isAway) throw new Error('away');
    return key.toUpperCase();
  });
  return { state, of };
}

test('a key is loaded once within its time, however many ask for it', async () => {
  const { state, of } = counted();
  expect(await Promise.all([of('a'), of('a'), of('b')])).toEqual(['A', 'A', 'B']);
  state.now = 99;
  await of('a');
  expect(state.loads).toEqual(['a', 'b']);
  state.now = 100;
  await of('a');
  expect(state.loads).toEqual(['a', 'b', 'a']);
});

test('the oldest key makes room for a new one', async () => {
  const { state, of } = counted();
  for (const key of ['a', 'b', 'c', 'c', 'a']) await of(key);
  expect(state.loads).toEqual(['a', 'b', 'c', 'a']);
});

test('a failure is not kept', async () => {
  const { state, of } = counted();
  state.isAway = true;
  await expect(of('a')).rejects.toThrow('away');
  state.isAway = false;
  expect(await of('a')).toBe('A');
});
