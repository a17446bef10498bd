import type { RateLimitSource, RateRule } from '@bourse/access';
import type { Redis } from '@bourse/redis';
import { dayOf, nextDayMs } from './caller-limits.ts';
import { countGateways, giveBackLimit, renewStreams, takeLimits } from './limit-scripts.ts';
import type { CallerRules } from './rules.ts';

/** What one request takes of the limits that gateways have together. */
export interface SharedTake {
  /** Names the request among all that run. */
  readonly id: string;
  readonly keyId: string;
  readonly organizationId: string;
  readonly rules: CallerRules;
  /** Of tokens. */
  readonly units: number;
  /** How many free requests this process knows of; null for one that is not. */
  readonly free: { readonly used: number; readonly nowMs: number } | null;
}

/** In the order of the script. */
const SOURCES = [
  'key_requests',
  'organization_requests',
  'organization_tokens',
  'free_requests',
  'organization_streams',
  'free_requests_per_day',
] as const satisfies readonly RateLimitSource[];

/** A limit of all gateways together that said no. */
export interface SharedRefusal {
  readonly kind: 'refused';
  readonly source: (typeof SOURCES)[number];
  readonly waitUs: number;
}

/** `remaining` requests of the nearer of the two limits on requests; null where there is none. */
export type SharedVerdict = { readonly kind: 'taken'; readonly remaining: number | null } | SharedRefusal;

const BEAT_MS = 1_000;
/** Who was not heard of for so long is gone. */
const GATEWAY_TTL_MS = 5_000;
const RENEW_MS = 15_000;
/** A request whose gateway died counts for so long. */
const STREAM_TTL_MS = 60_000;

/** Ends of keys in one slot of a cluster: one script touches all keys of an organization. */
function keyOf(organizationId: string, what: string): string {
  return `bourse:limit:{${organizationId}}:${what}`;
}

function rateArguments(rule: RateRule | null, cost: number): string[] {
  return rule === null || cost === 0 ? ['0', '0', '0'] : [rule.intervalUs, rule.burst, cost].map(String);
}

/** The last places of the script are four numbers, the second one as text, because it may be large. */
function verdictOf(answer: unknown): SharedVerdict | null {
  if (!Array.isArray(answer)) return null;
  const [refuser, waitUs, ...left] = answer.map(Number);
  const source = refuser === undefined ? undefined : SOURCES[refuser - 1];
  if (source !== undefined) return { kind: 'refused', source, waitUs: waitUs ?? 0 };
  const asked = left.filter((each) => each >= 0);
  return refuser === 0 ? { kind: 'taken', remaining: asked.length === 0 ? null : Math.min(...asked) } : null;
}

/**
 * The limits that several gateways have together, in Redis. Nothing here throws, and nobody waits longer than the deadline of Redis: without an
 * answer each gateway grants its share, `1 / nodes`.
 */
export class SharedLimits {
  readonly #redis: Redis;
  readonly #gatewayId: string;
  readonly #nodesMin: number;
  readonly #timers: readonly NodeJS.Timeout[];
  /** Names of requests that run, by organization: they are renewed for as long as they do. */
  readonly #running = new Map<string, Set<string>>();
  #nodes: number;

  /** `nodesMin`: how many gateways there are at least, also before Redis was ever heard of. */
  constructor(options: { readonly redis: Redis; readonly gatewayId: string; readonly nodesMin: number }) {
    this.#redis = options.redis;
    this.#gatewayId = options.gatewayId;
    this.#nodesMin = options.nodesMin;
    this.#nodes = options.nodesMin;
    this.#timers = [
      setInterval(() => this.#beat(), BEAT_MS).unref(),
      setInterval(() => this.#renew(), RENEW_MS).unref(),
    ];
    this.#beat();
  }

  /** How many gateways there were when Redis was last heard of. */
  get nodes(): number {
    return this.#nodes;
  }

  /** Null when there is no answer. */
  async take(wanted: SharedTake): Promise<SharedVerdict | null> {
    const { id, keyId, organizationId, rules, units, free } = wanted;
    const keys = [`key:${keyId}`, 'requests', 'tokens', 'free', 'streams', `free:${dayOf(free?.nowMs ?? 0)}`];
    const args = [
      ...rateArguments(rules.key, 1),
      ...rateArguments(rules.organization, 1),
      ...rateArguments(rules.tokens, units),
      ...rateArguments(rules.free, free === null ? 0 : 1),
      String(rules.streamsMax ?? 0),
      id,
      String(STREAM_TTL_MS),
      String(free === null ? 0 : (rules.freePerDayMax ?? 0)),
      // The request that asks is counted here already.
      String(free === null ? 0 : free.used - 1),
      String(free === null ? 0 : nextDayMs(free.nowMs) - free.nowMs),
    ];
    const verdict = await this.#redis
      .run(
        takeLimits,
        keys.map((key) => keyOf(organizationId, key)),
        args,
      )
      .then(verdictOf, () => null);
    if (verdict?.kind === 'taken' && rules.streamsMax !== null) this.#begin(organizationId, id);
    return verdict;
  }

  /** Tokens that were not used; negative where more were. */
  giveBack(organizationId: string, rule: RateRule, units: number): void {
    const args = [rule.intervalUs, rule.burst, units].map(String);
    // What is not given back is earned within a minute.
    this.#redis.run(giveBackLimit, [keyOf(organizationId, 'tokens')], args).catch(() => undefined);
  }

  /** A request no longer runs. */
  leave(organizationId: string, id: string): void {
    const running = this.#running.get(organizationId);
    if (running?.delete(id) !== true) return;
    if (running.size === 0) this.#running.delete(organizationId);
    // It is not renewed any more.
    this.#redis.command(['ZREM', keyOf(organizationId, 'streams'), id]).catch(() => undefined);
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  #begin(organizationId: string, id: string): void {
    const running = this.#running.get(organizationId) ?? new Set();
    this.#running.set(organizationId, running.add(id));
  }

  #beat(): void {
    this.#redis.run(countGateways, ['bourse:gateways'], [this.#gatewayId, String(GATEWAY_TTL_MS)]).then(
      (count) => {
        this.#nodes = Math.max(this.#nodesMin, Number(count) || 1);
      },
      // As many as there were.
      () => undefined,
    );
  }

  #renew(): void {
    for (const [organizationId, ids] of this.#running)
      this.#redis
        .run(renewStreams, [keyOf(organizationId, 'streams')], [String(STREAM_TTL_MS), ...ids])
        .catch(() => undefined);
  }
}
