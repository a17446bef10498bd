import 'server-only';
import { z } from 'zod';
import { env } from '../env.ts';
import { cachedFor, cachedForEach } from './cached-for.ts';

const providersAnswer = z.object({
  data: z.array(
    z.object({
      slug: z.string(),
      is_configured: z.boolean(),
      endpoints_failing: z.number(),
      is_stopped: z.boolean(),
    }),
  ),
});

const percentiles = z.object({ p50: z.number() }).nullable();
const endpointsAnswer = z.object({
  data: z.object({
    endpoints: z.array(
      z.object({
        id: z.string(),
        status: z.number(),
        uptime_last_1d: z.number().nullable(),
        latency_last_30m: percentiles,
        throughput_last_30m: percentiles,
        tool_success_rate: z.number().nullable(),
      }),
    ),
  }),
});

/** What the gateway knows of a provider now. */
export type ProviderStatus = { isConfigured: boolean; endpointsFailing: number; isStopped: boolean };

/** What the gateway measured at an endpoint; null = not enough to tell. Uptime and tool success are shares, 0 to 1. */
export type EndpointStatus = {
  state: 'normal' | 'off' | 'failing' | 'stopped';
  uptime: number | null;
  latencyMs: number | null;
  tokensPerSecond: number | null;
  toolSuccess: number | null;
};

const TIMEOUT_MS = 1_500;
const KEPT_MS = 10_000;
const MODELS_KEPT_MS = 5_000;

async function ask<Answer>(path: string, schema: z.ZodType<Answer>): Promise<Answer | null> {
  try {
    const answer = await fetch(`${env().BOURSE_GATEWAY_URL}/api/v1${path}`, {
      cache: 'no-store',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return schema.parse(await answer.json());
  } catch {
    // Only the gateway knows. Without its word the pages say "unknown" and still show catalog and prices.
    return null;
  }
}

/** Providers as the gateway sees them, by slug. Null when it does not answer: unknown, which is neither yes nor no. */
export const providerStatuses: () => Promise<ReadonlyMap<string, ProviderStatus> | null> = cachedFor(
  KEPT_MS,
  async () => {
    const answer = await ask('/providers', providersAnswer);
    if (answer === null) return null;
    return new Map(
      answer.data.map((provider) => [
        provider.slug,
        {
          isConfigured: provider.is_configured,
          endpointsFailing: provider.endpoints_failing,
          isStopped: provider.is_stopped,
        },
      ]),
    );
  },
);

/**
 * Slugs of the providers that the gateway has a credential for, so that their endpoints can be called here. Null when the gateway
 * does not answer.
 */
export async function configuredProviders(): Promise<ReadonlySet<string> | null> {
  const statuses = await providerStatuses();
  if (statuses === null) return null;
  return new Set([...statuses].filter(([, { isConfigured }]) => isConfigured).map(([slug]) => slug));
}

const states: Readonly<Record<string, EndpointStatus['state']>> = { '-1': 'off', '-2': 'failing', '-3': 'stopped' };

/** What was measured at the endpoints of a model of the catalog, by endpoint; empty when the gateway does not answer. */
export const endpointStatuses: (modelSlug: string) => Promise<ReadonlyMap<string, EndpointStatus>> = cachedForEach(
  MODELS_KEPT_MS,
  async (modelSlug) => {
    const answer = await ask(`/models/${modelSlug}/endpoints`, endpointsAnswer);
    return new Map(
      (answer?.data.endpoints ?? []).map((endpoint) => [
        endpoint.id,
        {
          state: states[String(endpoint.status)] ?? 'normal',
          uptime: endpoint.uptime_last_1d === null ? null : endpoint.uptime_last_1d / 100,
          latencyMs: endpoint.latency_last_30m?.p50 ?? null,
          tokensPerSecond: endpoint.throughput_last_30m?.p50 ?? null,
          toolSuccess: endpoint.tool_success_rate,
        },
      ]),
    );
  },
);
