import { expect, test } from 'vitest';
import { Signal } from './signal.ts';

test('what happened is told once to each who listens, in order, and at once to those who come late', () => {
  const signal = new Signal();
  const heard: string[] = [];
  const second = () => heard.push('second');
  signal.listen(() => heard.push('first'));
  signal.listen(second);
  signal.listen(() => heard.push('third'));
  signal.forget(second);
  expect(signal.isSet).toBe(false);
  signal.set();
  signal.set();
  signal.listen(() => heard.push('late'));
  expect(heard).toEqual(['first', 'third', 'late']);
  expect(signal.isSet).toBe(true);
});
