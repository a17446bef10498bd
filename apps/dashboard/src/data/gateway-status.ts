import 'server-only';
import { z } from 'zod';
import { env } from '../env.ts';
import { cachedFor } from './cached-for.ts';

const providersAnswer = z.object({
  data: z.array(z.object({ slug: z.string(), is_configured: z.boolean() })),
});

const TIMEOUT_MS = 1_500;
const KEPT_MS = 10_000;

async function askGateway(): Promise<ReadonlySet<string> | null> {
  try {
    const answer = await fetch(`${env().BOURSE_GATEWAY_URL}/api/v1/providers`, {
      cache: 'no-store',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const { data } = providersAnswer.parse(await answer.json());
    return new Set(data.filter((provider) => provider.is_configured).map((provider) => provider.slug));
  } catch {
    // Only the gateway knows its keys. Without its word the pages say "unknown" and still show catalog and prices.
    return null;
  }
}

/**
 * Slugs of the providers that the gateway has a credential for, so that their endpoints can be called here. Null when the gateway
 * does not answer: unknown, which is neither yes nor no.
 */
export const configuredProviders = cachedFor(KEPT_MS, askGateway);
