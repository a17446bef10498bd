import { describe, expect, test } from 'vitest';
import { mayBegin, Pressure, type PressureSample } from './pressure.ts';

function underPressure() {
  const pressure = new Pressure({ loopDelayMs: 150 });
  let nowMs = 0;
  const feel = (sample: Partial<PressureSample>): string => {
    nowMs += 250;
    pressure.observe({ loopDelayMs: 0, heapShare: 0.1, running: 10, nowMs, ...sample });
    return pressure.level;
  };
  return { pressure, feel };
}

describe('levels', () => {
  test.each([
    [{}, 'green'],
    [{ loopDelayMs: 50 }, 'green'],
    [{ loopDelayMs: 51 }, 'yellow'],
    [{ loopDelayMs: 151 }, 'orange'],
    [{ heapShare: 0.71 }, 'yellow'],
    [{ heapShare: 0.86 }, 'orange'],
    [{ heapShare: 0.94 }, 'red'],
  ])('%o is %s', (sample, level) => {
    expect(underPressure().feel(sample)).toBe(level);
  });

  test('rise at once, and fall after five calm seconds, each time', () => {
    const { feel } = underPressure();
    expect(feel({ loopDelayMs: 200 })).toBe('orange');
    for (let count = 0; count < 19; count += 1) expect(feel({ loopDelayMs: 60 })).toBe('orange');
    expect(feel({ loopDelayMs: 60 })).toBe('yellow');
    for (let count = 0; count < 19; count += 1) expect(feel({})).toBe('yellow');
    expect(feel({})).toBe('green');
  });

  test('a moment that is not calm begins the five seconds anew', () => {
    const { feel } = underPressure();
    feel({ loopDelayMs: 60 });
    for (let count = 0; count < 19; count += 1) feel({});
    expect(feel({ loopDelayMs: 60 })).toBe('yellow');
    for (let count = 0; count < 19; count += 1) expect(feel({})).toBe('yellow');
    expect(feel({})).toBe('green');
  });

  test('without a bound of its own the loop says nothing', () => {
    const pressure = new Pressure({ loopDelayMs: 0 });
    pressure.observe({ loopDelayMs: 60_000, heapShare: 0.1, running: 500, nowMs: 1 });
    expect([pressure.level, pressure.cap]).toEqual(['green', Number.POSITIVE_INFINITY]);
  });
});

describe('how many may run', () => {
  test('is no question while it is green', () => {
    const { pressure, feel } = underPressure();
    feel({ running: 5_000 });
    expect(pressure.cap).toBe(Number.POSITIVE_INFINITY);
  });

  test('is what ran, less while the loop is late, more when it is not, and as many as one likes after five calm seconds', () => {
    const { pressure, feel } = underPressure();
    feel({ loopDelayMs: 160, running: 400 });
    expect(pressure.cap).toBe(300);
    feel({ loopDelayMs: 100, running: 300 });
    expect(pressure.cap).toBe(285);
    feel({ loopDelayMs: 40, running: 285 });
    expect(pressure.cap).toBe(285);
    feel({ loopDelayMs: 5, running: 285 });
    expect(pressure.cap).toBe(314);
    for (let count = 0; count < 60; count += 1) feel({ running: 300 });
    expect(pressure.cap).toBe(Number.POSITIVE_INFINITY);
  });

  test.each([
    [200, 300],
    [300, 200],
    [600, 100],
    [6_000, 100],
  ])('is the less the later the loop was: %d ms after 400 make it %d', (loopDelayMs, cap) => {
    const { pressure, feel } = underPressure();
    feel({ loopDelayMs, running: 400 });
    expect(pressure.cap).toBe(cap);
  });

  test('is never so few that it is no load', () => {
    const { pressure, feel } = underPressure();
    for (let count = 0; count < 100; count += 1) feel({ loopDelayMs: 500, running: 1 });
    expect(pressure.cap).toBe(16);
  });

  test('is none while the heap is nearly full, until it is not', () => {
    const { pressure, feel } = underPressure();
    feel({ heapShare: 0.9, running: 100 });
    expect(pressure.isShut).toBe(true);
    feel({ heapShare: 0.8, running: 90 });
    expect([pressure.isShut, pressure.cap]).toEqual([false, 100]);
  });
});

describe('who may begin', () => {
  const at = (cap: number, total: number, organizations: number) => ({ cap, total, organizations });

  test('everybody, while nothing is capped', () => {
    expect(mayBegin(at(Number.POSITIVE_INFINITY, 10_000, 2), 9_999)).toBe(true);
  });

  test('one alone has all of it', () => {
    expect(mayBegin(at(32, 31, 1), 31)).toBe(true);
    expect(mayBegin(at(32, 32, 1), 32)).toBe(false);
  });

  test('who has less than a share comes in, also when another has taken everything', () => {
    expect(mayBegin(at(32, 32, 1), 0)).toBe(true);
    expect(mayBegin(at(32, 500, 1), 0)).toBe(true);
    expect(mayBegin(at(32, 47, 2), 15)).toBe(true);
    expect(mayBegin(at(32, 48, 2), 16)).toBe(false);
    expect(mayBegin(at(32, 48, 2), 32)).toBe(false);
    expect(mayBegin(at(32, 31, 2), 30)).toBe(true);
  });

  test('a crowd of newcomers does not come in without end', () => {
    expect(mayBegin(at(32, 64, 64), 0)).toBe(false);
  });
});
