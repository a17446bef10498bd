import { publicPricing } from '@bourse/catalog';
import type { JsonObject } from '@bourse/generation';
import { adviceFor, type Candidate, type Exclusion, type RoutePlan } from '@bourse/routing';
import type { AttemptLog } from '../generate/attempt-failure.ts';

/** A provider's name for people, by its slug. */
export type ProviderName = (slug: string) => string;

/** What a candidate is and where it stands in the order, from 1. */
export function candidateShape({ endpoint }: Candidate, index: number, nameOf: ProviderName): JsonObject {
  const { id, modelSlug, providerSlug } = endpoint;
  return {
    position: index + 1,
    endpoint: id,
    provider: providerSlug,
    provider_name: nameOf(providerSlug),
    model: modelSlug,
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
    change: adviceFor(reason),
  };
}

/** What became of one call to an endpoint. */
export function attemptShape(attempt: AttemptLog, nameOf: ProviderName): JsonObject {
  const { endpointId, providerSlug, modelSlug, status, outcome, latencyMs } = attempt;
  return {
    endpoint: endpointId,
    provider: providerSlug,
    provider_name: nameOf(providerSlug),
    model: modelSlug,
    status: status === 0 ? null : status,
    outcome,
    latency_ms: latencyMs,
  };
}

/** The candidates of a plan; none when it leads nowhere. */
export function candidatesOf(plan: RoutePlan): readonly Candidate[] {
  return plan.kind === 'routed' ? plan.candidates : [];
}
