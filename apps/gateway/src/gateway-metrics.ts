import type { Metrics } from '@bourse/telemetry';

/** What the gateway counts. Labels are bounded: slugs from the catalog, never text from a request. */
export interface GatewayMetrics {
  readonly request: (labels: { route: string; status: number }, seconds: number) => void;
  readonly attempt: (labels: { provider: string; outcome: string }, seconds: number) => void;
  readonly firstToken: (provider: string, seconds: number) => void;
  readonly settled: (kind: string) => void;
  readonly openGenerations: (change: 1 | -1) => void;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

/** Registers the gateway's metrics once per process. */
export function createGatewayMetrics(metrics: Metrics): GatewayMetrics {
  const histogram = (name: string, help: string, labels: readonly string[]) =>
    metrics.histogram(name, help, { labels, buckets: SECONDS });
  const requests = histogram('bourse_request_seconds', 'Time from request to last byte', ['route', 'status']);
  const attempts = histogram('bourse_attempt_seconds', 'Time from call to answer of an attempt', [
    'provider',
    'outcome',
  ]);
  const firstTokens = histogram('bourse_first_token_seconds', 'Time from request to first token', ['provider']);
  const settlements = metrics.counter('bourse_settlements_total', 'Concluded generations by kind', ['kind']);
  let open = 0;
  metrics.gauge('bourse_open_generations', 'Inference requests that are being answered', () => open);
  return {
    request: (labels, seconds) => requests.observe({ route: labels.route, status: String(labels.status) }, seconds),
    attempt: (labels, seconds) => attempts.observe(labels, seconds),
    firstToken: (provider, seconds) => firstTokens.observe({ provider }, seconds),
    settled: (kind) => settlements.inc({ kind }),
    openGenerations: (change) => {
      open += change;
    },
  };
}
