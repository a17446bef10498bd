import type { Endpoint } from '@bourse/catalog';
import type { ProviderFailure } from '@bourse/wire';
import { failureRule } from '../generate/attempt-failure.ts';
import type { EndpointHealth } from '../health/endpoint-health.ts';
import { Breaker, type Permit } from './breaker.ts';
import { Concurrency } from './concurrency.ts';
import { Rest } from './rest.ts';
import { RetryBudget } from './retry-budget.ts';

/** What tells who is asked: one of our keys per provider, one breaker and one limit per endpoint. */
export interface UpstreamAddress {
  readonly endpointId: string;
  readonly providerSlug: string;
}

/** Where a candidate is. */
export function addressOf(candidate: { readonly endpoint: Pick<Endpoint, 'id' | 'providerSlug'> }): UpstreamAddress {
  return { endpointId: candidate.endpoint.id, providerSlug: candidate.endpoint.providerSlug };
}

/** What it needs of the world. */
export interface UpstreamsParts {
  readonly health: Pick<EndpointHealth, 'of' | 'record' | 'setLate' | 'setBreaker'>;
  readonly now: () => number;
  readonly draw: () => number;
  /** How long a breaker stays open the first time. */
  readonly breakerOpenMs: number;
  /** How long a credential is left alone the first time. */
  readonly credentialRestMs: number;
  readonly onCredential: (
    providerSlug: string,
    news:
      | { readonly kind: 'set_aside'; readonly failure: ProviderFailure; readonly restMs: number }
      | { readonly kind: 'back' },
  ) => void;
}

const CREDENTIAL_REST_MS_MAX = 3_600_000;
/** A rate limit without a word on when to come back. */
const RATE_LIMIT_REST_MS = 1_000;
const RATE_LIMIT_REST_MS_MAX = 30_000;
/** A single 403 may be about one customer's words; so many in a row are about our key. */
const FORBIDDEN_IN_A_ROW = 3;
const WATCH_MS = 250;
/** Waiting so many times longer than all but one in a hundred is late, and never less than this. */
const LATE_FACTOR = 3;
const LATE_MS_MIN = 1_000;
/** So many that are late, and this share of those that wait, are more than chance. */
const LATE_MIN = 3;
const LATE_SHARE_MIN = 0.1;

/** One endpoint, as it is called with our credential. */
class Upstream {
  readonly address: UpstreamAddress;
  readonly breaker: Breaker;
  readonly budget = new RetryBudget();
  readonly places = new Concurrency();
  /** Streams that wait for their first token, oldest first, by when they began. */
  readonly waiting = new Map<Flight, number>();
  readonly credential: Rest;
  restUntilMs = Number.NEGATIVE_INFINITY;
  forbidden = 0;

  constructor(address: UpstreamAddress, parts: UpstreamsParts, credential: Rest) {
    this.address = address;
    this.breaker = new Breaker({ openMs: parts.breakerOpenMs, draw: parts.draw });
    this.credential = credential;
  }

  isResting(nowMs: number): boolean {
    return nowMs < this.restUntilMs || !this.credential.isOver(nowMs);
  }
}

/** One call of an endpoint, from its place in the line to the end of its answer. It ends with one of `failed`, `withdrawn` and `ended`. */
export class Flight {
  readonly #upstream: Upstream;
  readonly #permit: Permit;
  readonly #owner: Upstreams;

  constructor(upstream: Upstream, permit: Permit, owner: Upstreams) {
    this.#upstream = upstream;
    this.#permit = permit;
    this.#owner = owner;
  }

  /** The first token, or the whole answer, is there. */
  answered(): void {
    this.#upstream.waiting.delete(this);
    this.#owner.answered(this.#upstream, this.#permit);
  }

  /** There was no answer. */
  failed(failure: ProviderFailure): void {
    this.#owner.failed(this.#upstream, this.#permit, failure);
    this.#leave();
  }

  /** It was given up for a reason that says nothing of the endpoint. */
  withdrawn(): void {
    this.#upstream.breaker.withdrawn(this.#permit);
    this.#leave();
  }

  /** It ended in a way that nobody foresaw; throws that on. */
  readonly lost = (error: unknown): never => {
    this.withdrawn();
    throw error;
  };

  /** After `answered`. */
  ended(isBroken: boolean): void {
    if (isBroken) this.#owner.broke(this.#upstream);
    this.#leave();
  }

  #leave(): void {
    this.#upstream.waiting.delete(this);
    this.#upstream.places.leave();
  }
}

/** All endpoints as this process calls them: who may be asked now, how often again, and how many at once. */
export class Upstreams {
  readonly #parts: UpstreamsParts;
  readonly #upstreams = new Map<string, Upstream>();
  readonly #credentials = new Map<string, Rest>();
  readonly #timer: NodeJS.Timeout;

  constructor(parts: UpstreamsParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => this.watch(), WATCH_MS).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** False: its breaker is open, its line is full, it asked to be left alone, or its credential is set aside; better ask somebody else first. */
  isReady(address: UpstreamAddress): boolean {
    const upstream = this.#of(address);
    const nowMs = this.#parts.now();
    return !upstream.places.isFull && !upstream.isResting(nowMs) && upstream.breaker.state(nowMs) !== 'open';
  }

  /** Null when there was no place within two seconds. Who is not ready is asked all the same: callers ask only when nobody else is left. */
  enter(address: UpstreamAddress, isStreamed: boolean): Flight | null | Promise<Flight | null> {
    const upstream = this.#of(address);
    const isIn = upstream.places.enter();
    if (isIn instanceof Promise) return isIn.then((is) => (is ? this.#start(upstream, isStreamed) : null));
    return isIn ? this.#start(upstream, isStreamed) : null;
  }

  /** Counts a request that comes to an endpoint for the first time. */
  countRequest(address: UpstreamAddress): void {
    this.#of(address).budget.request(this.#parts.now());
  }

  /** True when it may be asked for the same request once more; takes that from its budget. */
  takeRetry(address: UpstreamAddress): boolean {
    const upstream = this.#of(address);
    const nowMs = this.#parts.now();
    const isOpen = !upstream.credential.isOver(nowMs) || upstream.breaker.state(nowMs) !== 'closed';
    return !isOpen && upstream.budget.take(nowMs);
  }

  answered(upstream: Upstream, permit: Permit): void {
    const nowMs = this.#parts.now();
    upstream.places.succeeded();
    upstream.forbidden = 0;
    upstream.restUntilMs = Number.NEGATIVE_INFINITY;
    if (upstream.credential.times > 0 && upstream.credential.end()) {
      this.#parts.onCredential(upstream.address.providerSlug, { kind: 'back' });
    }
    if (upstream.breaker.succeeded(permit, nowMs) || permit !== 'call') this.#tell(upstream, nowMs);
  }

  failed(upstream: Upstream, permit: Permit, failure: ProviderFailure): void {
    const nowMs = this.#parts.now();
    const { kind, status } = failure;
    if (failureRule(failure).isOutage) {
      this.#parts.health.record(upstream.address.endpointId, { end: 'failed' });
      upstream.breaker.failed(permit, kind === 'connection_failed' && status === 0, nowMs);
    } else upstream.breaker.withdrawn(permit);
    if (kind === 'rate_limited' || kind === 'overloaded' || kind === 'timeout') upstream.places.refused(nowMs);
    if (kind === 'rate_limited') this.#rest(upstream, failure.retryAfterSeconds, nowMs);
    if (kind === 'unauthenticated' || kind === 'payment_required') this.#setAside(upstream, failure, nowMs);
    upstream.forbidden = kind === 'forbidden' ? upstream.forbidden + 1 : 0;
    if (upstream.forbidden >= FORBIDDEN_IN_A_ROW) this.#setAside(upstream, failure, nowMs);
    this.#tell(upstream, nowMs);
  }

  /** An answer that had begun broke off. */
  broke(upstream: Upstream): void {
    const nowMs = this.#parts.now();
    if (upstream.breaker.failed('call', false, nowMs)) this.#tell(upstream, nowMs);
  }

  /** Looks for streams that wait far longer than is usual where they wait, and for breakers whose time has come. To be called a few times a second. */
  watch(): void {
    const nowMs = this.#parts.now();
    for (const upstream of this.#upstreams.values()) {
      this.#parts.health.setLate(upstream.address.endpointId, this.#isLate(upstream, nowMs));
      this.#tell(upstream, nowMs);
    }
  }

  /** Endpoints whose breaker is not closed. */
  get openBreakers(): number {
    const nowMs = this.#parts.now();
    return [...this.#upstreams.values()].filter(({ breaker }) => breaker.state(nowMs) !== 'closed').length;
  }

  /** 1 for each provider whose credential is set aside. */
  credentialsSetAside(): ReadonlyMap<string, number> {
    const nowMs = this.#parts.now();
    const resting = [...this.#credentials].filter(([, rest]) => !rest.isOver(nowMs));
    return new Map(resting.map(([slug]) => [slug, 1]));
  }

  #start(upstream: Upstream, isStreamed: boolean): Flight {
    const nowMs = this.#parts.now();
    const permit = upstream.breaker.admit(nowMs) ?? 'forced';
    const flight = new Flight(upstream, permit, this);
    if (isStreamed) upstream.waiting.set(flight, nowMs);
    if (permit === 'probe') this.#tell(upstream, nowMs);
    return flight;
  }

  #isLate({ waiting, address }: Upstream, nowMs: number): boolean {
    if (waiting.size < LATE_MIN) return false;
    const usual = this.#parts.health.of(address.endpointId).latencyMs;
    if (usual === null) return false;
    const lateMs = Math.max(LATE_MS_MIN, LATE_FACTOR * usual.p99);
    let late = 0;
    for (const startedMs of waiting.values()) {
      if (nowMs - startedMs <= lateMs) break;
      late += 1;
    }
    return late >= LATE_MIN && late >= LATE_SHARE_MIN * waiting.size;
  }

  #rest(upstream: Upstream, retryAfterSeconds: number | null, nowMs: number): void {
    const asked = retryAfterSeconds === null ? RATE_LIMIT_REST_MS : retryAfterSeconds * 1_000;
    upstream.restUntilMs = nowMs + Math.min(asked, RATE_LIMIT_REST_MS_MAX);
  }

  #setAside(upstream: Upstream, failure: ProviderFailure, nowMs: number): void {
    if (!upstream.credential.isOver(nowMs)) return;
    const restMs = upstream.credential.begin(nowMs);
    this.#parts.onCredential(upstream.address.providerSlug, { kind: 'set_aside', failure, restMs });
  }

  #tell(upstream: Upstream, nowMs: number): void {
    const state = upstream.isResting(nowMs) ? 'open' : upstream.breaker.state(nowMs);
    this.#parts.health.setBreaker(upstream.address.endpointId, state);
  }

  #of(address: UpstreamAddress): Upstream {
    const known = this.#upstreams.get(address.endpointId);
    if (known !== undefined) return known;
    const { providerSlug } = address;
    const limits = { firstMs: this.#parts.credentialRestMs, mostMs: CREDENTIAL_REST_MS_MAX };
    const credential = this.#credentials.get(providerSlug) ?? new Rest(limits);
    this.#credentials.set(providerSlug, credential);
    const upstream = new Upstream(address, this.#parts, credential);
    this.#upstreams.set(address.endpointId, upstream);
    return upstream;
  }
}
