/** `call`: as any. `probe`: the only one that finds out whether the endpoint is back. `forced`: nobody else was left to ask. */
export type Permit = 'call' | 'probe' | 'forced';

/** What it needs of the world. Moments are handed in with every call: milliseconds that do not go back. */
export interface BreakerOptions {
  /** How long it stays open the first time. */
  readonly openMs: number;
  /** Uniform in 0..1. */
  readonly draw: () => number;
}

const SLOT_MS = 3_000;
const SLOTS = 10;
const ATTEMPTS_MIN = 10;
const FAILED_SHARE = 0.5;
const CONNECT_FAILURES_MAX = 5;
const PROBES_TO_CLOSE = 3;
/**
 * Open times grow by this, and no further: then one probe each seven seconds is all that a dead endpoint costs, and one that is well again has
 * customers within ten seconds. (Longer ones, up to two minutes, are common elsewhere; they spare nothing that matters here.)
 */
const GROWTH = 1.4;
const JITTER = 0.2;

interface Slot {
  number: number;
  ok: number;
  failed: number;
}

/**
 * Keeps callers away from an endpoint that fails. It opens when half of at least ten attempts failed, in any stretch of up to 30 seconds before
 * now, or when five in a row could not even connect. Then one probe at a time goes through; three that succeed close it, one that fails opens it again. Rate limits and errors that
 * users cause are not told to it. Whoever was given a permit must report, or withdraw.
 */
export class Breaker {
  readonly #options: BreakerOptions;
  #slots: Slot[] = [];
  #connectFailures = 0;
  /** Null while it is closed. */
  #openUntilMs: number | null = null;
  #openings = 0;
  #isProbing = false;
  #probesOk = 0;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  /** `due`: open, and a probe would be let through now. */
  state(nowMs: number): 'closed' | 'open' | 'due' {
    if (this.#openUntilMs === null) return 'closed';
    return this.#isProbing || nowMs < this.#openUntilMs ? 'open' : 'due';
  }

  /** Null: ask somebody else. */
  admit(nowMs: number): Permit | null {
    const state = this.state(nowMs);
    if (state === 'closed') return 'call';
    if (state === 'open') return null;
    this.#isProbing = true;
    return 'probe';
  }

  /** It answered; what becomes of the answer is another matter. True when this closed it. */
  succeeded(permit: Permit, nowMs: number): boolean {
    this.#connectFailures = 0;
    if (this.#openUntilMs === null) {
      this.#slotAt(nowMs).ok += 1;
      return false;
    }
    if (permit === 'call') return false;
    if (permit === 'probe') this.#isProbing = false;
    this.#probesOk += 1;
    if (this.#probesOk < PROBES_TO_CLOSE) {
      this.#openUntilMs = nowMs;
      return false;
    }
    this.#close();
    return true;
  }

  /** True when this opened it. `isConnect`: there was not even a connection. */
  failed(permit: Permit, isConnect: boolean, nowMs: number): boolean {
    if (permit === 'probe') {
      this.#isProbing = false;
      this.#open(nowMs);
      return false;
    }
    if (this.#openUntilMs !== null) return false;
    this.#connectFailures = isConnect ? this.#connectFailures + 1 : 0;
    this.#slotAt(nowMs).failed += 1;
    if (!this.#isBroken(nowMs)) return false;
    this.#open(nowMs);
    return true;
  }

  /** The permit came to nothing that says anything: the client left, the request was wrong, the endpoint is at its rate limit. */
  withdrawn(permit: Permit): void {
    if (permit === 'probe') this.#isProbing = false;
  }

  #slotAt(nowMs: number): Slot {
    const number = Math.floor(nowMs / SLOT_MS);
    const last = this.#slots.at(-1);
    if (last !== undefined && last.number >= number) return last;
    const slot = { number, ok: 0, failed: 0 };
    this.#slots = [...this.#slots.filter((each) => each.number > number - SLOTS), slot];
    return slot;
  }

  #isBroken(nowMs: number): boolean {
    if (this.#connectFailures >= CONNECT_FAILURES_MAX) return true;
    const oldest = Math.floor(nowMs / SLOT_MS) - SLOTS;
    let ok = 0;
    let failed = 0;
    // From now back: what was well for long and has just died must not wait until half of thirty seconds are failures.
    for (const slot of this.#slots.toReversed()) {
      if (slot.number <= oldest) break;
      ok += slot.ok;
      failed += slot.failed;
      if (ok + failed >= ATTEMPTS_MIN && failed >= FAILED_SHARE * (ok + failed)) return true;
    }
    return false;
  }

  #open(nowMs: number): void {
    const { openMs, draw } = this.#options;
    const grown = this.#openings === 0 ? openMs : openMs * GROWTH;
    this.#openUntilMs = nowMs + grown * (1 - JITTER + 2 * JITTER * draw());
    this.#openings += 1;
    this.#probesOk = 0;
  }

  #close(): void {
    this.#openUntilMs = null;
    this.#openings = 0;
    this.#probesOk = 0;
    this.#connectFailures = 0;
    this.#slots = [];
  }
}
