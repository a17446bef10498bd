import type { Finish, FinishReason, Usage } from '@bourse/generation';
import type { AnswerFacts } from '@bourse/wire';
import { type MeteredOutput, OutputSample } from './output-sample.ts';

/** What was counted of an answer. */
export interface Metered {
  /** The provider's last word on usage; null when it gave none. */
  readonly usage: Usage | null;
  /** The provider's last word on usage was no usage: negative, fractional or contradicting itself. */
  readonly isUsageUnreadable: boolean;
  /** What we counted in the answer itself. */
  readonly counted: Usage;
  /** No output has passed since `usage` was reported. */
  readonly isUsageCurrent: boolean;
  readonly finishReason: FinishReason | null;
  readonly nativeFinishReason: string | null;
  readonly upstreamId: string | null;
  /** The output that passed, for an estimate when `usage` is null. */
  readonly output: MeteredOutput;
  readonly firstTokenAtMs: number | null;
}

/** Counts an answer as it passes; one for both lanes and for whole bodies. */
export class Meter {
  #usage: Usage | null = null;
  #isUsageUnreadable = false;
  #counted: Usage = {};
  #isUsageCurrent = false;
  #finish: Finish | null = null;
  #upstreamId: string | null = null;
  readonly #output = new OutputSample();
  #firstTokenAtMs: number | null = null;

  /** Takes in what one event (or a whole body) told. */
  observe(facts: AnswerFacts, nowMs: () => number): void {
    this.#finish = facts.finish ?? this.#finish;
    this.#upstreamId ??= facts.upstreamId;
    if (facts.counted !== undefined) this.#counted = facts.counted;
    if (facts.hasOutput) {
      this.#firstTokenAtMs ??= nowMs();
      this.#output.add(facts.outputText);
      this.#isUsageCurrent = false;
    }
    if (facts.usage === null && !facts.isUsageUnreadable) return;
    this.#usage = facts.usage;
    this.#isUsageUnreadable = facts.isUsageUnreadable;
    this.#isUsageCurrent = true;
  }

  /** The provider's word for the end in ours; null while it gave none. */
  get finishReason(): FinishReason | null {
    return this.#finish?.unified ?? null;
  }

  /** What was counted so far. */
  read(): Metered {
    return {
      usage: this.#usage,
      isUsageUnreadable: this.#isUsageUnreadable,
      counted: this.#counted,
      isUsageCurrent: this.#isUsageCurrent,
      finishReason: this.finishReason,
      nativeFinishReason: this.#finish?.raw ?? null,
      upstreamId: this.#upstreamId,
      output: this.#output.read(),
      firstTokenAtMs: this.#firstTokenAtMs,
    };
  }
}
