import {
  fullAgainIn,
  giveBackToRate,
  type RateLimitSource,
  type RateRule,
  remainingOfRate,
  takeFromRate,
  waitForRate,
} from '@bourse/access';
import { RateTable } from './rate-table.ts';

/** A limit that said no. `limit` is null where the rule tells it. */
export interface Refusal {
  readonly source: RateLimitSource;
  readonly limit: number;
  readonly waitUs: number;
  readonly fullInUs: number;
}

/** Rates of one kind: a number for each name under it. */
export class Rates {
  readonly #source: RateLimitSource;
  readonly #table: RateTable;

  constructor(source: RateLimitSource, entriesMax: number) {
    this.#source = source;
    this.#table = new RateTable(entriesMax);
  }

  /** What is remembered of a name, for `keep`; negative when it is refused. Nothing is taken yet, so that several rates are taken all or none. */
  look(rule: RateRule, name: string, wanted: { readonly cost: number; readonly nowUs: number }): number {
    return takeFromRate(rule, { tatUs: this.#table.get(name), nowUs: wanted.nowUs, cost: wanted.cost });
  }

  keep(name: string, tatUs: number): void {
    this.#table.set(name, tatUs);
  }

  /** Takes at once, or says no. */
  take(rule: RateRule, name: string, nowUs: number): boolean {
    const taken = this.look(rule, name, { cost: 1, nowUs });
    if (taken > 0) this.#table.set(name, taken);
    return taken > 0;
  }

  giveBack(rule: RateRule, name: string, { cost, nowUs }: { readonly cost: number; readonly nowUs: number }): void {
    this.#table.set(name, giveBackToRate(rule, { tatUs: this.#table.get(name), nowUs, cost }));
  }

  remaining(rule: RateRule, name: string, nowUs: number): number {
    return remainingOfRate(rule, this.#table.get(name), nowUs);
  }

  fullIn(rule: RateRule, name: string, nowUs: number): number {
    return fullAgainIn(rule, this.#table.get(name), nowUs);
  }

  /** Why `cost` was refused. */
  refusal(rule: RateRule, name: string, { cost, nowUs }: { readonly cost: number; readonly nowUs: number }): Refusal {
    const tatUs = this.#table.get(name);
    return {
      source: this.#source,
      limit: rule.limit,
      waitUs: waitForRate(rule, { tatUs, nowUs, cost }),
      fullInUs: fullAgainIn(rule, tatUs, nowUs),
    };
  }
}

/** How many requests of each organization run. Only those that run take room. */
export class Running {
  readonly #counts = new Map<string, number>();
  #total = 0;
  #peak = 0;

  of(organizationId: string): number {
    return this.#counts.get(organizationId) ?? 0;
  }

  get total(): number {
    return this.#total;
  }

  get organizations(): number {
    return this.#counts.size;
  }

  add(organizationId: string): void {
    this.#counts.set(organizationId, this.of(organizationId) + 1);
    this.#total += 1;
    if (this.#total > this.#peak) this.#peak = this.#total;
  }

  /** The most that ran at once since it was asked last. */
  takePeak(): number {
    const peak = this.#peak;
    this.#peak = this.#total;
    return peak;
  }

  remove(organizationId: string): void {
    const left = this.of(organizationId) - 1;
    if (left > 0) this.#counts.set(organizationId, left);
    else this.#counts.delete(organizationId);
    this.#total -= 1;
  }
}

const DAY_MS = 86_400_000;
const ORGANIZATIONS_MAX = 50_000;

/** Days since 1970, in UTC. */
export function dayOf(nowMs: number): number {
  return Math.floor(nowMs / DAY_MS);
}

/** Milliseconds since 1970 at which the next UTC day begins. */
export function nextDayMs(nowMs: number): number {
  return (dayOf(nowMs) + 1) * DAY_MS;
}

/** Requests to free models by organization, today. What the books knew when a key was read counts where it is more. */
export class FreeDay {
  #day = 0;
  readonly #used = new Map<string, number>();

  used(organizationId: string, books: { readonly day: number; readonly count: number }, nowMs: number): number {
    const day = dayOf(nowMs);
    if (day !== this.#day) this.#used.clear();
    this.#day = day;
    return Math.max(this.#used.get(organizationId) ?? 0, books.day === day ? books.count : 0);
  }

  set(organizationId: string, used: number): void {
    const oldest = this.#used.size >= ORGANIZATIONS_MAX ? this.#used.keys().next().value : undefined;
    if (oldest !== undefined) this.#used.delete(oldest);
    this.#used.set(organizationId, used);
  }
}
