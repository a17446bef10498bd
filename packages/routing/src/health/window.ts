/** A rolling window in slots of equal length: what is older than all slots is forgotten, a slot at a time. */
export class Window<Slot> {
  readonly #slotMs: number;
  readonly #slots: (Slot | null)[];
  readonly #create: () => Slot;
  /** The slot of the newest time that was seen, counted since 1970. */
  #newest = Number.NEGATIVE_INFINITY;

  /** `slots` of `slotMs` milliseconds each; the window is as long as all of them, less at most one. */
  constructor(options: { readonly slotMs: number; readonly slots: number; readonly create: () => Slot }) {
    this.#slotMs = options.slotMs;
    this.#slots = Array.from({ length: options.slots }, () => null);
    this.#create = options.create;
  }

  /** The slot of a moment; one before the newest counts as the newest. */
  at(nowMs: number): Slot {
    this.advance(nowMs);
    const place = this.#newest % this.#slots.length;
    const slot = this.#slots[place] ?? this.#create();
    this.#slots[place] = slot;
    return slot;
  }

  /** The slot of a moment in the past, where it is not forgotten; null otherwise. */
  past(momentMs: number): Slot | null {
    const number = Math.floor(momentMs / this.#slotMs);
    if (number > this.#newest || number <= this.#newest - this.#slots.length) return null;
    const place = number % this.#slots.length;
    const slot = this.#slots[place] ?? this.#create();
    this.#slots[place] = slot;
    return slot;
  }

  /** Forgets what is too old now; true when something was. */
  advance(nowMs: number): boolean {
    const number = Math.floor(nowMs / this.#slotMs);
    const steps = Math.min(number - this.#newest, this.#slots.length);
    if (!(steps > 0)) return false;
    let hasForgotten = false;
    for (let step = 0; step < steps; step += 1) {
      const place = (number - step) % this.#slots.length;
      hasForgotten ||= this.#slots[place] !== null;
      this.#slots[place] = null;
    }
    this.#newest = number;
    return hasForgotten;
  }

  /** What is in the window, the newest first. */
  *live(nowMs: number): Iterable<Slot> {
    this.advance(nowMs);
    const { length } = this.#slots;
    for (let age = 0; age < length; age += 1) {
      const slot = this.#slots[(this.#newest - age + length) % length];
      if (slot !== null && slot !== undefined) yield slot;
    }
  }
}
