/**
 * @bourse/access — floor 1. Decides who may do what: principals, the table of actions, the state of a key, the
 * window of its limit.
 * Refuses: looking anything up, secrets, sessions' storage. It is handed values and says yes or throws.
 */
export { type Action, actionTable, authorize, isAllowed } from './authorize.ts';
export { type KeyLimitFacts, keyLimitError } from './key-limit-error.ts';
export { type KeyLifecycle, type KeyState, keyState } from './key-state.ts';
export { type LimitReset, type LimitWindow, limitResetsAt, limitWindow } from './limit-window.ts';
export type { OrganizationRole, Principal } from './principal.ts';
