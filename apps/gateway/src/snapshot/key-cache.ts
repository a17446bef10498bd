import type { ApiKeySnapshot } from '@bourse/db';
import { AppError } from '@bourse/errors';
import { within } from '../within.ts';

/** How long answers are trusted, in milliseconds, and how many lookups may run at once. */
export interface KeyCacheOptions {
  readonly find: (hash: string) => Promise<ApiKeySnapshot | null>;
  readonly now: () => number;
  readonly positiveTtlMs?: number;
  readonly negativeTtlMs?: number;
  /** How long a key that was verified goes on being believed when the database cannot be asked again. */
  readonly staleMs?: number;
  readonly lookupsMax?: number;
  readonly entriesMax?: number;
  /** How long a request waits for a lookup: of a key that was verified not long ago, and of any other. */
  readonly patienceMs?: number;
  readonly lookupMs?: number;
}

const STAND_IN_MS = 1_000;

interface Entry {
  readonly snapshot: ApiKeySnapshot | null;
  readonly freshUntil: number;
  /** Until then it stands in for a database that does not answer. */
  readonly staleUntil: number;
  /** The last lookup brought no answer, so nobody waits for the next one. */
  readonly isStandIn: boolean;
}

function unavailable(): AppError {
  return new AppError('service_unavailable', 'The service is temporarily unavailable. Try again.', {
    retryAfterSeconds: 1,
  });
}

/**
 * API keys by the full SHA-256 of their text. One lookup per key at a time, however many requests wait for it. A key that the
 * database does not know is null; a database that does not answer is 503, never 401.
 */
export class KeyCache {
  readonly #entries = new Map<string, Entry>();
  readonly #flights = new Map<string, Promise<ApiKeySnapshot | null>>();
  readonly #options: Required<KeyCacheOptions>;
  #isTrusted = true;

  constructor(options: KeyCacheOptions) {
    this.#options = {
      positiveTtlMs: 30_000,
      negativeTtlMs: 5_000,
      staleMs: 30_000,
      lookupsMax: 16,
      entriesMax: 100_000,
      patienceMs: 1_000,
      lookupMs: 3_000,
      ...options,
    };
  }

  /** The key's snapshot, or null when there is no such key. Throws AppError('service_unavailable'). */
  get(hash: string): Promise<ApiKeySnapshot | null> | ApiKeySnapshot | null {
    const entry = this.#entries.get(hash);
    const now = this.#options.now();
    if (entry !== undefined && entry.freshUntil > now) return entry.snapshot;
    if (!entry?.snapshot || entry.staleUntil <= now) return this.#flights.get(hash) ?? this.#lookUp(hash);
    if (!entry.isStandIn) return this.#lookAgain(hash);
    if (!this.#flights.has(hash) && this.#hasRoom) this.#lookUp(hash).catch(() => undefined);
    return entry.snapshot;
  }

  /** True for a key that was one when it was looked up not long ago. */
  knows(hash: string): boolean {
    const entry = this.#entries.get(hash);
    return entry !== undefined && entry.snapshot !== null && entry.staleUntil > this.#options.now();
  }

  /** Forgets a key at once: it was changed or revoked. */
  invalidate(hash: string): void {
    this.#entries.delete(hash);
    this.#flights.delete(hash);
  }

  /**
   * Every key must be looked up again: notices may have been missed. Only a database that does not answer leaves a verified key in
   * force, for `staleMs`: an outage of ours is not a revocation.
   */
  clear(): void {
    this.#flights.clear();
    const now = this.#options.now();
    for (const [hash, { snapshot, freshUntil, staleUntil }] of this.#entries) {
      if (snapshot === null) this.#entries.delete(hash);
      else if (freshUntil > now) {
        const stale = Math.min(staleUntil, now + this.#options.staleMs);
        this.#entries.set(hash, { snapshot, freshUntil: now, staleUntil: stale, isStandIn: false });
      }
    }
  }

  /**
   * False while notices do not arrive: a revocation cannot reach us then, so entries live 5 seconds only. Every change forgets all
   * keys, because what changed in the gap was told to nobody.
   */
  setTrusted(isTrusted: boolean): void {
    if (this.#isTrusted !== isTrusted) this.clear();
    this.#isTrusted = isTrusted;
  }

  /** True while every change of a key reaches us within moments, so that its entry may be spent on without asking the database. */
  get isTrusted(): boolean {
    return this.#isTrusted;
  }

  get #hasRoom(): boolean {
    return this.#flights.size < this.#options.lookupsMax;
  }

  /** For a key that was verified not long ago: waits for its turn and for the answer, but not for a database that is away. */
  async #lookAgain(hash: string): Promise<ApiKeySnapshot | null> {
    const found = await within(this.#inTurn(hash), this.#options.patienceMs, undefined);
    return found === undefined ? this.#standIn(hash, unavailable()) : found;
  }

  async #inTurn(hash: string): Promise<ApiKeySnapshot | null> {
    while (!this.#flights.has(hash) && !this.#hasRoom)
      await Promise.race([...this.#flights.values()].map((flight) => flight.catch(() => null)));
    return this.#flights.get(hash) ?? this.#lookUp(hash);
  }

  async #find(hash: string): Promise<ApiKeySnapshot | null> {
    const found = await within(this.#options.find(hash), this.#options.lookupMs, undefined);
    if (found === undefined) throw unavailable();
    return found;
  }

  #lookUp(hash: string): Promise<ApiKeySnapshot | null> {
    if (!this.#hasRoom) {
      throw new AppError('service_unavailable', 'Too many keys are being looked up; retry in a second.', {
        retryAfterSeconds: 1,
      });
    }
    const flight: Promise<ApiKeySnapshot | null> = this.#find(hash)
      .then((snapshot) => {
        // A flight that was invalidated meanwhile must not put back what it read before.
        if (this.#flights.get(hash) === flight) this.#store(hash, snapshot);
        return snapshot;
      })
      .catch((error: unknown) => this.#standIn(hash, error))
      .finally(() => {
        if (this.#flights.get(hash) === flight) this.#flights.delete(hash);
      });
    this.#flights.set(hash, flight);
    return flight;
  }

  /** A verified key whose time of grace is not over; looked up again after a moment, not for every request. */
  #standIn(hash: string, error: unknown): ApiKeySnapshot {
    const entry = this.#entries.get(hash);
    const now = this.#options.now();
    if (!entry?.snapshot || entry.staleUntil <= now) throw error;
    const freshUntil = Math.min(now + STAND_IN_MS, entry.staleUntil);
    this.#entries.set(hash, { ...entry, freshUntil, isStandIn: true });
    return entry.snapshot;
  }

  #store(hash: string, snapshot: ApiKeySnapshot | null): void {
    const { positiveTtlMs, negativeTtlMs, entriesMax, now } = this.#options;
    const ttlMs = snapshot !== null && this.#isTrusted ? positiveTtlMs : negativeTtlMs;
    if (this.#entries.size >= entriesMax) {
      const oldest = this.#entries.keys().next();
      if (!oldest.done) this.#entries.delete(oldest.value);
    }
    this.#entries.delete(hash);
    const freshUntil = now() + ttlMs;
    this.#entries.set(hash, { snapshot, freshUntil, staleUntil: freshUntil + this.#options.staleMs, isStandIn: false });
  }
}
