/** Something that is left alone for a while after it failed, longer each time until it works again. */
export class Rest {
  readonly #firstMs: number;
  readonly #mostMs: number;
  #times = 0;
  #untilMs = Number.NEGATIVE_INFINITY;

  constructor(options: { readonly firstMs: number; readonly mostMs: number }) {
    this.#firstMs = options.firstMs;
    this.#mostMs = options.mostMs;
  }

  isOver(nowMs: number): boolean {
    return nowMs >= this.#untilMs;
  }

  /** How often it failed since it last worked. */
  get times(): number {
    return this.#times;
  }

  /** Answers how long it rests; failures of the same moment are one. */
  begin(nowMs: number): number {
    if (!this.isOver(nowMs)) return this.#untilMs - nowMs;
    const restMs = Math.min(this.#mostMs, this.#firstMs * 2 ** this.#times);
    this.#times += 1;
    this.#untilMs = nowMs + restMs;
    return restMs;
  }

  /** True when it had been resting. */
  end(): boolean {
    const was = this.#times > 0;
    this.#times = 0;
    this.#untilMs = Number.NEGATIVE_INFINITY;
    return was;
  }
}
