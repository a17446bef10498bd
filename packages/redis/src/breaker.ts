/** What a caller may do: one of many calls, or the only one that finds out whether the other side is back. */
export type Permit = 'call' | 'probe';

/** How many failures in a row open it, and for how many milliseconds it then lets nobody through. */
export interface BreakerOptions {
  readonly failuresMax: number;
  readonly openMs: number;
  /** Milliseconds of any clock that does not go back. */
  readonly now: () => number;
}

/**
 * Keeps callers away from something that does not answer. After `openMs` exactly one call goes through as a probe, however many callers
 * ask; what it reports closes the breaker or opens it again. Whoever was given a permit must report on it.
 */
export class Breaker {
  readonly #options: BreakerOptions;
  #failures = 0;
  /** Null while it is closed. */
  #openUntil: number | null = null;
  #isProbing = false;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  /** False from the moment it opens until a probe succeeds. */
  get isClosed(): boolean {
    return this.#openUntil === null;
  }

  /** Null: do not call. */
  admit(): Permit | null {
    if (this.#openUntil === null) return 'call';
    if (this.#isProbing || this.#options.now() < this.#openUntil) return null;
    this.#isProbing = true;
    return 'probe';
  }

  /** How a permitted call went. A call from before it opened says nothing new afterwards. */
  report(permit: Permit, isAnswered: boolean): void {
    if (permit === 'probe') {
      this.#isProbing = false;
      if (isAnswered) this.#close();
      else this.#open();
      return;
    }
    if (this.#openUntil !== null) return;
    this.#failures = isAnswered ? 0 : this.#failures + 1;
    if (this.#failures >= this.#options.failuresMax) this.#open();
  }

  #open(): void {
    this.#openUntil = this.#options.now() + this.#options.openMs;
  }

  #close(): void {
    this.#openUntil = null;
    this.#failures = 0;
  }
}
