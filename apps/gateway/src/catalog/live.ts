import type { Endpoint, PublicLive } from '@bourse/catalog';
import type { Deps } from '../deps.ts';
import { isStopped } from '../snapshot/switches.ts';

const PERCENT = 100;

/** What this gateway knows of an endpoint now, in public words. */
export function liveOf(deps: Pick<Deps, 'health' | 'switches'>): (endpoint: Endpoint) => PublicLive {
  const switches = deps.switches();
  return (endpoint) => {
    const { isOut, uptime, latencyMs, tokensPerSecond, quality } = deps.health.of(endpoint.id);
    const last1d = uptime === null ? null : uptime * PERCENT;
    return {
      isOut,
      isStopped: isStopped(switches, endpoint),
      uptime: { last5m: null, last30m: null, last1d },
      latencyMs,
      tokensPerSecond,
      toolSuccess: quality.toolSuccess,
    };
  };
}
