import type { Percentiles } from '@bourse/routing';

const FACTOR = 3;
const LEAST_MS = 10_000;
/** While too little was measured. */
const UNKNOWN_MS = 60_000;

/** How long an endpoint may take to begin: three times what all but one in a hundred take there, from ten seconds to `mostMs`. */
export function firstByteTimeoutMs(latencyMs: Percentiles | null, mostMs: number): number {
  return Math.min(mostMs, latencyMs === null ? UNKNOWN_MS : Math.max(LEAST_MS, FACTOR * latencyMs.p99));
}
