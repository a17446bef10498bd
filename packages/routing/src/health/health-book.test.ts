import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { unknownHealth } from '../health.ts';
import { DeltaTally } from './delta-tally.ts';
import { HealthBook } from './health-book.ts';
import type { HealthSample } from './sample.ts';
import { percentilesOfBins, Sketch } from './sketch.ts';

const START = Date.UTC(2026, 10, 22, 12);
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** A book on a clock of its own. */
function bookAt(startMs = START) {
  const book = new HealthBook();
  let nowMs = startMs;
  return {
    book,
    pass: (ms: number) => {
      nowMs += ms;
      book.refresh(nowMs);
    },
    record: (sample: HealthSample, times = 1) => {
      for (let count = 0; count < times; count += 1) book.record('e', sample, nowMs);
    },
    late: (isLate: boolean) => book.setLate('e', isLate, nowMs),
    now: () => nowMs,
    read: () => {
      book.refresh(nowMs);
      return book.of('e');
    },
    stats: () => book.stats('e', nowMs),
  };
}

const fine: HealthSample = { isAnswered: true, end: 'ok' };
const failure: HealthSample = { end: 'failed' };

describe('HealthBook: outages', () => {
  test('knows nothing of an endpoint that nobody called', () => {
    expect(new HealthBook().of('e')).toBe(unknownHealth);
    expect(new HealthBook().stats('e', START).uptime1d).toBeNull();
  });

  test('one failure after which nothing answered is an outage at once, for 30 seconds', () => {
    const { book, record, pass } = bookAt();
    record(failure);
    expect(book.of('e').isOut).toBe(true);
    pass(26_999);
    expect(book.of('e').isOut).toBe(true);
    pass(3_001);
    expect(book.of('e').isOut).toBe(false);
  });

  test('one failure among many answers is none, and three after a long good time are', () => {
    const { book, record, pass } = bookAt();
    for (let second = 0; second < 29; second += 1) {
      record(fine, 20);
      pass(SECOND);
    }
    record(fine, 20);
    record(failure);
    expect(book.of('e').isOut).toBe(false);
    pass(3 * SECOND);
    record(failure, 3);
    expect(book.of('e').isOut).toBe(true);
  });

  test('an answer ends it at once', () => {
    const { book, record } = bookAt();
    record(failure);
    record({ isAnswered: true });
    expect(book.of('e').isOut).toBe(false);
  });

  test('a stream that is cut counts although its first token came', () => {
    const { book, record } = bookAt();
    record({ isAnswered: true });
    record(failure);
    expect(book.of('e').isOut).toBe(true);
  });

  test('answers in between do not hide a tenth of failures, and hide less', () => {
    const often = bookAt();
    often.record(failure, 3);
    often.record(fine, 27);
    expect(often.read().isOut).toBe(true);
    const seldom = bookAt();
    seldom.record(failure, 3);
    seldom.record(fine, 28);
    expect(seldom.read().isOut).toBe(false);
  });

  test('calls that wait far too long are an outage for as long as they wait', () => {
    const { late, record, book } = bookAt();
    record(fine, 20);
    late(true);
    expect(book.of('e').isOut).toBe(true);
    late(false);
    expect(book.of('e').isOut).toBe(false);
  });
});

describe('HealthBook: percentiles', () => {
  test('are over five minutes, within two percent, and null below ten answers', () => {
    const { record, read, pass } = bookAt();
    for (let ms = 1; ms <= 9; ms += 1) record({ latencyMs: ms * 100 });
    expect(read().latencyMs).toBeNull();
    for (let ms = 10; ms <= 1_000; ms += 1) record({ latencyMs: ms, tokensPerSecond: ms / 10 });
    const { latencyMs, tokensPerSecond } = read();
    expect(latencyMs?.p50).toBeGreaterThan(480);
    expect(latencyMs?.p50).toBeLessThan(520);
    expect(latencyMs?.p99).toBeGreaterThan(960);
    expect(tokensPerSecond?.p90).toBeGreaterThan(87);
    pass(5 * MINUTE);
    expect(read().latencyMs).toBeNull();
  });

  test('any values: a percentile is within two percent of the value at its rank', () => {
    const values = fc.array(fc.double({ min: 0.1, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(values, fc.constantFrom(0.5, 0.75, 0.9, 0.99), (all, share) => {
        const sketch = new Sketch();
        for (const value of all) sketch.add(value);
        const exact = all.toSorted((a, b) => a - b)[Math.floor(share * (all.length - 1))] ?? 0;
        expect(Math.abs((sketch.quantile(share) ?? 0) - exact)).toBeLessThanOrEqual(0.0201 * exact);
      }),
    );
  });

  test('bins added up tell the same as one sketch of everything', () => {
    const values = fc.array(fc.double({ min: 0.1, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(values, values, (left, right) => {
        const [one, other, both] = [new Sketch(), new Sketch(), new Sketch()];
        for (const value of left) one.add(value);
        for (const value of right) other.add(value);
        for (const value of [...left, ...right]) both.add(value);
        one.addBins(JSON.parse(JSON.stringify(other.bins())));
        expect(one.bins()).toEqual(both.bins());
        expect(percentilesOfBins(one.bins())).toEqual(percentilesOfBins(both.bins()));
      }),
    );
  });
});

describe('HealthBook: uptime and quality', () => {
  test('uptime needs a hundred attempts and looks back a day', () => {
    const { record, read, pass, stats } = bookAt();
    record(fine, 90);
    record(failure, 9);
    expect(read().uptime).toBeNull();
    expect(stats().uptime5m).toBeCloseTo(90 / 99);
    record(failure);
    expect(read().uptime).toBeCloseTo(0.9);
    pass(10 * MINUTE);
    expect(stats()).toMatchObject({ uptime5m: null, uptime30m: 0.9, uptime1d: 0.9 });
    pass(24 * 60 * MINUTE);
    expect(read().uptime).toBeNull();
    expect(stats().uptime1d).toBeNull();
  });

  test('a new process takes the day from the history', () => {
    const { book, now, read } = bookAt();
    const hour = { endpointId: 'e', ok: 95, failed: 5, atMs: now() - 3 * 60 * MINUTE };
    book.remember([hour, { ...hour, atMs: now() - 25 * 60 * MINUTE }], now());
    expect(read()).toMatchObject({ uptime: 0.95, isOut: false });
  });

  test('tool calls are judged over two hours, attempts and speed over thirty minutes', () => {
    const { record, read, pass, stats } = bookAt();
    record({ ...fine, tools: 'sound', tokensPerSecond: 50 }, 9);
    record({ ...fine, tools: 'broken', tokensPerSecond: 50 });
    expect(read().quality).toMatchObject({ toolSuccess: 0.9, toolAnswers: 10, attempts: 10 });
    expect(read().quality.tokensPerSecond).toBeCloseTo(50, -1);
    expect(stats().toolErrorRate2h).toBeCloseTo(0.1);
    pass(31 * MINUTE);
    expect(read().quality).toMatchObject({ toolSuccess: 0.9, attempts: 0, tokensPerSecond: null });
    pass(90 * MINUTE);
    expect(read().quality.toolSuccess).toBeNull();
  });
});

describe('HealthBook: neighbours', () => {
  test('what one gateway saw is known to the other', () => {
    const tally = new DeltaTally();
    const one = bookAt();
    const other = bookAt();
    const samples: HealthSample[] = [
      ...Array.from(
        { length: 120 },
        (_, index): HealthSample => ({ ...fine, latencyMs: index + 1, tokensPerSecond: 40, tools: 'sound' }),
      ),
    ];
    for (const sample of [failure, ...samples]) {
      one.record(sample);
      tally.add('e', sample);
    }
    other.book.absorb(JSON.parse(JSON.stringify(tally.take())), other.now());
    expect(other.read()).toEqual(one.read());
    expect(other.read()).toMatchObject({ isOut: false, uptime: 120 / 121 });
    expect(tally.take()).toEqual([]);
  });

  test('an outage that one gateway met is avoided by the other', () => {
    const tally = new DeltaTally();
    const other = bookAt();
    tally.add('e', failure);
    other.book.absorb(tally.take(), other.now());
    expect(other.book.of('e').isOut).toBe(true);
  });
});
