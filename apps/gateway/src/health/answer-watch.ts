import { type Prompt, usageTotals } from '@bourse/generation';
import type { AnswerFacts } from '@bourse/wire';
import type { Metered } from '../generate/meter.ts';
import type { Flight } from '../upstream/upstreams.ts';
import type { EndpointHealth } from './endpoint-health.ts';
import { ToolCallCheck } from './tool-call-check.ts';

/** An answer that began, and whom to tell about it. */
export interface WatchedAnswer {
  readonly endpointId: string;
  readonly prompt: Pick<Prompt, 'tools' | 'hasNativeTools' | 'isStreamed'>;
  /** When its provider was called. */
  readonly startedMs: number;
  readonly health: Pick<EndpointHealth, 'record'>;
  /** Its place at the endpoint, which it leaves at its end. */
  readonly flight: Flight;
  readonly now: () => number;
}

/**
 * `ok`: it came to its end. `failed`: its endpoint broke it off, or ended it with an error. `unknown`: somebody else ended it: the client, its
 * money, a shutdown, an error that the request caused.
 */
export type WatchedEnd = 'ok' | 'failed' | 'unknown';

/** Tools that run at the provider are called under names of its own. */
function checkOf({ tools, hasNativeTools }: WatchedAnswer['prompt']): ToolCallCheck | null {
  return tools.length === 0 || hasNativeTools === true ? null : new ToolCallCheck(tools);
}

/** Follows one answer to its end, and tells what it taught of its endpoint. `ended` is to be called once. */
export class AnswerWatch {
  readonly #answer: WatchedAnswer;
  readonly #tools: ToolCallCheck | null;

  /** To be made when the first token, or a whole answer, is there. */
  constructor(answer: WatchedAnswer) {
    this.#answer = answer;
    this.#tools = checkOf(answer.prompt);
    const { health, endpointId, prompt, now, startedMs, flight } = answer;
    flight.answered();
    const latency = prompt.isStreamed ? { latencyMs: now() - startedMs } : {};
    health.record(endpointId, { isAnswered: true, ...latency });
  }

  /** Takes in what one event (or a whole body) told. */
  observe(facts: AnswerFacts): void {
    this.#tools?.observe(facts);
  }

  ended(end: WatchedEnd, metered: Metered): void {
    const { health, endpointId, flight } = this.#answer;
    const isBroken = end === 'failed' || metered.finishReason === 'error';
    flight.ended(isBroken);
    if (isBroken) health.record(endpointId, { end: 'failed' });
    else if (end === 'ok')
      health.record(endpointId, { end: 'ok', ...this.#speed(metered), ...this.#toolsVerdict(metered) });
  }

  /** By the provider's own count; an answer that was not counted says nothing. */
  #speed({ usage }: Metered): { readonly tokensPerSecond?: number } {
    const { startedMs, now } = this.#answer;
    const tokens = usage === null ? 0 : usageTotals(usage).outputTokens;
    return tokens === 0 ? {} : { tokensPerSecond: tokens / (Math.max(now() - startedMs, 1) / 1_000) };
  }

  /** Calls that were cut off at the length that the client allowed are no fault of the endpoint's. */
  #toolsVerdict({ finishReason }: Metered): { readonly tools?: 'sound' | 'broken' } {
    const verdict = finishReason === 'length' ? null : (this.#tools?.verdict() ?? null);
    return verdict === null ? {} : { tools: verdict };
  }
}
