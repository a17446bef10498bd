import type { Redis } from '@bourse/redis';
import type { Metrics } from '@bourse/telemetry';
import type { Env } from '../env.ts';
import { type GatewayMetrics, registerAdmissionMetrics } from '../gateway-metrics.ts';
import { Admission } from './admission.ts';
import type { AdmissionSettings } from './rules.ts';
import { SharedLimits } from './shared-limits.ts';

/** What admission is made of in a process. */
export interface AdmissionParts {
  readonly env: Env;
  readonly metrics: Metrics;
  readonly gatewayId: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly draw: () => number;
}

/** A clock that never goes back, in whole microseconds; 0 is "never" to whoever limits rates. */
function monotonicUs(): number {
  return 1 + Math.floor(performance.now() * 1_000);
}

function settingsOf(env: Env): AdmissionSettings {
  return {
    addressPerSecond: env.GATEWAY_ADDRESS_RPS,
    failedAuthenticationsPerMinute: env.GATEWAY_FAILED_AUTH_RPM,
    keyRequestsPerMinute: env.GATEWAY_KEY_RPM,
    organizationRequestsPerMinute: env.GATEWAY_ORGANIZATION_RPM,
    organizationTokensPerMinute: env.GATEWAY_ORGANIZATION_TPM,
    organizationStreams: env.GATEWAY_ORGANIZATION_STREAMS,
    freeRequestsPerMinute: env.GATEWAY_FREE_RPM,
    freeRequestsPerDay: env.GATEWAY_FREE_RPD,
    freeRequestsPerDayPaid: env.GATEWAY_FREE_RPD_PAID,
  };
}

/** The admission that an environment asks for. `redis` is what several gateways share. */
export function openAdmission(
  { env, metrics: registry, gatewayId, now, draw }: AdmissionParts,
  { metrics, redis }: { readonly metrics: GatewayMetrics; readonly redis: Redis | null },
): Admission {
  const nodes = env.GATEWAY_NODES * env.GATEWAY_PROCESSES;
  const admission = new Admission({
    settings: settingsOf(env),
    trustedProxies: env.GATEWAY_TRUSTED_PROXIES,
    refused: metrics.refused,
    alone: metrics.decidedAlone,
    shared: redis && new SharedLimits({ redis, gatewayId, nodesMin: nodes }),
    nodes,
    loopDelayMs: env.GATEWAY_OVERLOAD_LOOP_MS,
    now,
    nowUs: monotonicUs,
    draw,
  });
  registerAdmissionMetrics(registry, () => admission.felt);
  return admission;
}
