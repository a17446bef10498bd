import { expect, test } from 'vitest';
import { Breaker } from './breaker.ts';

function breakerAt() {
  const clock = { ms: 0 };
  return { clock, breaker: new Breaker({ failuresMax: 3, openMs: 1_000, now: () => clock.ms }) };
}

function fail(breaker: Breaker, times: number): void {
  for (let count = 0; count < times; count += 1) breaker.report('call', false);
}

test('calls go through until three in a row have failed', () => {
  const { breaker } = breakerAt();
  fail(breaker, 2);
  breaker.report('call', true);
  fail(breaker, 2);
  expect(breaker.admit()).toBe('call');
  fail(breaker, 1);
  expect(breaker.isClosed).toBe(false);
  expect(breaker.admit()).toBeNull();
});

test('of all who ask when its time is over exactly one may probe', () => {
  const { breaker, clock } = breakerAt();
  fail(breaker, 3);
  clock.ms = 999;
  expect(breaker.admit()).toBeNull();
  clock.ms = 1_000;
  expect(Array.from({ length: 100 }, () => breaker.admit()).filter((permit) => permit !== null)).toEqual(['probe']);
});

test('a probe that is answered lets everybody through, one that is not starts the wait anew', () => {
  const { breaker, clock } = breakerAt();
  fail(breaker, 3);
  clock.ms = 1_000;
  breaker.admit();
  breaker.report('probe', false);
  clock.ms = 1_999;
  expect(breaker.admit()).toBeNull();
  clock.ms = 2_000;
  expect(breaker.admit()).toBe('probe');
  breaker.report('probe', true);
  expect([breaker.admit(), breaker.admit()]).toEqual(['call', 'call']);
  expect(breaker.isClosed).toBe(true);
});

test('calls from before it opened neither close it nor keep it open for longer', () => {
  const { breaker, clock } = breakerAt();
  fail(breaker, 3);
  clock.ms = 500;
  breaker.report('call', true);
  expect(breaker.admit()).toBeNull();
  fail(breaker, 5);
  clock.ms = 1_000;
  expect(breaker.admit()).toBe('probe');
});
