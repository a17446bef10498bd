import type { Endpoint, PublicLive } from '@bourse/catalog';
import type { Deps } from '../deps.ts';
import { isStopped } from '../snapshot/switches.ts';

const PERCENT = 100;

/** What this gateway knows of an endpoint now, in public words. */
export function liveOf(deps: Pick<Deps, 'health' | 'switches'>): (endpoint: Endpoint) => PublicLive {
  const switches = deps.switches();
  return (endpoint) => {
    const stats = deps.health.stats(endpoint.id);
    const percent = (share: number | null) => (share === null ? null : share * PERCENT);
    return {
      isOut: deps.health.of(endpoint.id).isOut,
      isStopped: isStopped(switches, endpoint),
      uptime: {
        last5m: percent(stats.uptime5m),
        last30m: percent(stats.uptime30m),
        last1d: percent(stats.uptime1d),
      },
      latencyMs: stats.latencyMs30m,
      tokensPerSecond: stats.tokensPerSecond30m,
      toolSuccess: stats.toolErrorRate2h === null ? null : 1 - stats.toolErrorRate2h,
    };
  };
}
