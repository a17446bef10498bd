/**
 * @bourse/routing — floor 1. Decides which endpoints may serve a prompt, in which order, and says why the others may not.
 * Refuses: I/O, the clock, its own randomness (a draw is handed in), and calling anybody: a plan is a value.
 */
export { planRoute } from './plan-route.ts';
export { closeSlugs } from './suggest.ts';
export type {
  Candidate,
  EndpointHealth,
  EndpointQuality,
  Exclusion,
  ExclusionReason,
  Offer,
  Percentiles,
  PlanInput,
  RoutedPlan,
  RoutePlan,
  UnroutablePlan,
  UnroutableReason,
} from './types.ts';
export { unknownHealth } from './types.ts';
export { adviceFor } from './unroutable.ts';
export { unroutableError } from './unroutable-error.ts';
