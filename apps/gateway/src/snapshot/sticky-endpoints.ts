interface Sticky {
  readonly endpointId: string;
  readonly untilMs: number;
}

/** A few megabytes; a conversation beyond it only loses its place in a cache. */
const ENTRIES_MAX = 50_000;

/** Which endpoint has which conversation in its cache, as far as this process has seen; the least recently confirmed is forgotten first. */
export class StickyEndpoints {
  readonly #entries = new Map<string, Sticky>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The endpoint of a conversation, or null. */
  of(key: string): string | null {
    const entry = this.#entries.get(key);
    if (entry === undefined) return null;
    if (entry.untilMs > this.#now()) return entry.endpointId;
    this.#entries.delete(key);
    return null;
  }

  /** Remembers an endpoint for so many milliseconds from now. */
  remember(key: string, endpointId: string, ttlMs: number): void {
    // A Map goes by insertion, so what is confirmed goes to the end.
    this.#entries.delete(key);
    this.#entries.set(key, { endpointId, untilMs: this.#now() + ttlMs });
    if (this.#entries.size <= ENTRIES_MAX) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
