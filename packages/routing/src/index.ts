/**
 * @bourse/routing — floor 1. Decides which endpoints may serve a prompt, in which order, and says why the others may not.
 * Refuses: I/O, the clock, its own randomness (a draw is handed in), and calling anybody: a plan is a value.
 */

export { DeltaTally } from './health/delta-tally.ts';
export type { BreakerState, EndpointStats } from './health/endpoint-record.ts';
export { HealthBook } from './health/health-book.ts';
export type { HealthDelta, HealthSample } from './health/sample.ts';
export { type Bins, percentilesOfBins } from './health/sketch.ts';
export { type EndpointHealth, type EndpointQuality, type Percentiles, unknownHealth } from './health.ts';
export { planRoute } from './plan-route.ts';
export { adviceFor, problemOf, settingFor } from './settings.ts';
export { closeSlugs } from './suggest.ts';
export type {
  AvailabilityCode,
  Candidate,
  Exclusion,
  ExclusionReason,
  Offer,
  OwnCredential,
  PlacementReason,
  PlanInput,
  PlannedModel,
  RoutedPlan,
  RoutePlan,
  RouteStrategy,
  UnroutablePlan,
  UnroutableReason,
} from './types.ts';
export { excludedBy, unroutableError } from './unroutable-error.ts';
