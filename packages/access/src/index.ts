/**
 * @bourse/access — floor 1. Decides who may do what, and how often: principals, the table of actions, the state of a key, the
 * window of its limit, rates.
 * Refuses: looking anything up, secrets, sessions' storage. It is handed values and says yes or throws.
 */
export { type Action, actionTable, authorize, isAllowed } from './authorize.ts';
export { type KeyLimitFacts, keyLimitError } from './key-limit-error.ts';
export { type KeyLifecycle, type KeyState, keyState } from './key-state.ts';
export { type LimitReset, type LimitWindow, limitResetsAt, limitWindow } from './limit-window.ts';
export type { OrganizationRole, Principal } from './principal.ts';
export { type RateLimitFacts, type RateLimitSource, rateLimitError } from './rate-limit-error.ts';
export {
  fullAgainIn,
  giveBackToRate,
  hourlyRule,
  type RateMoment,
  type RateRule,
  rateRule,
  remainingOfRate,
  shareOfRule,
  takeFromRate,
  waitForRate,
} from './rate-rule.ts';
