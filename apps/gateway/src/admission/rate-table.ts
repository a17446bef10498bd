/**
 * One number for each of many names, in bounded memory. Two maps take turns: when the young one is full, the old one is forgotten with all that
 * was not asked for since. That forgets those who have been silent for longest, without keeping an order.
 */
export class RateTable {
  readonly #half: number;
  #young = new Map<string, number>();
  #old = new Map<string, number>();

  /** At most `entriesMax` names. */
  constructor(entriesMax: number) {
    this.#half = Math.max(1, Math.floor(entriesMax / 2));
  }

  /** 0 for a name that is not known. */
  get(name: string): number {
    const young = this.#young.get(name);
    if (young !== undefined) return young;
    const old = this.#old.get(name);
    if (old === undefined) return 0;
    this.set(name, old);
    return old;
  }

  set(name: string, value: number): void {
    if (this.#young.size >= this.#half && !this.#young.has(name)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(name, value);
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }
}
