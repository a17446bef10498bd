import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Breaker, type Permit } from './breaker.ts';

const OPEN_MS = 5_000;
const closed = () => new Breaker({ openMs: OPEN_MS, draw: () => 0.5 });

/** A breaker that opened at 0. */
function opened(): Breaker {
  const breaker = closed();
  for (let count = 0; count < 5; count += 1) breaker.failed('call', true, 0);
  return breaker;
}

describe('Breaker', () => {
  test('opens when half of at least ten attempts of thirty seconds failed, and not before', () => {
    const breaker = closed();
    for (let count = 0; count < 5; count += 1) breaker.succeeded('call', count);
    for (let count = 0; count < 4; count += 1) expect(breaker.failed('call', false, count)).toBe(false);
    expect(breaker.state(10)).toBe('closed');
    expect(breaker.failed('call', false, 10)).toBe(true);
    expect(breaker.admit(10)).toBeNull();
  });

  test('a long good time does not keep it closed when an endpoint dies', () => {
    const breaker = closed();
    for (let ms = 0; ms < 29_000; ms += 10) breaker.succeeded('call', ms);
    let failures = 0;
    for (let ms = 30_000; breaker.state(ms) === 'closed'; ms += 30)
      failures += Number(!breaker.failed('call', false, ms));
    expect(failures).toBe(9);
  });

  test('attempts of more than thirty seconds ago say nothing', () => {
    const breaker = closed();
    for (let count = 0; count < 9; count += 1) breaker.failed('call', false, 0);
    expect(breaker.failed('call', false, 30_000)).toBe(false);
    expect(breaker.state(30_000)).toBe('closed');
  });

  test('opens when five in a row could not connect, and an answer in between starts the count again', () => {
    const breaker = closed();
    for (let count = 0; count < 4; count += 1) breaker.failed('call', true, 0);
    breaker.succeeded('call', 0);
    for (let count = 0; count < 4; count += 1) expect(breaker.failed('call', true, 0)).toBe(false);
    expect(breaker.failed('call', true, 0)).toBe(true);
  });

  test('half open it admits one probe, however many ask', () => {
    const breaker = opened();
    expect(breaker.admit(OPEN_MS - 1)).toBeNull();
    expect(breaker.state(OPEN_MS)).toBe('due');
    const permits = Array.from({ length: 100 }, () => breaker.admit(OPEN_MS));
    expect(permits.filter((permit) => permit !== null)).toEqual(['probe']);
  });

  test('three probes that succeed close it, one after the other', () => {
    const breaker = opened();
    for (let count = 1; count <= 3; count += 1) {
      expect(breaker.admit(OPEN_MS)).toBe('probe');
      expect(breaker.admit(OPEN_MS)).toBeNull();
      expect(breaker.succeeded('probe', OPEN_MS)).toBe(count === 3);
    }
    expect(breaker.admit(OPEN_MS)).toBe('call');
  });

  test('a probe that fails opens it again, for seven seconds however often', () => {
    const breaker = opened();
    let nowMs = OPEN_MS;
    for (let count = 0; count < 20; count += 1) {
      expect(breaker.admit(nowMs)).toBe('probe');
      breaker.failed('probe', false, nowMs);
      expect(breaker.state(nowMs + 6_999)).toBe('open');
      nowMs += 7_000;
      expect(breaker.state(nowMs)).toBe('due');
    }
  });

  test('a probe that says nothing makes room for the next', () => {
    const breaker = opened();
    expect(breaker.admit(OPEN_MS)).toBe('probe');
    breaker.withdrawn('probe');
    expect(breaker.admit(OPEN_MS)).toBe('probe');
  });

  test('calls that were forced through close it when they are answered', () => {
    const breaker = opened();
    expect(breaker.succeeded('forced', 1)).toBe(false);
    expect(breaker.state(1)).toBe('due');
    breaker.succeeded('forced', 1);
    expect(breaker.succeeded('forced', 2)).toBe(true);
  });

  test('any history: at most one probe is out at a time, and it is never open for more than 8.4 seconds without one being due', () => {
    const step = fc.record({
      ms: fc.integer({ min: 0, max: 4_000 }),
      isOk: fc.boolean(),
      isConnect: fc.boolean(),
      isLate: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.double({ min: 0, max: 1, noNaN: true }), (steps, jitter) => {
        const breaker = new Breaker({ openMs: OPEN_MS, draw: () => jitter });
        const out: Permit[] = [];
        let nowMs = 0;
        const settle = (permit: Permit, { isOk, isConnect }: { isOk: boolean; isConnect: boolean }) => {
          if (isOk) breaker.succeeded(permit, nowMs);
          else breaker.failed(permit, isConnect, nowMs);
        };
        for (const each of steps) {
          nowMs += each.ms;
          const permit = breaker.admit(nowMs);
          if (permit !== null) out.push(permit);
          expect(out.filter((one) => one === 'probe').length).toBeLessThanOrEqual(1);
          const settled = each.isLate ? undefined : out.shift();
          if (settled !== undefined) settle(settled, each);
        }
        for (const permit of out) breaker.withdrawn(permit);
        expect(breaker.state(nowMs + 8_400)).not.toBe('open');
      }),
    );
  });
});
