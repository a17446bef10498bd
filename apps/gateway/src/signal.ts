/**
 * Something that happens at most once, such as a client that hangs up. Like an AbortSignal without events: several are made for every
 * request, and an EventTarget costs as much as the rest of it. Listeners run at once, in the order they came.
 */
export class Signal {
  #isSet = false;
  #listeners: Set<() => void> | null = null;

  /** True from the moment on that it happened. */
  get isSet(): boolean {
    return this.#isSet;
  }

  /** It happened. */
  set(): void {
    if (this.#isSet) return;
    this.#isSet = true;
    const listeners = this.#listeners;
    this.#listeners = null;
    if (listeners !== null) for (const listener of listeners) listener();
  }

  /** Calls back when it happens, now if it has. */
  listen(listener: () => void): void {
    if (this.#isSet) {
      listener();
      return;
    }
    this.#listeners ??= new Set();
    this.#listeners.add(listener);
  }

  /** Takes a listener away. */
  forget(listener: () => void): void {
    this.#listeners?.delete(listener);
  }
}
