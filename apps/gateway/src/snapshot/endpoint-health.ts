import { type EndpointHealth as HealthNow, unknownHealth } from '@bourse/routing';

/** OpenRouter's memory: an endpoint that failed is avoided for 30 seconds (reference: its provider-routing guide, 2026-08). */
const OUTAGE_MS = 30_000;

/** What this process remembers of endpoints. User errors are not reported to it. */
export interface EndpointHealth {
  readonly failed: (endpointId: string) => void;
  readonly succeeded: (endpointId: string) => void;
  /** What a plan may know of an endpoint. */
  readonly of: (endpointId: string) => HealthNow;
}

const outNow: HealthNow = { ...unknownHealth, isOut: true };

/** A memory that forgets outages by itself. */
export function createEndpointHealth(now: () => number): EndpointHealth {
  const outUntil = new Map<string, number>();
  return {
    failed: (endpointId) => void outUntil.set(endpointId, now() + OUTAGE_MS),
    succeeded: (endpointId) => void outUntil.delete(endpointId),
    of: (endpointId) => ((outUntil.get(endpointId) ?? 0) > now() ? outNow : unknownHealth),
  };
}
