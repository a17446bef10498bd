import type { UpperBound } from '@bourse/billing';
import type { CatalogSnapshot, Endpoint, Model } from '@bourse/catalog';
import type { Prompt } from '@bourse/generation';
import type { EndpointHealth } from './health.ts';

/** A key of the customer's own at a provider. */
export interface OwnCredential {
  readonly id: string;
  /** Before the market's shared key, or only when that has failed. */
  readonly rank: 'prioritized' | 'fallback';
  /** Among those of the same rank, the lower first. */
  readonly position: number;
  /** The market's shared key is not used at this provider at all. */
  readonly isExclusive: boolean;
}

/** Everything a plan depends on. The same input with the same draws gives the same plan. */
export interface PlanInput {
  readonly prompt: Prompt;
  readonly catalog: CatalogSnapshot;
  /** Slugs of the providers that we hold a credential for. */
  readonly configuredProviders: ReadonlySet<string>;
  /** For endpoints without a markup of their own; basis points. */
  readonly markupBpsDefault: number;
  readonly health: (endpointId: string) => EndpointHealth;
  /** True for an endpoint that an operator has stopped, by itself or with its provider. */
  readonly isStopped: (endpoint: Endpoint) => boolean;
  /** What the prompt asks for and the dialect of an endpoint's provider has no words for; null when it can carry the prompt. */
  readonly lacks: (endpoint: Endpoint) => string | null;
  /** A uniform random number in [0, 1), drawn at most once per model, and once more for a router. */
  readonly draw: () => number;
  /** Milliseconds since 1970: models leave the catalog on a day. */
  readonly nowMs: number;
  /** Where this market may send prompts, `EU` or a country: every request is held to it. Absent or null: anywhere. */
  readonly region?: string | null;
  /** The endpoint that answered this conversation before and has it in its cache. */
  readonly stickyEndpointId?: string | null;
  /** The customer's own keys that fit an endpoint; absent when there are none at all. */
  readonly ownCredentials?: (endpoint: Endpoint) => readonly OwnCredential[];
  /** Each model's share of the market's spend over the last seven days, 0..1; absent when it is not known. */
  readonly spendShares?: ReadonlyMap<string, number>;
}

/** An endpoint with the markup at which it is sold, and with the key that pays the provider. */
export interface Offer {
  readonly endpoint: Endpoint;
  /** Basis points on the endpoint's prices. */
  readonly markupBps: number;
  /** The customer's own key; null for the market's. */
  readonly credential: OwnCredential | null;
}

/**
 * Why a candidate stands where it does:
 * - `price_weighted`: drawn with weight 1/price^2; `by_price`: after the one that was drawn, the cheaper first;
 * - `order`: named in `provider.order`; `sorted_by_...`: what `provider.sort` or a suffix asked for;
 * - `sticky`: it answered this conversation before and has it in its cache; `service_tier`: of the tier that was asked for;
 * - `own_key`, `own_key_fallback`: on a key of the customer's own;
 * - behind the others: `recent_outage_last`, `threshold_missed` (`preferred_...`), `uptime_degraded` (80 to 94 %), `uptime_poor` (below),
 *   `quality_unknown` and `quality_poor` (of tool calls).
 */
export type PlacementReason =
  | 'price_weighted'
  | 'by_price'
  | 'order'
  | 'sorted_by_price'
  | 'sorted_by_throughput'
  | 'sorted_by_latency'
  | 'sorted_by_quality'
  | 'sticky'
  | 'service_tier'
  | 'own_key'
  | 'own_key_fallback'
  | 'recent_outage_last'
  | 'threshold_missed'
  | 'uptime_degraded'
  | 'uptime_poor'
  | 'quality_unknown'
  | 'quality_poor';

/** An endpoint to attempt, with its terms. */
export interface Candidate extends Offer {
  /** The most that the prompt can cost there. The hold covers the dearest candidate. */
  readonly bound: UpperBound;
  readonly reason: PlacementReason;
  /** The customer asked for this model with `:thinking`: it thinks unless the request says otherwise. */
  readonly isThinkingOn: boolean;
}

/** Why an endpoint is not a candidate. */
export type ExclusionReason =
  | 'disabled'
  | 'service_tier'
  | 'not_free'
  | 'not_extended'
  | 'not_thinking'
  | 'not_in_only'
  | 'provider_ignored'
  | 'not_in_order'
  | 'data_policy_training'
  | 'data_policy_zdr'
  | 'data_region'
  | 'not_distillable'
  | 'quantization'
  | 'modality'
  | 'feature_unsupported'
  | 'tools_unsupported'
  | 'require_parameters'
  | 'max_price'
  | 'output_cap'
  | 'context_length'
  | 'provider_not_configured'
  | 'stopped'
  | 'response_format_unsupported'
  | 'verbosity_unsupported'
  | 'fallbacks_disallowed'
  | 'candidate_limit';

/** An endpoint that was considered and left out, with the first reason for it. */
export interface Exclusion {
  readonly endpointId: string;
  readonly modelSlug: string;
  readonly providerSlug: string;
  readonly reason: ExclusionReason;
  /** Which one, where the reason is `feature_unsupported`; the parameter, where it is `require_parameters`. */
  readonly feature?: string;
}

/** How a name led to its models. `latest` is an alias of a family, `alias` any other name that stands for a model, also an old one. */
export type RouteStrategy = 'direct' | 'alias' | 'latest' | 'auto' | 'free';

/** A model that was asked for, as it was understood. */
export interface PlannedModel {
  readonly requested: string;
  readonly slug: string;
  readonly strategy: RouteStrategy;
  /** The suffixes that are not part of the slug, such as `nitro`. */
  readonly variants: readonly string[];
}

/** Where to go, in order. */
export interface RoutedPlan {
  readonly kind: 'routed';
  /** The model of the first candidate. */
  readonly model: Model;
  /** One to five. The endpoints of fallback models come after those of the models before them, unless all are ranked together. */
  readonly candidates: readonly [Candidate, ...Candidate[]];
  readonly excluded: readonly Exclusion[];
  /** In the order in which they are tried. */
  readonly models: readonly PlannedModel[];
  /** Names that were asked for and that the catalog does not have. */
  readonly unknownModels: readonly string[];
}

/**
 * Why there is nowhere to go. `not_configured`: providers exist that would serve it, none of them has a credential here. `stopped`: an
 * operator has stopped all that would serve it. `expired`: the model has left the catalog and nothing succeeds it. `no_model_matches`: a
 * router has no model that meets the request.
 */
export type UnroutableReason =
  | 'unknown_model'
  | 'expired'
  | 'no_model_matches'
  | 'no_endpoint_allowed'
  | 'context_too_long'
  | 'not_configured'
  | 'stopped';

/** OpenRouter's stable words for why nothing could be routed (reference: its error guide, 2026-08); clients switch on them. */
export type AvailabilityCode =
  | 'model_not_found'
  | 'no_endpoints'
  | 'model_deprecated'
  | 'free_variant_ended'
  | 'privacy_restricted'
  | 'constraint_filtered'
  | 'region_restricted'
  | 'temporarily_unavailable';

/** Nowhere to go, and what to change. */
export interface UnroutablePlan {
  readonly kind: 'unroutable';
  readonly reason: UnroutableReason;
  readonly availability: AvailabilityCode;
  readonly requestedModels: readonly string[];
  readonly models: readonly PlannedModel[];
  readonly excluded: readonly Exclusion[];
  /** Models to ask for instead, best first: those whose names are close to an unknown one, or the paid form of one that is not free. */
  readonly suggestions: readonly string[];
  /** Slugs of the providers that would serve the prompt if they were configured; empty for other reasons. */
  readonly providersToConfigure: readonly string[];
  /** For the customer: says what to change. */
  readonly message: string;
}

/** The decision. */
export type RoutePlan = RoutedPlan | UnroutablePlan;
