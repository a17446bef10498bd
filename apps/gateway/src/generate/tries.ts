import type { Candidate } from '@bourse/routing';
import type { ProviderFailure } from '@bourse/wire';
import type { Deps } from '../deps.ts';
import { isStopped } from '../snapshot/switches.ts';
import { addressOf } from '../upstream/upstreams.ts';
import { failureRule, isRetryable } from './attempt-failure.ts';
import type { AttemptInput } from './attempt-input.ts';
import { pauseFor } from './pause-for.ts';

/** All attempts of one generation. */
const ATTEMPTS_MAX = 4;
/** Nobody is asked any more when so much time has passed without a token. */
const ATTEMPTS_MS_MAX = 120_000;
const JITTER_MS_LEAST = 50;
const JITTER_MS_MOST = 500;

/**
 * Who is to be asked next. Candidates in the order of the plan, those that had better be left alone (breaker, rate limit, credential, full line) after the
 * others, but never not at all; then the same endpoint again, seldom and after a pause, where the failure may have been chance.
 */
export class Tries {
  readonly #input: AttemptInput;
  readonly #deps: Deps;
  readonly #startedMs: number;
  readonly #left: Candidate[];
  readonly #deferred: Candidate[] = [];
  readonly #failures: { readonly candidate: Candidate; readonly failure: ProviderFailure }[] = [];
  #retries = 0;

  constructor(input: AttemptInput, deps: Deps) {
    this.#input = input;
    this.#deps = deps;
    this.#startedMs = deps.now();
    this.#left = [...input.route.candidates];
  }

  /** Null: nobody is left, or enough was tried. */
  next(): Candidate | null | Promise<Candidate | null> {
    if (this.#failures.length >= ATTEMPTS_MAX || this.#deps.now() - this.#startedMs > ATTEMPTS_MS_MAX) return null;
    const first = this.#first();
    if (first === null) return this.#again();
    this.#deps.upstreams.countRequest(addressOf(first));
    return first;
  }

  failed(candidate: Candidate, failure: ProviderFailure): void {
    this.#failures.push({ candidate, failure });
  }

  /** Somebody who was not asked yet. */
  #first(): Candidate | null {
    for (let candidate = this.#left.shift(); candidate !== undefined; candidate = this.#left.shift()) {
      if (!this.#isAllowed(candidate)) continue;
      if (this.#deps.upstreams.isReady(addressOf(candidate))) return candidate;
      this.#deferred.push(candidate);
    }
    return this.#deferred.splice(0).reduce<Candidate | null>((found, candidate) => {
      if (found === null && this.#isAllowed(candidate)) return candidate;
      this.#deferred.push(candidate);
      return found;
    }, null);
  }

  /**
   * The hold covers the dearest candidate that its money reaches, under the caps that were made with it; what is not among them is not called.
   * An operator may have stopped an endpoint since the plan was made. A refusal that blames the request moves on only to another model.
   */
  #isAllowed({ endpoint }: Candidate): boolean {
    const { caps } = this.#input;
    if (caps?.has(endpoint.id) === false || !this.#deps.providers.has(endpoint.providerSlug)) return false;
    if (isStopped(this.#deps.switches(), endpoint)) return false;
    const last = this.#failures.at(-1);
    return (
      last === undefined ||
      failureRule(last.failure).mayFallBack ||
      endpoint.modelSlug !== last.candidate.endpoint.modelSlug
    );
  }

  async #again(): Promise<Candidate | null> {
    if (this.#retries >= this.#deps.limits.retriesMax) return null;
    const seen = new Map(this.#failures.map((failed) => [failed.candidate, failed.failure]));
    const again = [...seen].find(
      ([candidate, failure]) =>
        isRetryable(failure) && this.#isAllowed(candidate) && this.#deps.upstreams.takeRetry(addressOf(candidate)),
    );
    if (again === undefined) return null;
    const [candidate, { retryAfterSeconds }] = again;
    this.#retries += 1;
    const jitterMs = JITTER_MS_LEAST + this.#deps.draw() * (JITTER_MS_MOST - JITTER_MS_LEAST);
    await pauseFor(Math.max(jitterMs, (retryAfterSeconds ?? 0) * 1_000), this.#input.life.cut);
    return candidate;
  }
}
