import type { Prompt } from '@bourse/generation';
import { planRoute, type RoutePlan, unroutableError } from '@bourse/routing';
import type { Deps } from '../deps.ts';
import { isStopped } from '../snapshot/switches.ts';

/** A plan that leads somewhere. */
export type RoutedPlan = Extract<RoutePlan, { kind: 'routed' }>;

/** Which endpoints may answer and in which order; pure but for the snapshots. Throws what the customer can change. */
export function plan(prompt: Prompt, deps: Deps): RoutedPlan {
  const switches = deps.switches();
  const route = planRoute({
    prompt,
    catalog: deps.catalog(),
    configuredProviders: deps.configuredProviders,
    markupBpsDefault: deps.markupBpsDefault,
    health: (endpointId) => ({ isOut: deps.health.isOut(endpointId) }),
    isStopped: (endpoint) => isStopped(switches, endpoint),
    lacks: ({ providerSlug }) => deps.providers.get(providerSlug)?.wire.lacks(prompt) ?? null,
    draw: deps.draw,
  });
  if (route.kind === 'unroutable') throw unroutableError(route);
  return route;
}
