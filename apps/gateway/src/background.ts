import type { Logger } from '@bourse/telemetry';
import { within } from './within.ts';

/** Work that goes on after an answer was sent. Tracked, so that shutdown can wait for it; a rejection is logged, never lost. */
export interface Background {
  /** Tracks a promise. `what` names it in the log if it rejects. */
  run(what: string, work: Promise<unknown>): void;
  /** Resolves when nothing is left, or after `deadlineMs`; the number is what was left. */
  drain(deadlineMs: number): Promise<number>;
  readonly size: () => number;
}

/** A tracker with nothing in it. */
export function createBackground(log: Logger): Background {
  const pending = new Set<Promise<void>>();
  return {
    run(what, work) {
      const tracked: Promise<void> = work
        .then(() => undefined)
        .catch((error: unknown) => log.error('background.failed', error, { what }))
        .finally(() => pending.delete(tracked));
      pending.add(tracked);
    },
    async drain(deadlineMs) {
      const empty = async (): Promise<void> => {
        while (pending.size > 0) await Promise.all(pending);
      };
      await within(empty(), deadlineMs, undefined);
      return pending.size;
    },
    size: () => pending.size,
  };
}
