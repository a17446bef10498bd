import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Concurrency } from './concurrency.ts';
import { firstByteTimeoutMs } from './first-byte.ts';
import { Rest } from './rest.ts';
import { RetryBudget } from './retry-budget.ts';

describe('RetryBudget', () => {
  test('three retries in ten seconds are always allowed', () => {
    const budget = new RetryBudget();
    const taken = Array.from({ length: 10 }, () => budget.take(0)).filter(Boolean);
    expect(taken.length).toBe(3);
  });

  test('any load: retries of ten seconds are at most a tenth of its requests, or three, for each window that they touch', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 50, maxLength: 600 });
    fc.assert(
      fc.property(gaps, (all) => {
        const budget = new RetryBudget();
        const requests: number[] = [];
        const retries: number[] = [];
        let nowMs = 0;
        for (const gap of all) {
          nowMs += gap;
          requests.push(nowMs);
          budget.request(nowMs);
          if (budget.take(nowMs)) retries.push(nowMs);
        }
        expect(retries.length).toBeLessThanOrEqual(0.1 * requests.length + 3 * (Math.floor(nowMs / 10_000) + 1));
      }),
    );
  });

  test('an endpoint that was busy and is quiet now has no more than its floor', () => {
    const budget = new RetryBudget();
    for (let count = 0; count < 1_000; count += 1) budget.request(count);
    expect(Array.from({ length: 20 }, () => budget.take(60_000)).filter(Boolean).length).toBe(3);
  });
});

describe('Concurrency', () => {
  test('refusals lower it from what runs now, once a second, and never below eight', () => {
    const places = new Concurrency();
    for (let count = 0; count < 100; count += 1) expect(places.enter()).toBe(true);
    places.refused(0);
    expect(places.limit).toBe(70);
    places.refused(999);
    expect(places.limit).toBe(70);
    for (let second = 1; second < 30; second += 1) places.refused(second * 1_000);
    expect(places.limit).toBe(8);
  });

  test('as many answers as there are places make it one more', () => {
    const places = new Concurrency();
    for (let count = 0; count < 12; count += 1) void places.enter();
    places.refused(0);
    expect(places.limit).toBe(8);
    for (let count = 0; count < 18; count += 1) places.succeeded();
    expect(places.limit).toBe(10);
  });

  test('whoever finds no place waits for one in a line of 64, and the 65th is sent away', async () => {
    const places = new Concurrency();
    for (let count = 0; count < 12; count += 1) void places.enter();
    places.refused(0);
    const waiting = Array.from({ length: 64 }, () => places.enter());
    expect(places.enter()).toBe(false);
    expect(waiting.every((each) => each instanceof Promise)).toBe(true);
    // 12 run where 8 may: the first four to leave make no room.
    for (let count = 0; count < 5; count += 1) places.leave();
    expect(await waiting[0]).toBe(true);
    expect(places.running).toBe(8);
    const rest = await Promise.all(waiting.slice(1).map((each) => Promise.resolve(each)));
    expect(rest.every((isIn) => isIn === false)).toBe(true);
    expect(places.running).toBe(8);
  });
});

test('what keeps failing rests twice as long each time, up to a bound, and starts anew when it works', () => {
  const rest = new Rest({ firstMs: 60_000, mostMs: 3_600_000 });
  expect(rest.begin(0)).toBe(60_000);
  expect(rest.begin(10)).toBe(59_990);
  expect(rest.isOver(59_999)).toBe(false);
  let nowMs = 60_000;
  const lengths = Array.from({ length: 8 }, () => {
    const length = rest.begin(nowMs);
    nowMs += length;
    return length / 60_000;
  });
  expect(lengths).toEqual([2, 4, 8, 16, 32, 60, 60, 60]);
  expect(rest.end()).toBe(true);
  expect(rest.isOver(0)).toBe(true);
  expect(rest.begin(nowMs)).toBe(60_000);
});

test('the first byte may take three times the 99th percentile, from ten seconds to the bound', () => {
  const at = (p99: number) => ({ p50: 1, p75: 1, p90: 1, p99 });
  expect(firstByteTimeoutMs(null, 120_000)).toBe(60_000);
  expect(firstByteTimeoutMs(null, 400)).toBe(400);
  expect(firstByteTimeoutMs(at(100), 120_000)).toBe(10_000);
  expect(firstByteTimeoutMs(at(8_000), 120_000)).toBe(24_000);
  expect(firstByteTimeoutMs(at(50_000), 120_000)).toBe(120_000);
});
