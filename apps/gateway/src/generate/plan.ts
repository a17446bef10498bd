import type { Endpoint } from '@bourse/catalog';
import type { Prompt } from '@bourse/generation';
import { planRoute, type RoutePlan, unroutableError } from '@bourse/routing';
import type { Deps } from '../deps.ts';
import { explainUnroutable } from '../explain/availability.ts';
import type { Trace } from '../explain/trace.ts';
import { isStopped } from '../snapshot/switches.ts';
import type { Conversation } from './conversation.ts';
import { wrongRouteError } from './wrong-route.ts';

/** A plan that leads somewhere. */
export type RoutedPlan = Extract<RoutePlan, { kind: 'routed' }>;

/** What keeps an endpoint's provider from being asked; one that nobody here can call at all is left to its missing key. */
function lacking(prompt: Prompt, { providerSlug, upstreamModel }: Endpoint, deps: Deps): string | null {
  const provider = deps.providers.get(providerSlug);
  if (provider === undefined) return null;
  const api = provider.apiFor(prompt, upstreamModel);
  if (api === null) return prompt.operation ?? 'conversation';
  // Tools that run at the provider are known in one dialect only.
  if (prompt.hasNativeTools && api.wire.id !== prompt.source.wire) return 'native_tools';
  return api.wire.lacks(prompt);
}

/** What a plan is made beside: where it is written down, and the conversation that the prompt goes on with. */
interface Beside {
  readonly trace?: Trace | null;
  readonly conversation?: Conversation | null;
}

/**
 * Which endpoints may answer and in which order; pure but for the snapshots, and for the trace that it is written down in. Throws what the
 * customer can change.
 */
export function plan(prompt: Prompt, deps: Deps, { trace = null, conversation = null }: Beside = {}): RoutedPlan {
  const switches = deps.switches();
  const catalog = deps.catalog();
  const route = planRoute({
    prompt,
    catalog,
    configuredProviders: deps.configuredProviders,
    markupBpsDefault: deps.markupBpsDefault,
    health: deps.health.of,
    isStopped: (endpoint) => isStopped(switches, endpoint),
    lacks: (endpoint) => lacking(prompt, endpoint, deps),
    draw: deps.draw,
    nowMs: deps.now(),
    region: deps.region,
    stickyEndpointId: conversation === null ? null : deps.sticky.of(conversation.key),
  });
  trace?.plan(prompt, route);
  if (route.kind === 'unroutable') {
    const error = wrongRouteError(route, prompt, catalog) ?? unroutableError(route);
    throw explainUnroutable(error, { plan: route, prompt }, deps);
  }
  return route;
}
