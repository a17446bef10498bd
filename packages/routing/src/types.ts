import type { UpperBound } from '@bourse/billing';
import type { CatalogSnapshot, Endpoint, Model } from '@bourse/catalog';
import type { Prompt } from '@bourse/generation';

/** A measure's percentiles over a rolling window. */
export interface Percentiles {
  readonly p50: number;
  readonly p75: number;
  readonly p90: number;
  readonly p99: number;
}

/** How well an endpoint calls tools and how fast it is, over the longer windows that an order by quality rests on. */
export interface EndpointQuality {
  /** Tokens per second, the median of the last 30 minutes; null = nothing was measured. */
  readonly tokensPerSecond: number | null;
  /** Of the answers of the last two hours that ended in tool calls, the share without a broken call, 0..1; null where there was none. */
  readonly toolSuccess: number | null;
  /** Attempts of the last 30 minutes. */
  readonly attempts: number;
  /** Answers of the last two hours that ended in tool calls. */
  readonly toolAnswers: number;
}

/** What is known of an endpoint's health at this moment. Errors that users cause are in none of it. */
export interface EndpointHealth {
  /** It failed significantly in the last 30 seconds, or its breaker is open: it stays allowed and goes last. */
  readonly isOut: boolean;
  /** The share of attempts of the last day that succeeded, 0..1; null below 100 attempts. */
  readonly uptime: number | null;
  /** Milliseconds to the first token, over the last 5 minutes; null = not enough was measured. */
  readonly latencyMs: Percentiles | null;
  /** Tokens per second after the first token, over the last 5 minutes; null = not enough was measured. */
  readonly tokensPerSecond: Percentiles | null;
  readonly quality: EndpointQuality;
}

/** An endpoint of which nothing is known. */
export const unknownHealth: EndpointHealth = {
  isOut: false,
  uptime: null,
  latencyMs: null,
  tokensPerSecond: null,
  quality: { tokensPerSecond: null, toolSuccess: null, attempts: 0, toolAnswers: 0 },
};

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
