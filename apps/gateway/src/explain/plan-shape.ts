import { publicPricing } from '@bourse/catalog';
import type { JsonObject } from '@bourse/generation';
import {
  adviceFor,
  type Candidate,
  type Exclusion,
  type PlacementReason,
  type RoutePlan,
  settingFor,
} from '@bourse/routing';
import type { Deps } from '../deps.ts';
import type { AttemptLog } from '../generate/attempt-failure.ts';

/** A provider's name for people, by its slug. */
export type ProviderName = (slug: string) => string;

/** The names that the catalog has for providers; the slug of one that it does not have. */
export function providerNames({ catalog }: Pick<Deps, 'catalog'>): ProviderName {
  const { providers } = catalog();
  return (slug) => providers.get(slug)?.name ?? slug;
}

/** Why a candidate stands where it does, for people. */
const WHY: Readonly<Record<PlacementReason, string>> = {
  price_weighted: 'drawn among those against whom nothing speaks, with a weight of 1/price^2',
  by_price: 'after the one that was drawn, the cheaper first',
  order: 'named in provider.order',
  sorted_by_price: 'the cheapest first, as the sort asks',
  sorted_by_throughput: 'the fastest first, as the sort asks',
  sorted_by_latency: 'the earliest first token first, as the sort asks',
  sorted_by_quality: 'the best tool calls first, as the sort asks',
  sticky: 'it answered this conversation before and has it in its cache',
  service_tier: 'of the service tier that was asked for',
  own_key: 'on a key of your own',
  own_key_fallback: 'on a key of your own that is kept for need',
  recent_outage_last: 'it failed in the last 30 seconds, so it goes last',
  threshold_missed: 'it misses provider.preferred_min_throughput or provider.preferred_max_latency',
  uptime_degraded: 'less than 95 % of its calls of the last day succeeded',
  uptime_poor: 'less than 80 % of its calls of the last day succeeded',
  quality_unknown: 'too little is known of its tool calls',
  quality_poor: 'its tool calls are worse than those of the others',
};

/** What a candidate is, where it stands in the order, from 1, and why. */
export function candidateShape({ endpoint, reason }: Candidate, index: number, nameOf: ProviderName): JsonObject {
  const { id, modelSlug, providerSlug } = endpoint;
  return {
    position: index + 1,
    endpoint: id,
    provider: providerSlug,
    provider_name: nameOf(providerSlug),
    model: modelSlug,
    reason,
    why: WHY[reason],
  };
}

/** What an endpoint costs the customer per meter, markup included, and where its prices are from. */
export function termsShape({ endpoint: { prices }, markupBps }: Candidate): JsonObject {
  return {
    pricing: publicPricing(prices, markupBps) as JsonObject, // exact strings, and lists of them
    markup_bps: markupBps,
    price_sheet_id: prices.id,
    price_source: prices.sourceUrl,
    price_checked_on: prices.checkedOn,
  };
}

/** Why an endpoint was left out, and what the customer can do about it. */
export function exclusionShape(exclusion: Exclusion, nameOf: ProviderName): JsonObject {
  const { endpointId, providerSlug, modelSlug, reason, feature } = exclusion;
  return {
    endpoint: endpointId,
    provider: providerSlug,
    provider_name: nameOf(providerSlug),
    model: modelSlug,
    reason,
    ...(feature === undefined ? {} : { feature }),
    setting: settingFor(reason),
    change: adviceFor(reason),
  };
}

/** What became of one call to an endpoint. */
export function attemptShape(attempt: AttemptLog, nameOf: ProviderName): JsonObject {
  const { endpointId, providerSlug, modelSlug, reason, status, outcome, latencyMs } = attempt;
  return {
    endpoint: endpointId,
    provider: providerSlug,
    provider_name: nameOf(providerSlug),
    model: modelSlug,
    reason: reason ?? null,
    status: status === 0 ? null : status,
    outcome,
    latency_ms: latencyMs,
  };
}

/** The candidates of a plan; none when it leads nowhere. */
export function candidatesOf(plan: RoutePlan): readonly Candidate[] {
  return plan.kind === 'routed' ? plan.candidates : [];
}
