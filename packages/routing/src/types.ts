import type { UpperBound } from '@bourse/billing';
import type { CatalogSnapshot, Endpoint, Model } from '@bourse/catalog';
import type { Prompt } from '@bourse/generation';

/** What is known of an endpoint's health at this moment. */
export interface EndpointHealth {
  /** A significant outage is under way: the endpoint stays allowed and goes last. */
  readonly isOut: boolean;
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
  /** A uniform random number in [0, 1), drawn at most once per model. */
  readonly draw: () => number;
}

/** An endpoint with the markup at which it is sold. */
export interface Offer {
  readonly endpoint: Endpoint;
  /** Basis points on the endpoint's prices. */
  readonly markupBps: number;
}

/** An endpoint to attempt, with its terms. */
export interface Candidate extends Offer {
  /** The most that the prompt can cost there. The hold covers the dearest candidate. */
  readonly bound: UpperBound;
}

/** Why an endpoint is not a candidate. */
export type ExclusionReason =
  | 'disabled'
  | 'not_free'
  | 'not_in_only'
  | 'provider_ignored'
  | 'not_in_order'
  | 'data_policy'
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
  | 'fallbacks_disallowed'
  | 'candidate_limit';

/** An endpoint that was considered and left out, with the first reason for it. */
export interface Exclusion {
  readonly endpointId: string;
  readonly modelSlug: string;
  readonly providerSlug: string;
  readonly reason: ExclusionReason;
  /** Which one, where the reason is `feature_unsupported`. */
  readonly feature?: string;
}

/** Where to go, in order. */
export interface RoutedPlan {
  readonly kind: 'routed';
  /** The model of the first candidate. */
  readonly model: Model;
  /** One to five. The endpoints of fallback models come after those of the models before them. */
  readonly candidates: readonly [Candidate, ...Candidate[]];
  readonly excluded: readonly Exclusion[];
  /** Names that were asked for and that the catalog does not have. */
  readonly unknownModels: readonly string[];
}

/**
 * Why there is nowhere to go. `not_configured`: providers exist that would serve it, none of them has a credential here. `stopped`: an
 * operator has stopped all that would serve it.
 */
export type UnroutableReason =
  | 'unknown_model'
  | 'no_endpoint_allowed'
  | 'context_too_long'
  | 'not_configured'
  | 'stopped';

/** Nowhere to go, and what to change. */
export interface UnroutablePlan {
  readonly kind: 'unroutable';
  readonly reason: UnroutableReason;
  readonly requestedModels: readonly string[];
  readonly excluded: readonly Exclusion[];
  /** Slugs close to an unknown name, best first; empty for other reasons. */
  readonly suggestions: readonly string[];
  /** Slugs of the providers that would serve the prompt if they were configured; empty for other reasons. */
  readonly providersToConfigure: readonly string[];
  /** For the customer: says what to change. */
  readonly message: string;
}

/** The decision. */
export type RoutePlan = RoutedPlan | UnroutablePlan;
