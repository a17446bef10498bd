import type { Endpoint } from '@bourse/catalog';
import type { ProviderPreferences } from '@bourse/generation';
import { type HealthBook, type PlanInput, planRoute } from '@bourse/routing';
import type { SimulatedMarket } from './market.ts';
import { randomOf } from './random.ts';
import type { SimulatedRequest } from './traffic.ts';

/** Who decides where a request goes. The first three are `planRoute` itself. */
export const policyNames = ['default', 'price', 'latency', 'round-robin'] as const;

/** One of them. */
export type PolicyName = (typeof policyNames)[number];

/** The endpoints to try for a request, in order. */
export type Policy = (request: SimulatedRequest, nowMs: number) => readonly Endpoint[];

/** As many as a plan has at most. */
const ATTEMPTS_MAX = 5;

const preferencesOf: Readonly<Record<Exclude<PolicyName, 'round-robin'>, ProviderPreferences>> = {
  default: {},
  price: { sort: 'price' },
  latency: { sort: 'latency' },
};

/** Each endpoint of a model in its turn, the next ones to fall back to: what one writes without looking at prices or health. */
function roundRobin({ catalog }: SimulatedMarket): Policy {
  const turns = new Map<string, number>();
  return ({ prompt: { model } }) => {
    const endpoints = catalog.endpointsByModel.get(model) ?? [];
    const turn = turns.get(model) ?? 0;
    turns.set(model, turn + 1);
    const at = turn % endpoints.length;
    return [...endpoints.slice(at), ...endpoints.slice(0, at)].slice(0, ATTEMPTS_MAX);
  };
}

/** The real plan over the health that the simulation has seen so far. Throws when a plan leads nowhere: nothing excludes anybody here. */
function planned(
  name: Exclude<PolicyName, 'round-robin'>,
  market: SimulatedMarket,
  { health, seed }: { readonly health: HealthBook; readonly seed: number },
): Policy {
  const preferences = preferencesOf[name];
  const common: Omit<PlanInput, 'prompt' | 'nowMs'> = {
    catalog: market.catalog,
    configuredProviders: new Set(market.catalog.providers.keys()),
    markupBpsDefault: 0,
    health: (endpointId) => health.of(endpointId),
    isStopped: () => false,
    lacks: () => null,
    draw: randomOf(seed ^ 0x1234_5678),
  };
  return ({ prompt }, nowMs) => {
    const plan = planRoute({ ...common, prompt: { ...prompt, preferences }, nowMs });
    if (plan.kind === 'unroutable') throw new Error(plan.message);
    return plan.candidates.map(({ endpoint }) => endpoint);
  };
}

/** A policy with a memory of its own. */
export function policyOf(
  name: PolicyName,
  market: SimulatedMarket,
  parts: { readonly health: HealthBook; readonly seed: number },
): Policy {
  return name === 'round-robin' ? roundRobin(market) : planned(name, market, parts);
}
