/** What came of an attempt to be the only one: `busy` when another process was at it, and nothing was run. */
export type LockedRun<Result> = { readonly kind: 'ran'; readonly result: Result } | { readonly kind: 'busy' };

/** What several workers share so that they do not do the same at the same time. */
export interface JobStore {
  /**
   * Runs `run` unless some process anywhere runs something under the same name. The lock ends with the run, and by itself when the
   * process or its connection dies. It spares work, it does not guard correctness: what is run must bear a second one beside it.
   * Rejects with whatever `run` rejects with, and with AppError('service_unavailable') when the database cannot be reached.
   */
  tryLock<Result>(name: string, run: () => Promise<Result>): Promise<LockedRun<Result>>;
}
