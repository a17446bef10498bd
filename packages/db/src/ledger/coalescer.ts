import { AppError, isAppError } from '@bourse/errors';

/** How to group calls. */
export interface CoalescerOptions<Item, Result> {
  /** Does a whole batch; results in the order of the items. A failure means that nothing of the batch was done. */
  readonly run: (items: readonly Item[]) => Promise<readonly Result[]>;
  readonly batchMax: number;
  /** Batches in flight. */
  readonly concurrencyMax: number;
  /** How long a batch may be out before calls that come stop waiting for it and leave beside it: it may be stuck behind a lock. */
  readonly patienceMs: number;
  /** How long a batch waits for company when the one before it had some. */
  readonly lingerMs: number;
  /** Milliseconds from a clock that never goes back. */
  readonly now: () => number;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Turns many small calls into few large ones: a call that finds nothing under way leaves at once, calls that
 * come while a batch is out leave together when it returns (or beside it, when it takes too long). So the busier it is, the larger
 * the batches and the cheaper each call. One bad item must not hurt its neighbours: a failed batch is repeated item by item, unless the
 * database cannot be reached, which is nobody's fault and fails them all.
 */
export function coalesce<Item, Result>(options: CoalescerOptions<Item, Result>): (item: Item) => Promise<Result> {
  const queue: Waiting<Item, Result>[] = [];
  let inFlight = 0;
  let leftAtMs = 0;
  let isScheduled = false;
  let lastSize = 0;

  /** Whether the next batch may leave now. */
  function hasRoom(): boolean {
    if (inFlight === 0) return true;
    return inFlight < options.concurrencyMax && options.now() - leftAtMs > options.patienceMs;
  }

  async function runBatch(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await options.run(batch.map(({ item }) => item));
      batch.forEach(({ resolve, reject }, index) => {
        const result = results[index];
        if (result === undefined)
          reject(new AppError('internal', 'Something failed on our side.', { detail: 'a batch lost an item' }));
        else resolve(result);
      });
    } catch (error) {
      const isShared = isAppError(error) && error.code === 'service_unavailable';
      if (batch.length === 1 || isShared) for (const { reject } of batch) reject(error);
      else for (const waiting of batch) await runBatch([waiting]);
    }
  }

  /**
   * A lonely call leaves at the end of this turn of the event loop: one turn reads many sockets, and what they bring leaves together.
   * Under load (the batch before had company) the next one waits a moment for more: a larger batch costs both sides less than two.
   */
  function schedule(): void {
    if (isScheduled || queue.length === 0 || !hasRoom()) return;
    isScheduled = true;
    if (lastSize > 1 && queue.length < options.batchMax) setTimeout(dispatch, options.lingerMs);
    else setImmediate(dispatch);
  }

  function dispatch(): void {
    isScheduled = false;
    while (queue.length > 0 && hasRoom()) {
      inFlight += 1;
      leftAtMs = options.now();
      const batch = queue.splice(0, options.batchMax);
      lastSize = batch.length;
      void runBatch(batch).finally(() => {
        inFlight -= 1;
        schedule();
      });
    }
  }

  return (item) => {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    queue.push({ item, resolve, reject });
    schedule();
    return promise;
  };
}
