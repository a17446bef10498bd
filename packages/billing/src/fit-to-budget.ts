import type { Endpoint } from '@bourse/catalog';
import type { Prompt } from '@bourse/generation';
import { type Nanodollars, nanodollars } from '@bourse/money';
import { type CalibratedBound, calibratedBound, mostTokensWithin, type Terms, type UpperBound } from './upper-bound.ts';

/** An endpoint that may answer, on its terms. `bound` is its strict upper bound. */
export interface FitCandidate {
  readonly endpoint: Endpoint;
  readonly markupBps: number;
  readonly bound: UpperBound;
}

/**
 * Output caps per alternative by endpoint id, for a request that cannot pay for all that it may use. Null: as asked. An endpoint that is
 * not in it is too dear even for one token and must not be called.
 */
export type OutputCaps = ReadonlyMap<string, number | null>;

/** What to set aside for a request and what its providers are told. */
export type Fit =
  | {
      readonly kind: 'fits';
      /** To be held: covers whichever candidate answers within its cap. At most the budget. */
      readonly holdAmount: Nanodollars;
      /** `calibrated`: the strict bound was more than the budget. A charge above the hold is then possible, and is the house's. */
      readonly bound: 'strict' | 'calibrated';
      /** Null: every candidate answers as asked. */
      readonly caps: OutputCaps | null;
    }
  | {
      readonly kind: 'too_dear';
      /** What the request may cost as it was asked. */
      readonly needed: Nanodollars;
      /** What one token of output costs at the cheapest candidate, prompt included: less is of no use. */
      readonly neededAtLeast: Nanodollars;
    };

/** What a fit depends on: at least one candidate; a budget of null is boundless. */
export interface FitInput {
  readonly prompt: Prompt;
  readonly candidates: readonly FitCandidate[];
  readonly budget: Nanodollars | null;
}

const ZERO = nanodollars(0n);

function dearestOf(candidates: readonly FitCandidate[]): Nanodollars {
  let dearest = ZERO;
  for (const { bound } of candidates) if (bound.holdAmount > dearest) dearest = bound.holdAmount;
  return dearest;
}

/** The cap of one candidate within a budget: a number, null for "as asked", undefined for "cannot be paid". Half an operation is none. */
function capWithin(bound: CalibratedBound, budget: Nanodollars, { operation }: Prompt): number | null | undefined {
  const { holdFor, outputTokensBound, outputTokensRoom } = bound;
  if (holdFor(outputTokensBound) <= budget) return null;
  if (operation !== undefined) return undefined;
  const most = mostTokensWithin(holdFor, budget, outputTokensBound) ?? 0;
  return most === 0 ? undefined : Math.min(most, outputTokensRoom);
}

function fitCalibrated({ prompt, candidates }: FitInput, budget: Nanodollars, needed: Nanodollars): Fit {
  const caps = new Map<string, number | null>();
  let holdAmount = ZERO;
  let neededAtLeast: Nanodollars | null = null;
  let isShortened = false;
  for (const { endpoint, markupBps } of candidates) {
    const bound = calibratedBound({ prompt, endpoint, markupBps });
    const cap = capWithin(bound, budget, prompt);
    const least = bound.holdFor(prompt.operation === undefined ? 1 : bound.outputTokensBound);
    if (neededAtLeast === null || least < neededAtLeast) neededAtLeast = least;
    isShortened ||= cap !== null;
    if (cap === undefined) continue;
    caps.set(endpoint.id, cap);
    const hold = bound.holdFor(cap ?? bound.outputTokensBound);
    if (hold > holdAmount) holdAmount = hold;
  }
  if (caps.size === 0) return { kind: 'too_dear', needed, neededAtLeast: neededAtLeast ?? needed };
  return { kind: 'fits', holdAmount, bound: 'calibrated', caps: isShortened ? caps : null };
}

/**
 * Fits a request into a budget instead of refusing it. Most requests fit as they are: then this compares once per candidate and
 * allocates one object. Else the prompt is taken at its calibrated size, and where that is still too dear the answers are shortened, each
 * candidate's to what the budget buys there. A request is too dear when no candidate can write one token.
 */
export function fitToBudget(input: FitInput): Fit {
  const strict = dearestOf(input.candidates);
  if (input.budget === null || strict <= input.budget) {
    return { kind: 'fits', holdAmount: strict, bound: 'strict', caps: null };
  }
  return fitCalibrated(input, input.budget, strict);
}

/**
 * The output tokens, over all alternatives, that an amount covers at an endpoint when the prompt is taken at its calibrated size; null
 * when it covers as many as the context has. More than this on a stream and its money is spent.
 */
export function coveredOutputTokens(terms: Terms, amount: Nanodollars): number | null {
  const { holdFor } = calibratedBound(terms);
  const most = terms.endpoint.contextTokensMax;
  if (holdFor(most) <= amount) return null;
  return (mostTokensWithin(holdFor, amount, most) ?? 0) * terms.prompt.choiceCount;
}
