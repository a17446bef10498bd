import type { Bins } from './sketch.ts';

/**
 * What one attempt taught about its endpoint, in one piece or in several as it goes on. Errors that users cause teach nothing: 400, 403, 413, 422
 * and 429 are in none of it (reference: the marketplace's contract with its suppliers, 2026-08).
 */
export interface HealthSample {
  /** The first token, or a whole answer, came. It ends an outage; whether the attempt succeeded is known at its end. */
  readonly isAnswered?: boolean;
  /** How the attempt ended: `failed` before the first token or in the middle of a stream. */
  readonly end?: 'ok' | 'failed';
  /** Milliseconds from the call to the first token of a stream. */
  readonly latencyMs?: number;
  /** Output tokens by the seconds from the call to the end of the answer. */
  readonly tokensPerSecond?: number;
  /** The answer ended in tool calls; `broken` when any of them is not JSON, names no tool of the request, or does not fit its schema. */
  readonly tools?: 'sound' | 'broken';
}

/** The samples of some time, added up: what gateways tell one another, and what an hour of history is made of. */
export interface HealthDelta {
  readonly endpointId: string;
  readonly answered: number;
  readonly ok: number;
  readonly failed: number;
  readonly latencyMs: Bins;
  readonly tokensPerSecond: Bins;
  /** Answers that ended in tool calls, and how many of them were broken. */
  readonly toolAnswers: number;
  readonly brokenToolAnswers: number;
}
