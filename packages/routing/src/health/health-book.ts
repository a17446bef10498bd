import { type EndpointHealth, unknownHealth } from '../health.ts';
import { type BreakerState, EndpointRecord, type EndpointStats } from './endpoint-record.ts';
import type { HealthDelta, HealthSample } from './sample.ts';

/** Nothing is known: what an endpoint's statistics are before its first attempt. */
const noStats: EndpointStats = {
  uptime5m: null,
  uptime30m: null,
  uptime1d: null,
  latencyMs30m: null,
  tokensPerSecond30m: null,
  toolErrorRate2h: null,
};

/**
 * The health of all endpoints, by what attempts taught. Pure: moments are handed in (milliseconds that do not go back), so that a simulation
 * runs it on a clock of its own. `refresh` is to be called a few times a second; outages show at once.
 */
export class HealthBook {
  readonly #records = new Map<string, EndpointRecord>();

  /** The latest reading: a look into a map and nothing else, because plans ask for every endpoint of a model. */
  of(endpointId: string): EndpointHealth {
    return this.#records.get(endpointId)?.reading ?? unknownHealth;
  }

  record(endpointId: string, sample: HealthSample, nowMs: number): void {
    this.#recordOf(endpointId).record(sample, nowMs);
  }

  /** Takes in what other gateways saw since they last told. */
  absorb(deltas: readonly HealthDelta[], nowMs: number): void {
    for (const delta of deltas) this.#recordOf(delta.endpointId).absorb(delta, nowMs);
  }

  /** Takes in hours of the last day from the history, for a process that has just started. */
  remember(
    hours: readonly {
      readonly endpointId: string;
      readonly ok: number;
      readonly failed: number;
      readonly atMs: number;
    }[],
    nowMs: number,
  ): void {
    for (const hour of hours) this.#recordOf(hour.endpointId).remember(hour, nowMs);
  }

  /** Whether too many calls of an endpoint wait far longer than is usual there, at this moment. */
  setLate(endpointId: string, isLate: boolean, nowMs: number): void {
    if (isLate || this.#records.has(endpointId)) this.#recordOf(endpointId).setLate(isLate, nowMs);
  }

  /** What the breaker of an endpoint, or anything else that keeps callers away, is at. */
  setBreaker(endpointId: string, state: BreakerState, nowMs: number): void {
    if (state !== 'closed' || this.#records.has(endpointId)) this.#recordOf(endpointId).setBreaker(state, nowMs);
  }

  /** Brings all readings up to date. */
  refresh(nowMs: number): void {
    for (const record of this.#records.values()) record.refresh(nowMs);
  }

  /** For pages and the public API; sums up anew with every call. */
  stats(endpointId: string, nowMs: number): EndpointStats {
    return this.#records.get(endpointId)?.stats(nowMs) ?? noStats;
  }

  #recordOf(endpointId: string): EndpointRecord {
    const known = this.#records.get(endpointId);
    if (known !== undefined) return known;
    const record = new EndpointRecord();
    this.#records.set(endpointId, record);
    return record;
  }
}
