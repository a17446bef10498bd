import { Signal } from '../signal.ts';

/** Why an upstream call was cut by us. */
export type CutReason = 'client_gone' | 'total_timeout' | 'draining';

/**
 * What keeps one generation's upstream call alive: cut when the client hangs up, when the total time is over, or when the
 * process shuts down. One timer for its whole life.
 */
export class Lifeline {
  /** Set when the upstream call must end. */
  readonly cut = new Signal();
  readonly #client: Signal;
  readonly #draining: Signal;
  readonly #onClientGone = (): void => this.#clientGone();
  readonly #onDraining = (): void => this.#cut('draining');
  #timer: NodeJS.Timeout;
  #reason: CutReason | null = null;
  #graceAfterCancelMs = 0;

  constructor(options: { readonly client: Signal; readonly draining: Signal; readonly totalMs: number }) {
    this.#client = options.client;
    this.#draining = options.draining;
    this.#timer = setTimeout(() => this.#cut('total_timeout'), options.totalMs);
    this.#client.listen(this.#onClientGone);
    this.#draining.listen(this.#onDraining);
  }

  /** Why the call was cut; null while it was not. */
  get reason(): CutReason | null {
    return this.#reason;
  }

  /** True once nobody reads the answer any more, also while it is still being drained. */
  get isClientGone(): boolean {
    return this.#client.isSet;
  }

  /** For a provider that bills anyway: read its answer on for so long after the client left, to learn the true usage. */
  drainAfterCancel(graceMs: number): void {
    this.#graceAfterCancelMs = graceMs;
  }

  /** Must be called when the generation is over: frees the timer and the listeners. */
  dispose(): void {
    clearTimeout(this.#timer);
    this.#client.forget(this.#onClientGone);
    this.#draining.forget(this.#onDraining);
  }

  #clientGone(): void {
    if (this.#graceAfterCancelMs === 0) {
      this.#cut('client_gone');
      return;
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#cut('client_gone'), this.#graceAfterCancelMs);
  }

  #cut(reason: CutReason): void {
    this.#reason ??= reason;
    this.cut.set();
  }
}
