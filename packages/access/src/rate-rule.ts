/**
 * How often something may happen: the generic cell rate algorithm (ITU-T I.371), in whole microseconds, so that every place that computes it
 * comes to the same result. What is remembered of a key is one number: the moment at which all that was taken will have been earned
 * (`tat`); 0 when nothing is remembered. Times are > 0.
 */
export interface RateRule {
  /** Units per period, for telling: what `X-RateLimit-Limit` says. */
  readonly limit: number;
  /** Microseconds in which one unit is earned, >= 1. */
  readonly intervalUs: number;
  /** How many units may be taken at once after a long rest, >= 1. */
  readonly burst: number;
  /** `intervalUs * burst`: how far `tat` may lie ahead. */
  readonly toleranceUs: number;
}

const BURST_MIN = 5;
const BURST_SHARE = 10;
const MINUTE_US = 60_000_000;

/**
 * A rule for `limit` units in each period (a minute where none is named); null for 0, which is no limit. Without a burst a tenth of the limit
 * may come at once, and five in any case. An interval that is no whole number is rounded up: the limit holds, to a unit in a million.
 */
export function rateRule(
  limit: number,
  options: { readonly periodUs?: number; readonly burst?: number } = {},
): RateRule | null {
  if (limit <= 0) return null;
  const intervalUs = Math.max(1, Math.ceil((options.periodUs ?? MINUTE_US) / limit));
  const burst = options.burst ?? Math.max(BURST_MIN, Math.floor(limit / BURST_SHARE));
  return { limit, intervalUs, burst, toleranceUs: intervalUs * burst };
}

const HOUR_US = 60 * MINUTE_US;

/** A rule for what people do a few times an hour: all of it may come at once. Null for 0, which is no limit. */
export function hourlyRule(limit: number): RateRule | null {
  return rateRule(limit, { periodUs: HOUR_US, burst: limit });
}

/**
 * The rule of one of several nodes that cannot ask one another: its part of the rate and of the burst. Fewer than one unit of a burst cannot
 * be handed out, so all together they grant at most the limit and `burst + nodes` at once.
 */
export function shareOfRule(rule: RateRule, nodes: number): RateRule {
  if (nodes <= 1) return rule;
  const intervalUs = rule.intervalUs * nodes;
  const burst = Math.max(1, Math.ceil(rule.burst / nodes));
  return { limit: rule.limit, intervalUs, burst, toleranceUs: intervalUs * burst };
}

/**
 * What was remembered, as it counts now. A clock that went back finds a moment far ahead: it is taken to be at most one tolerance ahead, so that
 * nobody is locked out for longer than a burst takes, and nobody is granted more than one.
 */
function countedTat(rule: RateRule, tatUs: number, nowUs: number): number {
  return Math.min(Math.max(tatUs, nowUs), nowUs + rule.toleranceUs);
}

/** More than a whole burst cannot be taken at once, so it counts as one: else it could never be taken at all. */
function priceUs(rule: RateRule, cost: number): number {
  return rule.intervalUs * Math.min(cost, rule.burst);
}

/**
 * Takes `cost` units: the `tat` to remember, or, negative, the one to remember where they may not be taken now; it differs from what was
 * remembered only after a clock went back. One number, because this is on the way of every request.
 */
export function takeFromRate(rule: RateRule, { tatUs, nowUs, cost }: RateMoment): number {
  const counted = countedTat(rule, tatUs, nowUs);
  const tat = counted + priceUs(rule, cost);
  return tat - nowUs > rule.toleranceUs ? -counted : tat;
}

/** What is known of a key, when, and how many units are wanted. */
export interface RateMoment {
  readonly tatUs: number;
  readonly nowUs: number;
  /** Whole, >= 0. */
  readonly cost: number;
}

/** The `tat` to remember after `cost` units were given back, or, where it is negative, taken without asking. */
export function giveBackToRate(rule: RateRule, { tatUs, nowUs, cost }: RateMoment): number {
  const tat = countedTat(rule, tatUs, nowUs) - rule.intervalUs * cost;
  return Math.min(Math.max(tat, nowUs), nowUs + rule.toleranceUs);
}

/** Whole units that may be taken now. */
export function remainingOfRate(rule: RateRule, tatUs: number, nowUs: number): number {
  const ahead = countedTat(rule, tatUs, nowUs) - nowUs;
  return Math.floor((rule.toleranceUs - ahead) / rule.intervalUs);
}

/** Microseconds until `cost` units may be taken; 0 = now. */
export function waitForRate(rule: RateRule, { tatUs, nowUs, cost }: RateMoment): number {
  const ahead = countedTat(rule, tatUs, nowUs) + priceUs(rule, cost) - nowUs;
  return Math.max(0, ahead - rule.toleranceUs);
}

/** Microseconds until the whole burst may be taken. */
export function fullAgainIn(rule: RateRule, tatUs: number, nowUs: number): number {
  return countedTat(rule, tatUs, nowUs) - nowUs;
}
