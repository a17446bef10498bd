import type { FinishReason, Usage } from '@bourse/generation';
import type { RelayedFacts } from '@bourse/wire';
import { type MeteredOutput, OutputSample } from './output-sample.ts';

/** What was counted of an answer. */
export interface Metered {
  /** The provider's last word on usage; null when it gave none. */
  readonly usage: Usage | null;
  /** The provider's last word on usage was no usage: negative, fractional or contradicting itself. */
  readonly isUsageUnreadable: boolean;
  /** No output has passed since `usage` was reported. */
  readonly isUsageCurrent: boolean;
  readonly finishReason: FinishReason | null;
  readonly nativeFinishReason: string | null;
  readonly upstreamId: string | null;
  /** The output that passed, for an estimate when `usage` is null. */
  readonly output: MeteredOutput;
  readonly firstTokenAtMs: number | null;
}

const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'content_filter',
  error: 'error',
};

/** Counts an answer as it passes; one for both lanes and for whole bodies. */
export class Meter {
  #usage: Usage | null = null;
  #isUsageUnreadable = false;
  #isUsageCurrent = false;
  #native: string | null = null;
  #upstreamId: string | null = null;
  readonly #output = new OutputSample();
  #firstTokenAtMs: number | null = null;

  /** Takes in what one event (or a whole body) told. */
  observe(facts: RelayedFacts, nowMs: () => number): void {
    this.#native = facts.finishReason ?? this.#native;
    this.#upstreamId ??= facts.upstreamId;
    const hasOutput = facts.outputText !== '' || facts.hasToolCall;
    if (hasOutput) {
      this.#firstTokenAtMs ??= nowMs();
      this.#output.add(facts.outputText);
      this.#isUsageCurrent = false;
    }
    if (facts.usage === null && !facts.isUsageUnreadable) return;
    this.#usage = facts.usage;
    this.#isUsageUnreadable = facts.isUsageUnreadable;
    this.#isUsageCurrent = true;
  }

  /** The provider's word for the end in ours; null while it gave none. A word that we do not know ends an answer like `stop`. */
  get finishReason(): FinishReason | null {
    return this.#native === null ? null : (FINISH_REASONS[this.#native] ?? 'stop');
  }

  /** What was counted so far. */
  read(): Metered {
    return {
      usage: this.#usage,
      isUsageUnreadable: this.#isUsageUnreadable,
      isUsageCurrent: this.#isUsageCurrent,
      finishReason: this.finishReason,
      nativeFinishReason: this.#native,
      upstreamId: this.#upstreamId,
      output: this.#output.read(),
      firstTokenAtMs: this.#firstTokenAtMs,
    };
  }
}
