import type { Play } from './answers.ts';

/** An order to the load process: so many requests, so many at a time, each answer checked. */
export interface LoadOrder {
  readonly kind: 'run';
  readonly url: string;
  readonly key: string;
  readonly model: string;
  readonly isStreamed: boolean;
  readonly play: Exclude<Play, 'idle'>;
  readonly concurrency: number;
  readonly count: number;
  /** Whether each answer must name its price. */
  readonly expectsCost: boolean;
}

/** An order to open so many streams that fall silent after their first words, or to read all of them to their end. */
export type IdleOrder =
  | {
      readonly kind: 'open';
      readonly url: string;
      readonly key: string;
      readonly model: string;
      readonly count: number;
    }
  | { readonly kind: 'finish' };

/** What a run saw. */
export interface LoadResult {
  readonly seconds: number;
  /** To the last byte, in milliseconds, in the order of completion. */
  readonly latenciesMs: readonly number[];
  /** Sum of `usage.cost` in nanodollars, as a decimal string. */
  readonly costNanodollars: string;
  /** Why answers were refused, at most ten; empty when every answer was right. */
  readonly wrong: readonly string[];
}
