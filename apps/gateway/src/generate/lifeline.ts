/** Why an upstream call was cut by us. */
export type CutReason = 'client_gone' | 'total_timeout' | 'draining';

/**
 * What keeps one generation's upstream call alive: cut when the client hangs up, when the total time is over, or when the
 * process shuts down. One timer for its whole life.
 */
export class Lifeline {
  readonly #controller = new AbortController();
  readonly #client: AbortSignal;
  readonly #draining: AbortSignal;
  readonly #onClientGone = (): void => this.#clientGone();
  readonly #onDraining = (): void => this.#cut('draining');
  #timer: NodeJS.Timeout;
  #reason: CutReason | null = null;
  #graceAfterCancelMs = 0;

  constructor(options: { readonly client: AbortSignal; readonly draining: AbortSignal; readonly totalMs: number }) {
    this.#client = options.client;
    this.#draining = options.draining;
    this.#timer = setTimeout(() => this.#cut('total_timeout'), options.totalMs);
    this.#client.addEventListener('abort', this.#onClientGone, { once: true });
    this.#draining.addEventListener('abort', this.#onDraining, { once: true });
    // A listener that is added late never fires.
    if (this.#client.aborted) this.#clientGone();
    if (this.#draining.aborted) this.#cut('draining');
  }

  /** Aborts the upstream call. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why the call was cut; null while it was not. */
  get reason(): CutReason | null {
    return this.#reason;
  }

  /** True once nobody reads the answer any more, also while it is still being drained. */
  get isClientGone(): boolean {
    return this.#client.aborted;
  }

  /** For a provider that bills anyway: read its answer on for so long after the client left, to learn the true usage. */
  drainAfterCancel(graceMs: number): void {
    this.#graceAfterCancelMs = graceMs;
  }

  /** Must be called when the generation is over: frees the timer and the listeners. */
  dispose(): void {
    clearTimeout(this.#timer);
    this.#client.removeEventListener('abort', this.#onClientGone);
    this.#draining.removeEventListener('abort', this.#onDraining);
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
    this.#controller.abort(new DOMException(`cut: ${reason}`, 'AbortError'));
  }
}
