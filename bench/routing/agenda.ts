/** Something that happens at a moment. */
export interface Due {
  readonly atMs: number;
}

/** What is to happen, taken out in the order of time: a binary heap. */
export class Agenda<Item extends Due> {
  readonly #heap: Item[] = [];

  get nextAtMs(): number {
    return this.#heap[0]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  add(item: Item): void {
    const heap = this.#heap;
    let at = heap.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || above.atMs <= item.atMs) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = item;
  }

  /** Undefined when nothing is left. */
  take(): Item | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || first === last) return first;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const [one, other] = [heap[left], heap[left + 1]];
      if (one === undefined) break;
      const isOther = other !== undefined && other.atMs < one.atMs;
      const least = isOther ? other : one;
      if (least.atMs >= last.atMs) break;
      heap[at] = least;
      at = isOther ? left + 1 : left;
    }
    heap[at] = last;
    return first;
  }
}
