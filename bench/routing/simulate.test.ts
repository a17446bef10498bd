import { beforeAll, describe, expect, test } from 'vitest';
import { Agenda } from './agenda.ts';
import { createMarket } from './market.ts';
import { type PolicyName, policyNames } from './policies.ts';
import { type PolicyResult, simulate } from './simulate.ts';

const durationMs = 3 * 3_600_000;
const seed = 1;
const count = 20_000;
const market = createMarket({ seed, durationMs });
const results = new Map<PolicyName, PolicyResult>();

function run(policy: PolicyName, requests = count): PolicyResult {
  return simulate({ market, policy, seed, count: requests, durationMs, refreshMs: 25_000 });
}

function of(policy: PolicyName): PolicyResult {
  return results.get(policy) ?? expect.unreachable('every policy was run');
}

beforeAll(() => {
  for (const policy of policyNames) results.set(policy, run(policy));
}, 120_000);

describe('20,000 requests over a market of 40 endpoints with outages', () => {
  test.each(policyNames)(
    '%s: every request ends in exactly one way, and every answer was given by somebody',
    (policy) => {
      const { answered, refused, cut, attempts, answersByEndpoint } = of(policy);
      expect(market.endpoints.size).toBe(40);
      expect(answered + refused + cut).toBe(count);
      expect(attempts).toBeGreaterThanOrEqual(count);
      expect([...answersByEndpoint.values()].reduce((sum, answers) => sum + answers, 0)).toBe(answered);
    },
  );

  test('the default answers no fewer in time than a round robin, and calls half as often into an outage at most', () => {
    const [own, turns] = [of('default'), of('round-robin')];
    expect(own.inTime).toBeGreaterThanOrEqual(turns.inTime);
    expect(own.attemptsIntoOutages).toBeLessThan(turns.attemptsIntoOutages / 2);
    expect(own.rescued).toBeLessThan(turns.rescued);
  });

  test('the default costs less than a round robin and than the sort by latency, and the sort by price the least', () => {
    const cost = (policy: PolicyName) => of(policy).usdPerThousand;
    expect(cost('default')).toBeLessThan(cost('round-robin'));
    expect(cost('default')).toBeLessThan(cost('latency'));
    expect(cost('price')).toBe(Math.min(...policyNames.map(cost)));
  });

  test('the sort by latency is the first with a token', () => {
    const p50 = (policy: PolicyName) => of(policy).firstTokenMs.p50;
    expect(p50('latency')).toBe(Math.min(...policyNames.map(p50)));
  });

  test('the default gives everybody against whom nothing speaks a share, the cheaper the more', () => {
    const share = (provider: string) => of('default').answersByEndpoint.get(`maker/small@${provider}`) ?? 0;
    expect(share('instant')).toBeGreaterThan(0);
    expect(share('solid')).toBeGreaterThan(share('quick'));
    expect(share('quick')).toBeGreaterThan(share('instant'));
  });
});

test('the same seed gives the same result', () => {
  expect(run('default', 500)).toEqual(run('default', 500));
});

test('an agenda gives back in the order of time what was added in any', () => {
  const agenda = new Agenda<{ readonly atMs: number }>();
  for (const atMs of [5, 3, 9, 1, 7, 3, 8, 2]) agenda.add({ atMs });
  expect(agenda.nextAtMs).toBe(1);
  const taken = Array.from({ length: 8 }, () => agenda.take()?.atMs);
  expect(taken).toEqual([1, 2, 3, 3, 5, 7, 8, 9]);
  expect(agenda.take()).toBeUndefined();
});
