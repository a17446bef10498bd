import { type RateLimitSource, rateLimitError } from '@bourse/access';
import type { ApiKeySnapshot } from '@bourse/db';
import { type FreeDay, nextDayMs, type Rates, type Refusal, type Running } from './caller-limits.ts';
import { overloadError } from './overload-error.ts';
import { mayBegin, type Pressure } from './pressure.ts';
import { type CallerRules, type RuleBook, TOKENS_PER_UNIT } from './rules.ts';
import type { SharedLimits, SharedRefusal } from './shared-limits.ts';

/** What limits are kept in. */
export interface PassWorld {
  readonly rules: RuleBook;
  readonly keys: Rates;
  readonly organizations: Rates;
  readonly tokens: Rates;
  readonly free: Rates;
  readonly freeDay: FreeDay;
  readonly running: Running;
  /** The limits that several gateways have together; null without Redis. */
  readonly shared: SharedLimits | null;
  /** What this process feels. */
  readonly pressure: Pressure;
  readonly refused: (reason: RefusalReason) => void;
  /** Told of each request that is decided without the others, because there was no answer. */
  readonly alone: () => void;
  /** Microseconds of a clock that never goes back. */
  readonly nowUs: () => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly draw: () => number;
}

/** Why something was turned away, as metrics name it. */
export type RefusalReason = RateLimitSource | 'overloaded' | 'free_under_pressure';

/** What a request may use, as far as one can know before it is answered. */
export interface Weight {
  readonly tokens: number;
  /** It may be answered by a free model. */
  readonly isFree: boolean;
}

/** Until one of as many running requests ends. */
const STREAMS_WAIT_US = 1_000_000;
const US_PER_MS = 1_000;

/** What `X-RateLimit-*` tells: of the limit that is nearest. */
interface Told {
  readonly limit: number;
  readonly remaining: number;
  readonly resetsAtMs: number;
}

/**
 * One request's way past the limits of its key and its organization: `admit` once the caller is known, `weigh` once the prompt is, `spend` when the
 * answer is metered, `leave` when everything is over. Those of one process are looked at in memory; what several gateways have together is
 * asked of Redis once, at `weigh`.
 */
export class Pass {
  readonly #world: PassWorld;
  /** Names the request among all that run. */
  readonly #id: string;
  #key: ApiKeySnapshot | null = null;
  #rules: CallerRules | null = null;
  #told: Told | null = null;
  #units = 0;
  #isShared = false;
  #isOver = false;
  #isTurnedAway = false;

  constructor(id: string, world: PassWorld) {
    this.#id = id;
    this.#world = world;
  }

  /** Takes one request of the key and of the organization and a place among those that run, all or none. Once; throws 429 and 503. */
  admit(key: ApiKeySnapshot): void {
    if (this.#rules !== null) return;
    const { rules: book, keys, organizations, running, nowUs } = this.#world;
    const rules = book.of(key);
    const wanted = { cost: 1, nowUs: nowUs() };
    const ofKey = rules.key === null ? 0 : keys.look(rules.key, key.id, wanted);
    if (rules.key !== null && ofKey < 0) throw this.#refuse(keys.refusal(rules.key, key.id, wanted));
    const { organizationId } = key;
    const ofAll = rules.organization === null ? 0 : organizations.look(rules.organization, organizationId, wanted);
    if (rules.organization !== null && ofAll < 0)
      throw this.#refuse(organizations.refusal(rules.organization, organizationId, wanted));
    if (rules.streamsMax !== null && running.of(organizationId) >= rules.streamsMax)
      throw this.#refuse(streamsRefusal(rules.streamsMax));
    this.#assertRoom(organizationId);
    if (rules.key !== null) keys.keep(key.id, ofKey);
    if (rules.organization !== null) organizations.keep(organizationId, ofAll);
    running.add(organizationId);
    this.#key = key;
    this.#rules = rules;
    this.#told = this.#nearest(key, rules, wanted.nowUs);
  }

  /** Takes the tokens that the answer may use, and one of the free requests. Throws 429 and 503. Does not wait where nothing is shared. */
  weigh(weight: Weight): Promise<void> | null {
    const [key, rules] = [this.#key, this.#rules];
    if (key === null || rules === null || this.#units > 0) return null;
    if (weight.isFree && this.#world.pressure.level !== 'green') throw this.#noRoom('free_under_pressure');
    const units = Math.max(1, Math.ceil(weight.tokens / TOKENS_PER_UNIT));
    this.#takeHere({ units, isFree: weight.isFree }, key, rules);
    this.#units = units;
    const { shared } = this.#world;
    return shared === null ? null : this.#takeEverywhere({ units, isFree: weight.isFree, shared }, key);
  }

  /** What the answer has used in fact; the rest of what was taken for it is free again. */
  spend(tokens: number): void {
    this.#giveBack(this.#units - Math.ceil(tokens / TOKENS_PER_UNIT));
    this.#units = 0;
  }

  /** Must be called once, whatever became of the request. What was taken for an answer that never was is given back. */
  leave(): void {
    const key = this.#key;
    if (key === null || this.#isOver) return;
    this.#giveBack(this.#units);
    this.#units = 0;
    this.#isOver = true;
    this.#world.running.remove(key.organizationId);
    if (this.#isShared) this.#world.shared?.leave(key.organizationId, this.#id);
  }

  /** There was no room: nobody's failure, and told to nobody but the caller and the metrics, because there are many of them. */
  get isTurnedAway(): boolean {
    return this.#isTurnedAway;
  }

  /** The headers of whatever is answered; none before the caller was admitted. */
  get headers(): Readonly<Record<string, string>> {
    const told = this.#told;
    if (told === null) return {};
    return {
      'x-ratelimit-limit': String(told.limit),
      'x-ratelimit-remaining': String(told.remaining),
      'x-ratelimit-reset': String(told.resetsAtMs),
    };
  }

  /** Under pressure so many may run, and no organization more than its share where others want to. */
  #assertRoom(organizationId: string): void {
    const { pressure, running } = this.#world;
    const { cap } = pressure;
    if (cap === Number.POSITIVE_INFINITY) return;
    const { total, organizations } = running;
    if (!mayBegin({ cap, total, organizations }, running.of(organizationId))) throw this.#noRoom('overloaded');
  }

  #noRoom(reason: 'overloaded' | 'free_under_pressure'): Error {
    this.#isTurnedAway = true;
    this.#world.refused(reason);
    return overloadError(reason, this.#world.draw());
  }

  #nearest(key: ApiKeySnapshot, rules: CallerRules, nowUs: number): Told | null {
    const { keys, organizations } = this.#world;
    const ofKey = rules.key === null ? Number.POSITIVE_INFINITY : keys.remaining(rules.key, key.id, nowUs);
    const ofAll =
      rules.organization === null
        ? Number.POSITIVE_INFINITY
        : organizations.remaining(rules.organization, key.organizationId, nowUs);
    if (rules.key !== null && ofKey <= ofAll)
      return this.#tell(rules.key.limit, ofKey, keys.fullIn(rules.key, key.id, nowUs));
    if (rules.organization === null) return null;
    const fullIn = organizations.fullIn(rules.organization, key.organizationId, nowUs);
    return this.#tell(rules.organization.limit, ofAll, fullIn);
  }

  #tell(limit: number, remaining: number, fullInUs: number): Told {
    return { limit, remaining, resetsAtMs: this.#world.now() + Math.ceil(fullInUs / US_PER_MS) };
  }

  #takeHere({ units, isFree }: { units: number; isFree: boolean }, key: ApiKeySnapshot, rules: CallerRules): void {
    const { tokens, free, freeDay, nowUs, now } = this.#world;
    const { organizationId } = key;
    const at = nowUs();
    const wanted = { cost: units, nowUs: at };
    const ofTokens = rules.tokens === null ? 0 : tokens.look(rules.tokens, organizationId, wanted);
    if (rules.tokens !== null && ofTokens < 0) throw this.#refuse(tokens.refusal(rules.tokens, organizationId, wanted));
    if (isFree) {
      const used = freeDay.used(organizationId, key.freeRequests, now());
      if (rules.freePerDayMax !== null && used >= rules.freePerDayMax)
        throw this.#refuse(this.#dayRefusal(rules.freePerDayMax));
      if (rules.free !== null && !free.take(rules.free, organizationId, at))
        throw this.#refuse(free.refusal(rules.free, organizationId, { cost: 1, nowUs: at }));
      freeDay.set(organizationId, used + 1);
    }
    if (rules.tokens !== null) tokens.keep(organizationId, ofTokens);
  }

  async #takeEverywhere(
    { units, isFree, shared }: { units: number; isFree: boolean; shared: SharedLimits },
    key: ApiKeySnapshot,
  ): Promise<void> {
    const { freeDay, now, rules: book } = this.#world;
    const rules = book.wholeOf(key);
    const verdict = await shared.take({
      id: this.#id,
      keyId: key.id,
      organizationId: key.organizationId,
      rules,
      units,
      free: isFree ? { used: freeDay.used(key.organizationId, key.freeRequests, now()), nowMs: now() } : null,
    });
    // Nobody to ask: this process has said yes, and from now on grants its share.
    book.nodes = verdict === null ? shared.nodes : 1;
    if (verdict === null) return this.#world.alone();
    if (verdict.kind === 'refused') throw this.#refuse(this.#sharedRefusal(verdict, rules));
    this.#isShared = true;
    const { remaining } = verdict;
    if (this.#told !== null && remaining !== null && remaining < this.#told.remaining)
      this.#told = { ...this.#told, remaining };
  }

  #sharedRefusal({ source, waitUs }: SharedRefusal, rules: CallerRules): Refusal {
    switch (source) {
      case 'key_requests':
        return { source, limit: rules.key?.limit ?? 0, waitUs, fullInUs: waitUs };
      case 'organization_requests':
        return { source, limit: rules.organization?.limit ?? 0, waitUs, fullInUs: waitUs };
      case 'organization_tokens':
        return { source, limit: rules.tokens?.limit ?? 0, waitUs, fullInUs: waitUs };
      case 'free_requests':
        return { source, limit: rules.free?.limit ?? 0, waitUs, fullInUs: waitUs };
      case 'free_requests_per_day':
        return this.#dayRefusal(rules.freePerDayMax ?? 0);
      case 'organization_streams':
        return streamsRefusal(rules.streamsMax ?? 0);
    }
  }

  #dayRefusal(limit: number): Refusal {
    const untilUs = (nextDayMs(this.#world.now()) - this.#world.now()) * US_PER_MS;
    return { source: 'free_requests_per_day', limit, waitUs: untilUs, fullInUs: untilUs };
  }

  #giveBack(units: number): void {
    const [key, rules] = [this.#key, this.#rules];
    if (key === null || rules?.tokens == null || units === 0) return;
    this.#world.tokens.giveBack(rules.tokens, key.organizationId, { cost: units, nowUs: this.#world.nowUs() });
    const whole = this.#isShared ? this.#world.rules.wholeOf(key).tokens : null;
    if (whole !== null) this.#world.shared?.giveBack(key.organizationId, whole, units);
  }

  #refuse({ source, limit, waitUs, fullInUs }: Refusal): Error {
    const { now, draw, refused } = this.#world;
    refused(source);
    // Its own headers tell more.
    this.#told = null;
    const resetsAtMs = now() + fullInUs / US_PER_MS;
    return rateLimitError({ source, limit, waitMs: waitUs / US_PER_MS, resetsAtMs, draw: draw() });
  }
}

function streamsRefusal(limit: number): Refusal {
  return { source: 'organization_streams', limit, waitUs: STREAMS_WAIT_US, fullInUs: STREAMS_WAIT_US };
}
