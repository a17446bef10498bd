import { type Nanodollars, nanodollars } from '@bourse/money';

/**
 * A lease as its gateway sees it. `free` is what a new request may take: granted, less what running requests may cost at most, less what
 * ended ones cost. All amounts in nanodollars; one process, so no locks.
 */
export class Lease {
  readonly id: string;
  /** Set when a key with a limit owns it: then it is of this UTC day only. */
  readonly day: string | null;
  #granted = 0n;
  #reserved = 0n;
  #owed = 0n;
  /** From the process' own clock: after it nothing is admitted, because the database may have taken the lease away. */
  expiresAtMs = 0;
  usedAtMs: number;

  constructor(id: string, options: { readonly day: string | null; readonly nowMs: number }) {
    this.id = id;
    this.day = options.day;
    this.usedAtMs = options.nowMs;
  }

  get free(): bigint {
    return this.#granted - this.#reserved - this.#owed;
  }

  /** What running requests may cost at most. */
  get reserved(): bigint {
    return this.#reserved;
  }

  /** True while a request that it admitted is not booked. */
  get isBusy(): boolean {
    return this.#reserved > 0n || this.#owed > 0n;
  }

  /** True when so little is left that more should be asked for, before a request has to wait for it. */
  get isLow(): boolean {
    return this.free * 2n < this.#granted;
  }

  grant(amount: Nanodollars): void {
    this.#granted += amount;
  }

  /** Takes all that is free out, to be given back. */
  takeFree(): Nanodollars {
    const amount = this.free > 0n ? this.free : 0n;
    this.#granted -= amount;
    return nanodollars(amount);
  }

  /** Sets aside; the caller has looked at `free`. */
  reserve(amount: Nanodollars, nowMs: number): void {
    this.#reserved += amount;
    this.usedAtMs = nowMs;
  }

  /** A request ended: what was set aside becomes what it cost, until that is booked. */
  owe(reserved: Nanodollars, charge: Nanodollars): void {
    this.#reserved -= reserved;
    this.#owed += charge;
  }

  /** What a request cost is booked: on this lease, or (`isOwn` false) elsewhere. */
  booked(charge: Nanodollars, isOwn: boolean): void {
    this.#owed -= charge;
    if (isOwn) this.#granted -= charge;
  }
}
