import type { SwitchPosition } from '@bourse/db';
import { expect, test } from 'vitest';
import { assertReserving, SwitchBoard } from './switches.ts';

const stop: SwitchPosition = { name: 'stop_reserves', argument: '' };

/** A store whose answers the test gives one by one. */
function slowStore() {
  const looks: PromiseWithResolvers<readonly SwitchPosition[]>[] = [];
  const listOn = () => {
    const look = Promise.withResolvers<readonly SwitchPosition[]>();
    looks.push(look);
    return look.promise;
  };
  return { board: new SwitchBoard({ listOn }), looks };
}

test('a change that is told while a look is under way is looked at again, and both callers wait for it', async () => {
  const { board, looks } = slowStore();
  const first = board.refresh();
  const told = board.refresh();
  looks[0]?.resolve([]);
  await Promise.resolve();
  await expect.poll(() => looks.length).toBe(2);
  looks[1]?.resolve([stop]);
  await Promise.all([first, told]);
  expect(board.current.isReservingStopped).toBe(true);
  expect(looks).toHaveLength(2);
});

test('while the database does not answer, what was known holds', async () => {
  const { board, looks } = slowStore();
  const known = board.refresh();
  looks[0]?.resolve([stop]);
  await known;
  const failing = board.refresh();
  looks[1]?.reject(new Error('away'));
  await expect(failing).rejects.toThrow('away');
  expect(board.current.isReservingStopped).toBe(true);
  const again = board.refresh();
  looks[2]?.resolve([]);
  await again;
  expect(board.current.isReservingStopped).toBe(false);
});

test('a silent database does not keep a later look from succeeding', async () => {
  const { board, looks } = slowStore();
  await expect(board.refresh()).rejects.toThrow('cannot be read');
  const next = board.refresh();
  looks[1]?.resolve([stop]);
  await next;
  expect(() => assertReserving(board.current)).toThrow(/paused by the operator/);
});
