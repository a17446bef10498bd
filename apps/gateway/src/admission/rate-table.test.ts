import { expect, test } from 'vitest';
import { RateTable } from './rate-table.ts';

test('remembers numbers by name, and 0 for names that it does not know', () => {
  const table = new RateTable(10);
  table.set('a', 5);
  table.set('a', 6);
  expect([table.get('a'), table.get('b')]).toEqual([6, 0]);
});

test('a million names take no more room than it has, and who is asked for all the time is never forgotten', () => {
  const table = new RateTable(1_000);
  table.set('loyal', 42);
  for (let index = 0; index < 1_000_000; index += 1) {
    table.set(`name ${index}`, index);
    if (index % 100 === 0) expect(table.get('loyal')).toBe(42);
  }
  expect(table.size).toBeLessThanOrEqual(1_000);
  expect(table.get('name 999999')).toBe(999_999);
  expect(table.get('name 1')).toBe(0);
});
