import type { NoticeStore } from '@bourse/db';
import type { Logger, Metrics } from '@bourse/telemetry';
import type { Background } from '../background.ts';
import type { Env } from '../env.ts';
import { Upstreams, type UpstreamsParts } from './upstreams.ts';

/** What is needed beside what upstreams need themselves. */
export interface OpenUpstreamsParts extends Pick<UpstreamsParts, 'health' | 'now' | 'draw'> {
  readonly env: Pick<Env, 'GATEWAY_BREAKER_OPEN_MS' | 'GATEWAY_CREDENTIAL_REST_MS'>;
  readonly notices: NoticeStore;
  readonly background: Background;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** Upstreams that tell operators of a credential that providers refuse: in the log, as a metric, and as a notice that is mailed. */
export function openUpstreams({ env, notices, background, metrics, log, ...parts }: OpenUpstreamsParts): Upstreams {
  const upstreams = new Upstreams({
    ...parts,
    breakerOpenMs: env.GATEWAY_BREAKER_OPEN_MS,
    credentialRestMs: env.GATEWAY_CREDENTIAL_REST_MS,
    onCredential: (provider, news) => {
      const key = `credential_set_aside:${provider}`;
      if (news.kind === 'back') {
        log.info('credential.back', { provider });
        background.run('notice', notices.clear(key));
        return;
      }
      const { kind, status } = news.failure;
      const restMs = Math.round(news.restMs);
      log.error('credential.set_aside', new Error(`the provider answers ${status} (${kind})`), { provider, restMs });
      const detail = `${provider} answers ${status} (${kind}) to our credential. It is set aside and tried again from time to time.`;
      background.run('notice', notices.raise({ key, kind: 'credential_set_aside', subject: provider, detail }));
    },
  });
  metrics.gauge(
    'bourse_breakers_open',
    'Endpoints that are left alone because they fail',
    () => upstreams.openBreakers,
  );
  metrics.gauges('bourse_credentials_set_aside', '1 for a provider that refuses our credential', {
    label: 'provider',
    read: () => upstreams.credentialsSetAside(),
  });
  return upstreams;
}
