import type { HealthDelta, HealthSample } from './sample.ts';
import { Sketch } from './sketch.ts';

class Tally {
  answered = 0;
  ok = 0;
  failed = 0;
  toolAnswers = 0;
  brokenToolAnswers = 0;
  readonly latencyMs = new Sketch();
  readonly tokensPerSecond = new Sketch();
}

/** Adds samples up until somebody takes the sums: one for what neighbours are told each second, one for the history. */
export class DeltaTally {
  #tallies = new Map<string, Tally>();

  add(endpointId: string, sample: HealthSample): void {
    let tally = this.#tallies.get(endpointId);
    if (tally === undefined) {
      tally = new Tally();
      this.#tallies.set(endpointId, tally);
    }
    if (sample.isAnswered === true) tally.answered += 1;
    if (sample.end === 'ok') tally.ok += 1;
    if (sample.end === 'failed') tally.failed += 1;
    if (sample.latencyMs !== undefined) tally.latencyMs.add(sample.latencyMs);
    if (sample.tokensPerSecond !== undefined) tally.tokensPerSecond.add(sample.tokensPerSecond);
    if (sample.tools !== undefined) tally.toolAnswers += 1;
    if (sample.tools === 'broken') tally.brokenToolAnswers += 1;
  }

  /** The sums since the last time, one for each endpoint that had a sample; they start again at nothing. */
  take(): readonly HealthDelta[] {
    const taken = this.#tallies;
    if (taken.size === 0) return [];
    this.#tallies = new Map();
    return Array.from(taken, ([endpointId, { latencyMs, tokensPerSecond, ...counts }]) => ({
      endpointId,
      ...counts,
      latencyMs: latencyMs.bins(),
      tokensPerSecond: tokensPerSecond.bins(),
    }));
  }
}
