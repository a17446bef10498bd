import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Lifeline } from './lifeline.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function harness(totalMs = 1_000) {
  const client = new AbortController();
  const draining = new AbortController();
  const life = new Lifeline({ client: client.signal, draining: draining.signal, totalMs });
  return { client, draining, life };
}

test('a client that hangs up cuts the call', () => {
  const { client, life } = harness();
  client.abort();
  expect(life.signal.aborted).toBe(true);
  expect(life.reason).toBe('client_gone');
});

test('a client that was gone before the call began cuts it too', () => {
  const client = new AbortController();
  client.abort();
  const life = new Lifeline({ client: client.signal, draining: new AbortController().signal, totalMs: 1_000 });
  expect(life.reason).toBe('client_gone');
});

test('at a provider that bills anyway the answer is read on for the grace time', () => {
  const { client, life } = harness();
  life.drainAfterCancel(500);
  client.abort();
  expect(life.signal.aborted).toBe(false);
  expect(life.isClientGone).toBe(true);
  vi.advanceTimersByTime(501);
  expect(life.reason).toBe('client_gone');
});

test('the total time and a shutdown cut the call, and the first reason stays', () => {
  const { draining, life } = harness(100);
  vi.advanceTimersByTime(101);
  draining.abort();
  expect(life.reason).toBe('total_timeout');
});

test('nothing fires after the end, and no timer is left', () => {
  const { client, life } = harness();
  life.dispose();
  client.abort();
  expect(life.reason).toBeNull();
  expect(vi.getTimerCount()).toBe(0);
});
