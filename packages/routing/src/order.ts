import { dearestPrice } from '@bourse/billing';
import { invariant } from '@bourse/errors';
import { chargeTotal, picodollarsPerUnit } from '@bourse/money';
import { isNamedBy } from './name-match.ts';
import type { Candidate, PlanInput } from './types.ts';

const NO_PRICE = picodollarsPerUnit(0n);

/**
 * One number to compare endpoints by: what the customer would pay for a million calls of 3 input tokens and 1 output
 * token (the usual blend of a chat), plus a thousand request fees. Base tier, markup included. Only its ratios matter.
 */
export function blendedPrice({ endpoint, markupBps }: Pick<Candidate, 'endpoint' | 'markupBps'>): number {
  const priceOf = (meter: 'input' | 'output' | 'request') => dearestPrice(endpoint.prices, meter, 0) ?? NO_PRICE;
  const blend = [
    { quantity: 3_000_000, price: priceOf('input') },
    { quantity: 1_000_000, price: priceOf('output') },
    { quantity: 1_000, price: priceOf('request') },
  ];
  return Number(chargeTotal(blend, markupBps));
}

interface Priced {
  readonly candidate: Candidate;
  readonly price: number;
}

function byPrice(candidates: readonly Candidate[]): readonly Priced[] {
  return candidates
    .map((candidate) => ({ candidate, price: blendedPrice(candidate) }))
    .toSorted((a, b) => a.price - b.price || (a.candidate.endpoint.id < b.candidate.endpoint.id ? -1 : 1));
}

/**
 * Draws one with weight 1/price^2, computed as (cheapest/price)^2 so that free endpoints need no division by zero: where
 * there are any, only they have a chance.
 */
function drawFirst(priced: readonly Priced[], draw: () => number): Priced {
  const cheapest = priced[0];
  invariant(cheapest !== undefined, 'a draw among no candidates');
  if (priced.length === 1) return cheapest;
  const weights = priced.map(({ price }) => (price === cheapest.price ? 1 : (cheapest.price / price) ** 2));
  let left = draw() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [index, weight] of weights.entries()) {
    left -= weight;
    const entry = priced[index];
    if (left < 0 && entry !== undefined) return entry;
  }
  return cheapest;
}

type OrderInput = Pick<PlanInput, 'health' | 'draw'>;

/** One healthy endpoint by weighted chance, then the healthy ones by price, then those with an outage by price. */
function balanced(candidates: readonly Candidate[], { health, draw }: OrderInput): readonly Candidate[] {
  const priced = byPrice(candidates);
  const out = priced.filter(({ candidate }) => health(candidate.endpoint.id).isOut);
  const healthy = priced.filter((entry) => !out.includes(entry));
  if (healthy.length === 0) return out.map(({ candidate }) => candidate);
  const first = drawFirst(healthy, draw);
  return [first, ...healthy.filter((entry) => entry !== first), ...out].map(({ candidate }) => candidate);
}

/** How the allowed endpoints of one model are ordered. Throughput, latency and quality are not measured yet: balanced. */
export interface OrderRule {
  readonly isCheapestFirst: boolean;
  /** Slugs and tags to try first; several endpoints under one name go by price. */
  readonly named: readonly string[];
}

/** Orders the allowed endpoints of one model; loses none and adds none. */
export function orderCandidates(
  candidates: readonly Candidate[],
  rule: OrderRule,
  input: OrderInput,
): readonly Candidate[] {
  const named: Candidate[] = [];
  for (const name of rule.named) {
    const matching = candidates.filter(({ endpoint }) => isNamedBy(endpoint, name));
    for (const { candidate } of byPrice(matching)) {
      if (!named.includes(candidate)) named.push(candidate);
    }
  }
  const rest = candidates.filter((candidate) => !named.includes(candidate));
  if (rule.isCheapestFirst) return [...named, ...byPrice(rest).map(({ candidate }) => candidate)];
  return [...named, ...balanced(rest, input)];
}
