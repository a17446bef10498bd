import { invariant } from '@bourse/errors';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  fullAgainIn,
  giveBackToRate,
  type RateRule,
  rateRule,
  remainingOfRate,
  shareOfRule,
  takeFromRate,
  waitForRate,
} from './rate-rule.ts';

function rule(limit: number, options: { periodUs?: number; burst?: number } = {}): RateRule {
  const made = rateRule(limit, options);
  invariant(made, 'a limit of 0');
  return made;
}

/** One key under a rule. */
function bucket(of: RateRule) {
  let tatUs = 0;
  return {
    take(nowUs: number, cost = 1): boolean {
      const taken = takeFromRate(of, { tatUs, nowUs, cost });
      tatUs = Math.abs(taken);
      return taken > 0;
    },
    giveBack(nowUs: number, cost: number): void {
      tatUs = giveBackToRate(of, { tatUs, nowUs, cost });
    },
    remaining: (nowUs: number) => remainingOfRate(of, tatUs, nowUs),
    wait: (nowUs: number, cost = 1) => waitForRate(of, { tatUs, nowUs, cost }),
    full: (nowUs: number) => fullAgainIn(of, tatUs, nowUs),
  };
}

/** A small generator, so that a run can be repeated. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

/**
 * The same promise said in another way: in every window that begins with something granted and ends now, no more is granted than a burst and
 * what the length of the window earns. It looks at all that was granted since the last rest, for every arrival.
 */
function exactReference({ intervalUs, burst }: RateRule) {
  let granted: { at: number; cost: number }[] = [];
  const fits = (now: number, cost: number, allowance: number): boolean => {
    let sum = cost;
    for (let index = granted.length - 1; index >= 0; index -= 1) {
      const each = granted[index];
      invariant(each, 'in range');
      sum += each.cost;
      if (intervalUs * sum > now - each.at + allowance) return false;
    }
    return intervalUs * cost <= allowance;
  };
  return (now: number, cost: number): boolean => {
    if (fits(now, 0, 0)) granted = [];
    const isGranted = fits(now, cost, intervalUs * burst);
    if (isGranted) granted.push({ at: now, cost });
    return isGranted;
  };
}

describe('a rate', () => {
  test('grants what an exact look at the whole past grants, over a million random arrivals', () => {
    const random = randomFrom(7);
    const differences: number[] = [];
    let arrivals = 0;
    while (arrivals < 1_000_000) {
      const of = rule(1 + Math.floor(random() * 5_000), { burst: 1 + Math.floor(random() * 40) });
      const ours = bucket(of);
      const reference = exactReference(of);
      let now = 1_000_000 + Math.floor(random() * 1e9);
      const load = 0.3 + random() * 4;
      for (let count = 0; count < 200; count += 1) {
        now += Math.floor((random() * 2 * of.intervalUs) / load);
        const cost = random() < 0.7 ? 1 : 1 + Math.floor(random() * of.burst);
        if (ours.take(now, cost) !== reference(now, cost)) differences.push(now);
        arrivals += 1;
      }
    }
    expect(differences).toEqual([]);
  });

  test('grants a burst at once and then one in each interval', () => {
    const limited = bucket(rule(60, { burst: 3 }));
    expect(Array.from({ length: 5 }, () => limited.take(1_000_000))).toEqual([true, true, true, false, false]);
    expect(limited.wait(1_000_000)).toBe(1_000_000);
    expect(limited.take(1_999_999)).toBe(false);
    expect(limited.take(2_000_000)).toBe(true);
    expect(limited.full(2_000_000)).toBe(3_000_000);
  });

  test('a clock that goes back ten minutes never grants more than a burst, and locks nobody out for longer than one takes', () => {
    const random = randomFrom(11);
    for (let round = 0; round < 2_000; round += 1) {
      const of = rule(1 + Math.floor(random() * 600));
      const limited = bucket(of);
      const now = 1e12 + Math.floor(random() * 1e9);
      for (let count = Math.floor(random() * of.burst * 2); count > 0; count -= 1) limited.take(now);
      const back = now - 600_000_000;
      let granted = 0;
      while (limited.take(back)) granted += 1;
      expect(granted).toBeLessThanOrEqual(of.burst);
      expect(limited.take(back + of.toleranceUs)).toBe(true);
    }
  });

  test('what remains can be taken, and not one more', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.array(fc.tuple(fc.nat(2_000_000), fc.integer({ min: 1, max: 20 })), { maxLength: 10 }),
        (limit, steps) => {
          const of = rule(limit);
          const limited = bucket(of);
          let now = 5_000_000;
          for (const [wait, cost] of steps) {
            now += wait;
            limited.take(now, cost);
          }
          const left = limited.remaining(now);
          for (let count = 0; count < left; count += 1) expect(limited.take(now)).toBe(true);
          expect(limited.take(now)).toBe(false);
          expect(limited.take(now + limited.wait(now))).toBe(true);
        },
      ),
    );
  });

  test('what is given back may be taken again, and no more than a burst ever', () => {
    const limited = bucket(rule(600, { burst: 10 }));
    expect(limited.take(1e9, 10)).toBe(true);
    limited.giveBack(1e9, 4);
    expect(limited.remaining(1e9)).toBe(4);
    limited.giveBack(1e9, 1_000);
    expect(limited.remaining(1e9)).toBe(10);
  });

  test('what was taken without asking is owed, but never for longer than a burst takes', () => {
    const limited = bucket(rule(600, { burst: 10 }));
    limited.giveBack(1e9, -1_000);
    expect(limited.remaining(1e9)).toBe(0);
    expect(limited.take(1e9 + 100_000)).toBe(true);
  });

  test('something larger than a burst takes all of it instead of never being granted', () => {
    const limited = bucket(rule(600, { burst: 10 }));
    expect(limited.take(1e9, 50)).toBe(true);
    expect(limited.take(1e9)).toBe(false);
  });

  test('0 is no limit; a burst is a tenth of the limit, and five at least', () => {
    expect(rateRule(0)).toBeNull();
    expect(rule(20).burst).toBe(5);
    expect(rule(6_000).burst).toBe(600);
    expect(rule(7)).toMatchObject({ limit: 7, intervalUs: 8_571_429 });
  });

  test('nodes that cannot ask one another grant the limit together, and a burst with one more for each', () => {
    for (const nodes of [1, 2, 3, 7, 64]) {
      const whole = rule(120, { burst: 12 });
      const part = shareOfRule(whole, nodes);
      const buckets = Array.from({ length: nodes }, () => bucket(part));
      let granted = 0;
      // A minute of far more than is allowed, everywhere.
      for (let now = 1e9; now < 1e9 + 60_000_000; now += 50_000)
        for (const each of buckets) if (each.take(now)) granted += 1;
      expect(granted).toBeLessThanOrEqual(120 + 12 + nodes);
      expect(granted).toBeGreaterThanOrEqual(120 - nodes);
    }
  });
});
