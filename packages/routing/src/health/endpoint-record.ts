import { type EndpointHealth, type Percentiles, unknownHealth } from '../health.ts';
import type { HealthDelta, HealthSample } from './sample.ts';
import { Sketch } from './sketch.ts';
import { Window } from './window.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** An endpoint is remembered as out for so long (reference: 30 s, the marketplace's guide to provider routing, 2026-08). */
export const OUTAGE_MS = 30 * SECOND_MS;
/** Fewer attempts give no uptime (reference: the same contract with suppliers: at least 100 requests). */
const UPTIME_ATTEMPTS_MIN = 100;
/** Fewer answers give no percentiles to choose by. */
const ANSWERS_MIN = 10;
/** Failures are significant from this share of the attempts on, and so many of them where answers came after them. */
const OUTAGE_SHARE_MIN = 0.1;
const OUTAGE_FAILURES_MIN = 3;
/** The longer windows change slowly: they are summed anew at most this often. */
const QUALITY_EVERY_MS = 5 * SECOND_MS;

class Counts {
  answered = 0;
  ok = 0;
  failed = 0;
}

class Speeds extends Counts {
  readonly latencyMs = new Sketch();
  readonly tokensPerSecond = new Sketch();
}

class Tools {
  answers = 0;
  broken = 0;
}

/** What whoever calls an endpoint decided about it: `open`, it is better left alone; `due`, somebody should find out whether it is back. */
export type BreakerState = 'closed' | 'open' | 'due';

/** What is shown of an endpoint: the same measures over the windows of the public API. Shares 0..1; null where nothing was measured. */
export interface EndpointStats {
  readonly uptime5m: number | null;
  readonly uptime30m: number | null;
  readonly uptime1d: number | null;
  /** Milliseconds to the first token, of the last 30 minutes. */
  readonly latencyMs30m: Percentiles | null;
  readonly tokensPerSecond30m: Percentiles | null;
  /** The share of answers with tool calls that had a broken one, of the last two hours. */
  readonly toolErrorRate2h: number | null;
}

function shareOk(counts: Iterable<Counts>, atLeast = 1): { readonly attempts: number; readonly uptime: number | null } {
  let ok = 0;
  let failed = 0;
  for (const slot of counts) {
    ok += slot.ok;
    failed += slot.failed;
  }
  const attempts = ok + failed;
  return { attempts, uptime: attempts < atLeast ? null : ok / attempts };
}

function merged(slots: Iterable<Speeds>, measure: 'latencyMs' | 'tokensPerSecond'): Sketch {
  const sum = new Sketch();
  for (const slot of slots) sum.merge(slot[measure]);
  return sum;
}

const recentCounts = () => new Window({ slotMs: OUTAGE_MS / 10, slots: 10, create: () => new Counts() });

/** All that is remembered of one endpoint. Reading is summing up: callers keep what they read for some hundred milliseconds. */
export class EndpointRecord {
  #recent = recentCounts();
  readonly #five = new Window({ slotMs: MINUTE_MS, slots: 5, create: () => new Speeds() });
  readonly #half = new Window({ slotMs: 5 * MINUTE_MS, slots: 6, create: () => new Speeds() });
  readonly #tools = new Window({ slotMs: 10 * MINUTE_MS, slots: 12, create: () => new Tools() });
  readonly #day = new Window({ slotMs: HOUR_MS, slots: 24, create: () => new Counts() });
  #hasAnsweredSince = true;
  #isLate = false;
  #breaker: BreakerState = 'closed';
  #isDirty = true;
  #refreshedAtMs = Number.NEGATIVE_INFINITY;
  #quality = unknownHealth.quality;
  #qualityAtMs = Number.NEGATIVE_INFINITY;
  #reading: EndpointHealth = unknownHealth;

  /** The reading of the last `refresh`. */
  get reading(): EndpointHealth {
    return this.#reading;
  }

  record(sample: HealthSample, nowMs: number): void {
    this.#isDirty = true;
    if (sample.isAnswered === true) this.#answered(1, nowMs);
    if (sample.end !== undefined)
      this.#ended({ ok: Number(sample.end === 'ok'), failed: Number(sample.end === 'failed') }, nowMs);
    for (const window of [this.#five, this.#half]) {
      if (sample.latencyMs !== undefined) window.at(nowMs).latencyMs.add(sample.latencyMs);
      if (sample.tokensPerSecond !== undefined) window.at(nowMs).tokensPerSecond.add(sample.tokensPerSecond);
    }
    if (sample.tools !== undefined) this.#called(1, Number(sample.tools === 'broken'), nowMs);
  }

  /** Takes in what another gateway saw in the last moments. */
  absorb(delta: HealthDelta, nowMs: number): void {
    this.#isDirty = true;
    if (delta.failed > 0 || delta.ok > 0) this.#ended(delta, nowMs);
    if (delta.answered > 0) this.#answered(delta.answered, nowMs);
    for (const window of [this.#five, this.#half]) {
      window.at(nowMs).latencyMs.addBins(delta.latencyMs);
      window.at(nowMs).tokensPerSecond.addBins(delta.tokensPerSecond);
    }
    if (delta.toolAnswers > 0) this.#called(delta.toolAnswers, delta.brokenToolAnswers, nowMs);
  }

  /** Takes in attempts of an hour of the last day from the history, after a start. */
  remember(hour: { readonly ok: number; readonly failed: number; readonly atMs: number }, nowMs: number): void {
    this.#day.advance(nowMs);
    const slot = this.#day.past(hour.atMs);
    if (slot === null) return;
    this.#isDirty = true;
    slot.ok += hour.ok;
    slot.failed += hour.failed;
  }

  /** Whether too many calls wait for a first token far longer than is usual here: that is an outage before the first of them has failed. */
  setLate(isLate: boolean, nowMs: number): void {
    if (this.#isLate === isLate) return;
    this.#isLate = isLate;
    this.#showOutage(nowMs);
  }

  /** One that closes says that the endpoint is back: what failed before is no outage any more. */
  setBreaker(state: BreakerState, nowMs: number): void {
    if (this.#breaker === state) return;
    this.#breaker = state;
    if (state === 'closed') {
      this.#recent = recentCounts();
      this.#hasAnsweredSince = true;
    }
    this.#showOutage(nowMs);
  }

  /** Brings the reading up to date; costs next to nothing where nothing was recorded or forgotten. */
  refresh(nowMs: number): void {
    // All windows forget in whole minutes, so what is older than one is summed up again although nothing happened.
    const isFresh = !this.#isDirty && nowMs - this.#refreshedAtMs < MINUTE_MS;
    if (!this.#five.advance(nowMs) && isFresh) {
      this.#showOutage(nowMs);
      return;
    }
    this.#isDirty = false;
    this.#refreshedAtMs = nowMs;
    const five = [...this.#five.live(nowMs)];
    this.#reading = {
      isOut: this.#isOut(nowMs),
      uptime: shareOk(this.#day.live(nowMs), UPTIME_ATTEMPTS_MIN).uptime,
      latencyMs: merged(five, 'latencyMs').percentiles(ANSWERS_MIN),
      tokensPerSecond: merged(five, 'tokensPerSecond').percentiles(ANSWERS_MIN),
      quality: this.#readQuality(nowMs),
    };
  }

  stats(nowMs: number): EndpointStats {
    const half = [...this.#half.live(nowMs)];
    const { answers, broken } = this.#toolCounts(nowMs);
    return {
      uptime5m: shareOk(this.#five.live(nowMs)).uptime,
      uptime30m: shareOk(half).uptime,
      uptime1d: shareOk(this.#day.live(nowMs)).uptime,
      latencyMs30m: merged(half, 'latencyMs').percentiles(),
      tokensPerSecond30m: merged(half, 'tokensPerSecond').percentiles(),
      toolErrorRate2h: answers === 0 ? null : broken / answers,
    };
  }

  #answered(count: number, nowMs: number): void {
    this.#recent.at(nowMs).answered += count;
    if (this.#hasAnsweredSince) return;
    this.#hasAnsweredSince = true;
    this.#showOutage(nowMs);
  }

  #ended(counts: { readonly ok: number; readonly failed: number }, nowMs: number): void {
    for (const window of [this.#recent, this.#five, this.#half, this.#day]) {
      const slot: Counts = window.at(nowMs);
      slot.ok += counts.ok;
      slot.failed += counts.failed;
    }
    if (counts.failed === 0) return;
    this.#hasAnsweredSince = false;
    this.#showOutage(nowMs);
  }

  #called(answers: number, broken: number, nowMs: number): void {
    const slot = this.#tools.at(nowMs);
    slot.answers += answers;
    slot.broken += broken;
  }

  /** An outage is told at once, not with the next refresh. */
  #showOutage(nowMs: number): void {
    const isOut = this.#isOut(nowMs);
    if (isOut !== this.#reading.isOut) this.#reading = { ...this.#reading, isOut };
  }

  #isOut(nowMs: number): boolean {
    // Where a probe is due the plan may choose it as any other: the first who does is the probe.
    if (this.#breaker !== 'closed') return this.#breaker === 'open';
    if (this.#isLate) return true;
    const failuresMin = this.#hasAnsweredSince ? OUTAGE_FAILURES_MIN : 1;
    let answered = 0;
    let failed = 0;
    // From now back: what was well for long and fails now is out as soon as what is new.
    for (const slot of this.#recent.live(nowMs)) {
      answered += slot.answered;
      failed += slot.failed;
      if (failed >= failuresMin && failed >= OUTAGE_SHARE_MIN * (answered + failed)) return true;
    }
    return false;
  }

  #toolCounts(nowMs: number): Tools {
    const sum = new Tools();
    for (const slot of this.#tools.live(nowMs)) {
      sum.answers += slot.answers;
      sum.broken += slot.broken;
    }
    return sum;
  }

  #readQuality(nowMs: number): EndpointHealth['quality'] {
    if (nowMs - this.#qualityAtMs < QUALITY_EVERY_MS) return this.#quality;
    this.#qualityAtMs = nowMs;
    const half = [...this.#half.live(nowMs)];
    const { answers, broken } = this.#toolCounts(nowMs);
    this.#quality = {
      tokensPerSecond: merged(half, 'tokensPerSecond').quantile(0.5),
      toolSuccess: answers === 0 ? null : 1 - broken / answers,
      attempts: shareOk(half).attempts,
      toolAnswers: answers,
    };
    return this.#quality;
  }
}
