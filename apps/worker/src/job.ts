/** Work that repeats. Every job may be cut off at any point and run again: what it does is idempotent. */
export interface Job {
  /** Kebab-case; a label of metrics and the name of the lock. */
  readonly name: string;
  /** From the end of one run to the start of the next, give or take a tenth. */
  readonly everyMs: number;
  /** True when only one worker of the whole market should do it at a time: not for safety, which the SQL gives, but to spare the database. */
  readonly isExclusive: boolean;
  /** Answers how many things it did. Looks at `stopping` between batches, and ends after the one it is at. */
  run(stopping: AbortSignal): Promise<number>;
}
