import { invariant } from '@bourse/errors';
import type { PercentileBounds, SortKey } from '@bourse/generation';
import type { Asked, VariantWishes } from './asked.ts';
import type { EndpointFacts } from './facts.ts';
import type { EndpointHealth, Percentiles } from './health.ts';
import { placeAmong } from './name-match.ts';
import { type QualityTier, qualityTiers } from './quality.ts';
import type { OwnCredential, PlacementReason, PlanInput } from './types.ts';

/** An offer that may serve, on its way to its place. */
export interface Entry {
  readonly facts: EndpointFacts;
  readonly credential: OwnCredential | null;
  readonly markupBps: number;
  readonly wishes: VariantWishes;
  /** What the customer pays, blended to one number. */
  readonly price: number;
  /** Its place in the snapshot, by which ties are broken. */
  readonly index: number;
  health: EndpointHealth;
  /** The sum of what speaks against it; who has less goes first. */
  demerit: number;
  /** Among those of the same demerit the lower goes first, then the cheaper. */
  key: number;
  reason: PlacementReason;
}

/** How the allowed endpoints of a model, or of all models together, are ordered. */
export interface OrderRule {
  readonly asked: Asked;
  readonly input: PlanInput;
}

/** What speaks against an endpoint; a greater one outweighs all smaller ones together. */
const OUTAGE = 1_000;
const OTHER_TIER = 500;
const POOR_UPTIME = 200;
const MISSED = 100;
const DEGRADED_UPTIME = 10;
/** The classes of long-term uptime (reference: OpenRouter's uptime guide, 2026-08). */
const UPTIME_NORMAL = 0.95;
const UPTIME_DEGRADED = 0.8;
/** Tokens per second beyond which nobody tells a difference; keeps a tie-breaker below what it breaks. */
const SPEED_MAX = 10_000;

const percentileNames = ['p50', 'p75', 'p90', 'p99'] as const;

/** What was not measured misses nothing. */
function misses(
  measured: Percentiles | null,
  bounds: PercentileBounds | undefined,
  isMissed: (value: number, bound: number) => boolean,
): boolean {
  if (bounds === undefined || measured === null) return false;
  return percentileNames.some((name) => bounds[name] !== undefined && isMissed(measured[name], bounds[name]));
}

function missesThreshold({ latencyMs, tokensPerSecond }: EndpointHealth, { prompt: { preferences } }: Asked): boolean {
  const { throughputMin, latencyMax } = preferences;
  if (throughputMin === undefined && latencyMax === undefined) return false;
  return (
    misses(tokensPerSecond, throughputMin, (value, bound) => value < bound) ||
    misses(latencyMs, latencyMax, (value, bound) => value > bound * 1_000)
  );
}

function uptimeDemerit({ uptime }: EndpointHealth): number {
  if (uptime === null || uptime >= UPTIME_NORMAL) return 0;
  return uptime >= UPTIME_DEGRADED ? DEGRADED_UPTIME : POOR_UPTIME;
}

/** The weightiest of what speaks against an entry; null when nothing does. */
function demeritReason(demerit: number): PlacementReason | null {
  if (demerit >= OUTAGE) return 'recent_outage_last';
  const rest = demerit % OTHER_TIER;
  if (rest >= POOR_UPTIME) return 'uptime_poor';
  if (rest >= MISSED) return 'threshold_missed';
  if (rest >= DEGRADED_UPTIME) return 'uptime_degraded';
  if (rest === 0) return null;
  return rest === 1 ? 'quality_unknown' : 'quality_poor';
}

function compare(a: Entry, b: Entry): number {
  return a.demerit - b.demerit || a.key - b.key || a.price - b.price || a.index - b.index;
}

const sortReasons: Readonly<Record<SortKey, PlacementReason>> = {
  price: 'sorted_by_price',
  throughput: 'sorted_by_throughput',
  latency: 'sorted_by_latency',
  exacto: 'sorted_by_quality',
};

function sortKeyOf({ health, price }: Entry, sort: SortKey): number {
  switch (sort) {
    case 'price':
      return price;
    case 'throughput':
      return -(health.tokensPerSecond?.p50 ?? 0);
    case 'latency':
      return health.latencyMs?.p50 ?? Number.MAX_VALUE;
    case 'exacto':
      return (
        -(health.quality.toolSuccess ?? 0) - Math.min(health.quality.tokensPerSecond ?? 0, SPEED_MAX) / SPEED_MAX ** 2
      );
  }
}

function tiersOf(entries: readonly Entry[]): readonly QualityTier[] | null {
  return qualityTiers(
    entries.map(({ facts, health }) => ({ providerSlug: facts.providerSlug, quality: health.quality })),
  );
}

/** A sort leaves nothing to chance: by price strictly, by what was measured with those in an outage last. */
function sorted(entries: readonly Entry[], sort: SortKey, { asked }: OrderRule): Entry[] {
  const tiers = sort === 'exacto' ? tiersOf(entries) : null;
  for (let index = 0; index < entries.length; index += 1) {
    const entry = entries[index];
    if (entry === undefined) break;
    const isOut = sort !== 'price' && entry.health.isOut;
    entry.demerit = (isOut ? OUTAGE : 0) + (missesThreshold(entry.health, asked) ? MISSED : 0) + (tiers?.[index] ?? 0);
    entry.key = sortKeyOf(entry, sort);
    entry.reason = demeritReason(entry.demerit) ?? sortReasons[sort];
  }
  return entries.toSorted(compare);
}

/**
 * Draws one with weight 1/price^2, computed as (cheapest/price)^2 so that free endpoints need no division by zero: where there are any, only
 * they have a chance. `entries` are the cheapest first.
 */
function drawFirst(entries: readonly Entry[], draw: () => number): Entry {
  const cheapest = entries[0];
  invariant(cheapest !== undefined, 'a draw among no candidates');
  if (entries.length === 1) return cheapest;
  const weightOf = ({ price }: Entry) => (price === cheapest.price ? 1 : (cheapest.price / price) ** 2);
  let sum = 0;
  for (const entry of entries) sum += weightOf(entry);
  let left = draw() * sum;
  for (const entry of entries) {
    left -= weightOf(entry);
    if (left < 0) return entry;
  }
  return cheapest;
}

/**
 * The market's own order: one of the best by weighted chance, the other best by price, then those against whom something speaks. A request
 * with tools also looks at how well they are called, once that is known of enough providers; one for the priority tier has that first.
 */
function balanced(entries: readonly Entry[], { asked, input }: OrderRule): Entry[] {
  const tiers = asked.prompt.tools.length > 0 ? tiersOf(entries) : null;
  const isPriority = asked.tier === 'priority' && entries.some(({ facts }) => facts.tier === 'priority');
  for (let index = 0; index < entries.length; index += 1) {
    const entry = entries[index];
    if (entry === undefined) break;
    const { health, facts } = entry;
    const isPreferred = isPriority && facts.tier === 'priority';
    entry.demerit =
      (health.isOut ? OUTAGE : 0) +
      (isPriority && !isPreferred ? OTHER_TIER : 0) +
      (missesThreshold(health, asked) ? MISSED : 0) +
      uptimeDemerit(health) +
      (tiers?.[index] ?? 0);
    entry.key = isPreferred ? sortKeyOf(entry, 'throughput') : entry.price;
    entry.reason = demeritReason(entry.demerit) ?? (isPreferred ? 'service_tier' : 'by_price');
  }
  const ordered = entries.toSorted(compare);
  const [best] = ordered;
  if (best === undefined || (isPriority && best.facts.tier === 'priority')) return ordered;
  const end = ordered.findIndex(({ demerit }) => demerit > best.demerit);
  const first = drawFirst(end < 0 ? ordered : ordered.slice(0, end), input.draw);
  if (demeritReason(first.demerit) === null) first.reason = 'price_weighted';
  if (first !== best) {
    ordered.splice(ordered.indexOf(first), 1);
    ordered.unshift(first);
  }
  return ordered;
}

function unnamed(entries: readonly Entry[], rule: OrderRule): Entry[] {
  const { asked } = rule;
  const isFlex = asked.tier === 'flex' && entries.some(({ facts }) => facts.tier === 'flex');
  const sort = asked.prompt.preferences.sort ?? entries[0]?.wishes.sort ?? (isFlex ? 'price' : null);
  return sort === null ? balanced(entries, rule) : sorted(entries, sort, rule);
}

/** Those of `provider.order` in its order, several under one name by price, and then the others. */
function inOrder(entries: readonly Entry[], rule: OrderRule): Entry[] {
  const named: Entry[] = [];
  const rest: Entry[] = [];
  for (const entry of entries) {
    const place = placeAmong(entry.facts, rule.asked.order);
    if (place < 0) {
      rest.push(entry);
      continue;
    }
    entry.demerit = 0;
    entry.key = place;
    entry.reason = 'order';
    named.push(entry);
  }
  named.sort(compare);
  return rest.length === 0 ? named : [...named, ...unnamed(rest, rule)];
}

/** Moves the endpoint that has the conversation in its cache to the front, as long as reading from there is cheaper and it is well. */
function withStickyFirst(entries: Entry[], { input: { stickyEndpointId } }: OrderRule): Entry[] {
  if (!stickyEndpointId) return entries;
  const at = entries.findIndex(({ facts }) => facts.endpoint.id === stickyEndpointId);
  const sticky = entries[at];
  if (sticky === undefined || !sticky.facts.isCacheCheaper || sticky.health.isOut) return entries;
  sticky.reason = 'sticky';
  return [sticky, ...entries.slice(0, at), ...entries.slice(at + 1)];
}

/** The customer's own keys before the market's, and those for need only after it; by their positions, unless `provider.order` says otherwise. */
function withOwnKeys(entries: Entry[], { asked, input }: OrderRule): Entry[] {
  if (input.ownCredentials === undefined) return entries;
  const of = (rank: 'prioritized' | 'fallback', reason: PlacementReason): Entry[] => {
    const own = entries.filter(({ credential }) => credential?.rank === rank);
    for (const entry of own) entry.reason = reason;
    if (asked.order.length > 0) return own;
    return own.toSorted((a, b) => (a.credential?.position ?? 0) - (b.credential?.position ?? 0));
  };
  const shared = entries.filter(({ credential }) => credential === null);
  return [...of('prioritized', 'own_key'), ...shared, ...of('fallback', 'own_key_fallback')];
}

/** Orders the allowed offers of one model, or of several together; loses none and adds none. */
export function orderEntries(entries: readonly Entry[], rule: OrderRule): readonly Entry[] {
  const { asked, input } = rule;
  if (entries.length === 0) return entries;
  for (const entry of entries) entry.health = input.health(entry.facts.endpoint.id);
  const hasOrder = asked.order.length > 0;
  const ordered = hasOrder ? inOrder(entries, rule) : withStickyFirst(unnamed(entries, rule), rule);
  return withOwnKeys(ordered, rule);
}
