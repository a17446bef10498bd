import { planRoute } from '@bourse/routing';
import { expect, test } from 'vitest';
import { inputFor, largeMarket } from './plan-market.ts';
import { planRequests } from './plan-requests.ts';
import { median } from './statistics.ts';

/** Ten times what `pnpm bench:plan` allows: here it is seen whether something grew with the market, on a machine that does other things. */
const ROOM_NS = 200_000;

const ROUNDS = 5;
const PLANS = 600;

test('every measured request has a plan, and none takes a time that grows with the market', () => {
  const inputOf = inputFor(largeMarket());
  for (const [name, prompts] of Object.entries(planRequests)) {
    const round = (): number => {
      const times: number[] = [];
      for (let index = 0; index < PLANS; index += 1) {
        const prompt = prompts[index % prompts.length];
        if (prompt === undefined) continue;
        const startedAt = process.hrtime.bigint();
        const plan = planRoute(inputOf(prompt));
        times.push(Number(process.hrtime.bigint() - startedAt));
        expect(plan.kind, name).toBe('routed');
      }
      return median(times);
    };
    // The first rounds are slow because nothing is compiled yet.
    const best = Math.min(...Array.from({ length: ROUNDS }, round));
    expect(best, name).toBeLessThan(ROOM_NS);
  }
});
