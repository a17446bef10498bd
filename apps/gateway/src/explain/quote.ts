import { computeCharge, type Fit, fitToBudget, surchargeLines } from '@bourse/billing';
import type { JsonObject, Prompt } from '@bourse/generation';
import { chargeTotal, formatUsd, type Nanodollars, nanodollarsFromUsd } from '@bourse/money';
import type { Candidate } from '@bourse/routing';
import type { Deps } from '../deps.ts';
import type { SpendLimit } from '../generate/affordability.ts';
import type { Caller } from '../generate/authenticate.ts';
import { estimateInput } from '../generate/estimate-usage.ts';
import type { RoutedPlan } from '../generate/plan.ts';
import { ceilingTooLow } from '../generate/refusals.ts';
import { candidateShape, exclusionShape, providerNames, termsShape } from './plan-shape.ts';

/** How long an answer is taken to be when nobody says: most are shorter. */
const OUTPUT_TOKENS_ASSUMED = 500;

/** A request whose price is asked for. */
export interface QuoteInput {
  readonly caller: Caller;
  readonly prompt: Prompt;
  readonly route: RoutedPlan;
  /** How many tokens the customer expects of each alternative; null: we assume. */
  readonly outputTokens: number | null;
}

/** What an answer is expected to count, and what it can cost at most. */
interface Expected {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly worst: Extract<Fit, { kind: 'fits' }>;
}

/** What that costs at an endpoint; never more than can be held for it. */
function estimateAt({ endpoint, markupBps, bound }: Candidate, expected: Expected, { choiceCount, plugged }: Prompt) {
  const { caps, holdAmount } = expected.worst;
  const cap = caps?.get(endpoint.id) ?? Number.POSITIVE_INFINITY;
  const input = Math.min(expected.inputTokens, bound.inputTokensBound);
  const output = Math.min(expected.outputTokens, bound.outputTokensBound, cap) * choiceCount;
  const { lines } = computeCharge({ sheet: endpoint.prices, usage: { input, output, request: 1 }, markupBps });
  const charge = chargeTotal([...lines, ...surchargeLines(plugged?.surcharges ?? [])], markupBps);
  if (charge > holdAmount) return { input, output, charge: holdAmount };
  return { input, output, charge };
}

/** The money that a request may use, and which of its limits it is. */
interface Budget {
  readonly amount: Nanodollars;
  readonly limit: SpendLimit;
}

async function budgetOf({ key }: Caller, ceiling: Nanodollars | null, deps: Deps): Promise<Budget> {
  const [{ available }, { limitRemaining }] = await Promise.all([
    deps.db.ledger.balance(key.organizationId),
    deps.db.keys.usage(key.id),
  ]);
  const budgets: Budget[] = [{ amount: available, limit: 'account_balance' }];
  if (limitRemaining !== null) budgets.push({ amount: limitRemaining, limit: 'key_limit' });
  if (ceiling !== null) budgets.push({ amount: ceiling, limit: 'max_cost' });
  return budgets.reduce((least, budget) => (budget.amount < least.amount ? budget : least));
}

/** What the money there is would make of the request, as a reserve does it: credit that gateways lease comes home before anything is shortened. */
async function afford({ caller, prompt, route }: QuoteInput, ceiling: Nanodollars | null, deps: Deps) {
  const { candidates } = route;
  const fitTo = (budget: Nanodollars): Fit => fitToBudget({ prompt, candidates, budget });
  const first = await budgetOf(caller, ceiling, deps);
  const fit = fitTo(first.amount);
  if (fit.kind === 'fits' && fit.bound === 'strict') return { fit, budget: first };
  await deps.credit.gather(caller.key.organizationId);
  const budget = await budgetOf(caller, ceiling, deps);
  return { fit: fitTo(budget.amount), budget };
}

function creditsShape({ fit, budget }: { readonly fit: Fit; readonly budget: Budget }): JsonObject {
  const money = { available_usd: formatUsd(budget.amount), limited_by: budget.limit };
  if (fit.kind === 'too_dear') {
    return { ...money, suffices: false, outcome: 'refused', needed_at_least_usd: formatUsd(fit.neededAtLeast) };
  }
  const held = { held_usd: formatUsd(fit.holdAmount) };
  if (fit.caps === null) return { ...money, ...held, suffices: true, outcome: 'as_asked' };
  const caps = [...fit.caps].map(([endpoint, cap]) => ({ endpoint, output_tokens_max: cap }));
  return { ...money, ...held, suffices: true, outcome: 'shortened', shortened_to: caps };
}

/**
 * What a request would do and cost, by the very functions that plan, hold and charge it. Nobody is called, nothing is held. Throws
 * `max_cost_reached` as the request would.
 */
export async function quote(input: QuoteInput, deps: Deps): Promise<JsonObject> {
  const { prompt, route } = input;
  const { candidates } = route;
  const ceiling = prompt.maxCostUsd === undefined ? null : nanodollarsFromUsd(prompt.maxCostUsd);
  const worst = fitToBudget({ prompt, candidates, budget: ceiling });
  if (worst.kind === 'too_dear') throw ceilingTooLow(worst, prompt);
  const counter = await deps.countTokens();
  const expected = {
    inputTokens: await estimateInput(prompt, counter),
    outputTokens: input.outputTokens ?? OUTPUT_TOKENS_ASSUMED,
    worst,
  };
  const nameOf = providerNames(deps);
  const first = estimateAt(candidates[0], expected, prompt);
  return {
    order: candidates.map((candidate, index) => ({
      ...candidateShape(candidate, index, nameOf),
      ...termsShape(candidate),
      estimated_usd: formatUsd(estimateAt(candidate, expected, prompt).charge),
      worst_case_usd: formatUsd(candidate.bound.holdAmount),
    })),
    excluded: route.excluded.map((exclusion) => exclusionShape(exclusion, nameOf)),
    estimated_usd: formatUsd(first.charge),
    estimate: { input_tokens: first.input, output_tokens: first.output, counted_by: counter.method },
    worst_case_usd: formatUsd(worst.holdAmount),
    credits: creditsShape(await afford(input, ceiling, deps)),
  };
}
