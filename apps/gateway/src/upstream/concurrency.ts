/** Never fewer at once, never more. */
const LIMIT_MIN = 8;
const LIMIT_MAX = 512;
const BACK_OFF = 0.7;
/** Refusals that come together are about the same moment. */
const BACK_OFF_EVERY_MS = 1_000;
const PENDING_MAX = 64;
const PENDING_MS = 2_000;

/**
 * How many calls an endpoint takes at once, learned from it: a refusal for too much makes it three tenths fewer, as many answers as there are places
 * make it one more. Who finds no place waits, in a line that is short and for a time that is short.
 */
export class Concurrency {
  #limit = LIMIT_MAX;
  #running = 0;
  #backedOffAtMs = Number.NEGATIVE_INFINITY;
  readonly #pending: ((isIn: boolean) => void)[] = [];

  get limit(): number {
    return Math.floor(this.#limit);
  }

  get running(): number {
    return this.#running;
  }

  get isFull(): boolean {
    return this.#running >= this.limit;
  }

  /** True: go on, and `leave` afterwards. A promise: there may be a place within two seconds. */
  enter(): boolean | Promise<boolean> {
    if (!this.isFull) {
      this.#running += 1;
      return true;
    }
    if (this.#pending.length >= PENDING_MAX) return false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => {
      this.#pending.splice(this.#pending.indexOf(admit), 1);
      resolve(false);
    }, PENDING_MS);
    const admit = (isIn: boolean): void => {
      clearTimeout(timer);
      resolve(isIn);
    };
    this.#pending.push(admit);
    return promise;
  }

  leave(): void {
    this.#running -= 1;
    if (this.isFull) return;
    const next = this.#pending.shift();
    if (next === undefined) return;
    this.#running += 1;
    next(true);
  }

  /** An answer came. A limit that nobody reaches is not raised by it. */
  succeeded(): void {
    if (this.#limit < LIMIT_MAX && this.#running * 2 >= this.#limit)
      this.#limit = Math.min(LIMIT_MAX, this.#limit + 1 / this.#limit);
  }

  /** The endpoint has too much to do. */
  refused(nowMs: number): void {
    if (nowMs - this.#backedOffAtMs < BACK_OFF_EVERY_MS) return;
    this.#backedOffAtMs = nowMs;
    this.#limit = Math.max(LIMIT_MIN, Math.min(this.#limit, this.#running) * BACK_OFF);
  }
}
