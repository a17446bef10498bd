const WINDOW_MS = 10_000;
/** Of the requests of the window, and this many in any case. */
const SHARE = 0.1;
const FLOOR = 3;

/**
 * How often an endpoint may be asked again for the same request: what is down is not asked twice by everybody. The window is the last ten seconds,
 * in two halves of which the older counts in proportion to what is left of it.
 */
export class RetryBudget {
  #windowStartMs = Number.NEGATIVE_INFINITY;
  #requests = 0;
  #retries = 0;
  #requestsBefore = 0;
  #retriesBefore = 0;

  /** A request came to the endpoint for the first time. */
  request(nowMs: number): void {
    this.#turn(nowMs);
    this.#requests += 1;
  }

  /** True when a request may come once more; it is counted then. */
  take(nowMs: number): boolean {
    this.#turn(nowMs);
    const left = 1 - (nowMs - this.#windowStartMs) / WINDOW_MS;
    const requests = this.#requests + left * this.#requestsBefore;
    const retries = this.#retries + left * this.#retriesBefore;
    if (retries + 1 > Math.max(FLOOR, SHARE * requests)) return false;
    this.#retries += 1;
    return true;
  }

  #turn(nowMs: number): void {
    if (nowMs - this.#windowStartMs < WINDOW_MS) return;
    const isNext = nowMs - this.#windowStartMs < 2 * WINDOW_MS;
    this.#requestsBefore = isNext ? this.#requests : 0;
    this.#retriesBefore = isNext ? this.#retries : 0;
    this.#windowStartMs = isNext ? this.#windowStartMs + WINDOW_MS : nowMs;
    this.#requests = 0;
    this.#retries = 0;
  }
}
