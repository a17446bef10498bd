import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Signal } from '../signal.ts';
import { Lifeline } from './lifeline.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function harness(totalMs = 1_000) {
  const client = new Signal();
  const draining = new Signal();
  const life = new Lifeline({ client, draining, totalMs });
  return { client, draining, life };
}

test('a client that hangs up cuts the call', () => {
  const { client, life } = harness();
  client.set();
  expect(life.cut.isSet).toBe(true);
  expect(life.reason).toBe('client_gone');
});

test('a client that was gone before the call began cuts it too', () => {
  const client = new Signal();
  client.set();
  const life = new Lifeline({ client: client, draining: new Signal(), totalMs: 1_000 });
  expect(life.reason).toBe('client_gone');
});

test('at a provider that bills anyway the answer is read on for the grace time', () => {
  const { client, life } = harness();
  life.drainAfterCancel(500);
  client.set();
  expect(life.cut.isSet).toBe(false);
  expect(life.isClientGone).toBe(true);
  vi.advanceTimersByTime(501);
  expect(life.reason).toBe('client_gone');
});

test('the total time and a shutdown cut the call, and the first reason stays', () => {
  const { draining, life } = harness(100);
  vi.advanceTimersByTime(101);
  draining.set();
  expect(life.reason).toBe('total_timeout');
});

test('nothing fires after the end, and no timer is left', () => {
  const { client, life } = harness();
  life.dispose();
  client.set();
  expect(life.reason).toBeNull();
  expect(vi.getTimerCount()).toBe(0);
});
