import type { Prompt } from '@bourse/generation';
import { type PlanInput, planRoute } from '@bourse/routing';
import { inputFor, largeMarket } from './plan-market.ts';
import { planRequests } from './plan-requests.ts';
import { median, percentile } from './statistics.ts';

// `pnpm bench:plan`: how long a plan takes on a market of 300 models at 25 providers each, per typical request. Other programs only make a
// plan slower, so each request is measured in rounds, and the round with the lowest median says what a plan takes. Exits 1 when that is
// more than it may be.

const BAR_NS = 20_000;
const ROUNDS = 12;
const PLANS_PER_ROUND = 4_000;
const WARM_UP_PLANS = 5_000;

interface Timing {
  readonly medianNs: number;
  readonly p99Ns: number;
}

function timeRound(prompts: readonly Prompt[], inputOf: (prompt: Prompt) => PlanInput): Timing {
  const times: number[] = [];
  for (let index = 0; index < PLANS_PER_ROUND; index += 1) {
    const prompt = prompts[index % prompts.length];
    if (prompt === undefined) continue;
    const input = inputOf(prompt);
    const startedAt = process.hrtime.bigint();
    const plan = planRoute(input);
    times.push(Number(process.hrtime.bigint() - startedAt));
    if (plan.kind === 'unroutable') throw new Error(`no plan: ${plan.message}`);
  }
  return { medianNs: median(times), p99Ns: percentile(times, 0.99) };
}

const catalog = largeMarket();
const inputOf = inputFor(catalog);
let isMissed = false;
console.log(
  `${catalog.models.size} models, ${[...catalog.endpointsByModel.values()].flat().length} endpoints; at most ${BAR_NS} ns`,
);
for (const [name, prompts] of Object.entries(planRequests)) {
  for (let index = 0; index < WARM_UP_PLANS; index += prompts.length)
    for (const prompt of prompts) planRoute(inputOf(prompt));
  const rounds = Array.from({ length: ROUNDS }, () => timeRound(prompts, inputOf));
  const best = rounds.toSorted((a, b) => a.medianNs - b.medianNs)[0];
  if (best === undefined) continue;
  isMissed ||= best.medianNs > BAR_NS;
  const figures = `median ${String(best.medianNs).padStart(6)} ns  p99 ${String(best.p99Ns).padStart(7)} ns`;
  console.log(`${best.medianNs > BAR_NS ? 'MISSED' : 'ok    '}  ${figures}  ${name}`);
}
process.exitCode = isMissed ? 1 : 0;
