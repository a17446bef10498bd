import type { Metrics } from '@bourse/telemetry';
import type { OpenBooks } from './books/open-books.ts';

/** What the gateway counts. Labels are bounded: slugs from the catalog, never text from a request. */
export interface GatewayMetrics {
  readonly request: (labels: { route: string; status: number }, seconds: number) => void;
  readonly attempt: (labels: { provider: string; outcome: string }, seconds: number) => void;
  readonly firstToken: (provider: string, seconds: number) => void;
  readonly settled: (kind: string) => void;
  /** A request that asked for the response cache, by what it got. */
  readonly cached: (result: 'hit' | 'miss') => void;
  readonly openGenerations: (change: 1 | -1) => void;
  /** Something was turned away by a limit, or for want of room. */
  readonly refused: (reason: string) => void;
  /** A request was admitted without the other gateways, because Redis did not answer. */
  readonly decidedAlone: () => void;
}

/** The series of each set of labels, looked up once: the client hashes the labels anew for every observation. Labels are few by contract. */
function remember<Labels extends readonly (string | number)[], Series>(
  find: (...labels: Labels) => Series,
): (...labels: Labels) => Series {
  const known = new Map<string, Series>();
  return (...labels) => {
    const name = labels.join(' ');
    const series = known.get(name) ?? find(...labels);
    known.set(name, series);
    return series;
  };
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

const NANODOLLARS_PER_USD = 1e9;

/** Registers what is known of charges on their way and of credit in hand. */
export function registerBooksMetrics(metrics: Metrics, { books, credit }: OpenBooks): void {
  metrics.gauge('bourse_spool_pending', 'Charges that are durable and not yet in the database', () => books.pending);
  metrics.gauge('bourse_spool_oldest_seconds', 'Age of the oldest of them', () => books.oldestMs / 1000);
  metrics.gauge('bourse_spool_is_full', '1 while no new request is admitted for want of disk', () =>
    Number(!books.isOpen),
  );
  metrics.gauge('bourse_leases', 'Credit leases of this process', () => credit.totals().leases);
  const usd = (amount: bigint): number => Number(amount) / NANODOLLARS_PER_USD;
  metrics.gauge('bourse_lease_free_usd', 'Leased credit that is free', () => usd(credit.totals().free));
  metrics.gauge('bourse_lease_reserved_usd', 'Leased credit set aside for running requests', () =>
    usd(credit.totals().reserved),
  );
}

/** Registers what a process feels of its load. */
export function registerAdmissionMetrics(
  metrics: Metrics,
  felt: () => { readonly level: number; readonly cap: number; readonly bufferedBytes: number },
): void {
  metrics.gauge('bourse_pressure_level', '0 green, 1 yellow, 2 orange, 3 red', () => felt().level);
  metrics.gauge('bourse_running_max', 'Requests that may run under pressure; 0 = any number', () => felt().cap);
  metrics.gauge('bourse_buffered_bytes', 'Bytes of answers that readers have not taken', () => felt().bufferedBytes);
}

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
  const cached = metrics.counter('bourse_response_cache_total', 'Requests that asked for the response cache', [
    'result',
  ]);
  const refusals = metrics.counter('bourse_refused_total', 'Requests that were turned away, by reason', ['reason']);
  const alone = metrics.counter('bourse_limits_alone_total', 'Requests admitted while Redis did not answer', []);
  let open = 0;
  metrics.gauge('bourse_open_generations', 'Inference requests that are being answered', () => open);
  const requestOf = remember((route: string, status: number) => requests.series(route, String(status)));
  const attemptOf = remember((provider: string, outcome: string) => attempts.series(provider, outcome));
  const firstTokenOf = remember((provider: string) => firstTokens.series(provider));
  const refusalOf = remember((reason: string) => refusals.labels(reason));
  const settlementOf = remember((kind: string) => settlements.labels(kind));
  return {
    request: ({ route, status }, seconds) => requestOf(route, status).observe(seconds),
    attempt: ({ provider, outcome }, seconds) => attemptOf(provider, outcome).observe(seconds),
    firstToken: (provider, seconds) => firstTokenOf(provider).observe(seconds),
    settled: (kind) => settlementOf(kind).inc(),
    cached: (result) => cached.labels(result).inc(),
    decidedAlone: () => alone.inc(),
    refused: (reason) => refusalOf(reason).inc(),
    openGenerations: (change) => {
      open += change;
    },
  };
}
