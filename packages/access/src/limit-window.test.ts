import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type LimitReset, limitResetsAt, limitWindow } from './limit-window.ts';

const at = (text: string): number => Date.parse(text);

describe('limitWindow', () => {
  test.each<[LimitReset, string, string, string]>([
    ['daily', '2026-11-22T00:00:00.000Z', '2026-11-22T00:00:00.000Z', '2026-11-23T00:00:00.000Z'],
    ['daily', '2026-11-22T23:59:59.999Z', '2026-11-22T00:00:00.000Z', '2026-11-23T00:00:00.000Z'],
    ['daily', '2026-12-31T12:00:00.000Z', '2026-12-31T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
    ['weekly', '2026-11-22T23:59:59.999Z', '2026-11-16T00:00:00.000Z', '2026-11-23T00:00:00.000Z'],
    ['weekly', '2026-11-23T00:00:00.000Z', '2026-11-23T00:00:00.000Z', '2026-11-30T00:00:00.000Z'],
    ['weekly', '2027-01-01T08:00:00.000Z', '2026-12-28T00:00:00.000Z', '2027-01-04T00:00:00.000Z'],
    ['monthly', '2026-11-30T23:59:59.999Z', '2026-11-01T00:00:00.000Z', '2026-12-01T00:00:00.000Z'],
    ['monthly', '2026-12-01T00:00:00.000Z', '2026-12-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
    ['monthly', '2028-02-29T10:00:00.000Z', '2028-02-01T00:00:00.000Z', '2028-03-01T00:00:00.000Z'],
  ])('%s at %s runs from %s to %s', (reset, now, startsAt, resetsAt) => {
    expect(limitWindow(reset, at(now))).toEqual({ startsAt: new Date(startsAt), resetsAt: new Date(resetsAt) });
  });

  test('a limit without a rhythm has no window and never starts anew', () => {
    expect(limitWindow(null, at('2026-11-22T10:00:00Z'))).toEqual({ startsAt: null, resetsAt: null });
    expect(limitResetsAt(null, at('2026-11-22T10:00:00Z'))).toBeNull();
  });

  test('every moment is in exactly one window, and windows follow one another without a gap', () => {
    const reset = fc.constantFrom<LimitReset>('daily', 'weekly', 'monthly');
    const moment = fc.integer({ min: at('2020-01-01T00:00:00Z'), max: at('2050-01-01T00:00:00Z') });
    fc.assert(
      fc.property(reset, moment, (rhythm, nowMs) => {
        const { startsAt, resetsAt } = limitWindow(rhythm, nowMs);
        const [startMs, endMs] = [startsAt?.getTime() ?? Number.NaN, resetsAt?.getTime() ?? Number.NaN];
        expect(startMs <= nowMs && nowMs < endMs).toBe(true);
        expect(startMs % 86_400_000).toBe(0);
        expect(limitWindow(rhythm, endMs).startsAt).toEqual(resetsAt);
        expect(limitWindow(rhythm, endMs - 1)).toEqual({ startsAt, resetsAt });
      }),
    );
  });
});
