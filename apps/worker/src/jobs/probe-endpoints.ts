import type { CatalogSnapshot, Endpoint } from '@bourse/catalog';
import type { Database } from '@bourse/db';
import type { Logger } from '@bourse/telemetry';
import type { Job } from '../job.ts';

/** What probing depends on. */
export interface ProbeOptions {
  readonly db: Pick<Database, 'catalog' | 'endpointHealth'>;
  readonly gatewayUrl: string;
  /** An inference key of an organization of the operator's own: it pays for the probes, and its limit bounds them. */
  readonly apiKey: string;
  readonly fetch: typeof fetch;
  readonly log: Logger;
  readonly now: () => number;
  readonly everyMs: number;
}

/** Endpoints in one run. */
const BATCH = 5;
/** An endpoint without an attempt in the hours that began within so many is quiet. */
const QUIET_HOURS = 1;
/** One that cannot be called here, for want of a credential, is asked again a day later. */
const UNREACHABLE_MS = 86_400_000;
const AGAIN_MS = 3_600_000;
const COST_MAX_USD = '0.001';
const TIMEOUT_MS = 130_000;

function conversational(catalog: CatalogSnapshot): readonly Endpoint[] {
  const models = [...catalog.models.values()].filter(({ outputModalities }) => outputModalities.includes('text'));
  return models.flatMap(({ slug }) => catalog.endpointsByModel.get(slug) ?? []).filter(({ isEnabled }) => isEnabled);
}

/** One token of one endpoint, through the gateway like any other request, so that it is metered, charged, bounded and learned from like any other. */
async function probe({ modelSlug, tag }: Endpoint, { gatewayUrl, apiKey, fetch }: ProbeOptions): Promise<number> {
  const response = await fetch(`${gatewayUrl}/api/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', 'x-timeout-ms': '120000' },
    body: JSON.stringify({
      model: modelSlug,
      stream: true,
      max_tokens: 1,
      max_cost: COST_MAX_USD,
      messages: [{ role: 'user', content: 'Hi' }],
      provider: { only: [tag], allow_fallbacks: false },
    }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  await response.text();
  return response.status;
}

/**
 * Calls endpoints that nobody has called lately, so that their health is known before somebody needs them; answers how many. Ends when the key is
 * refused or has nothing left: what probes may cost is the operator's to say, with the key's limit.
 */
export function probeEndpoints(options: ProbeOptions): Job {
  const { db, log, now } = options;
  const notBefore = new Map<string, number>();

  async function quiet(): Promise<readonly Endpoint[]> {
    const [catalog, busy] = await Promise.all([db.catalog.loadSnapshot(), db.endpointHealth.attempts(QUIET_HOURS)]);
    const called = new Set(busy.map(({ endpointId }) => endpointId));
    const due = conversational(catalog).filter(({ id }) => !called.has(id) && (notBefore.get(id) ?? 0) <= now());
    return due.toSorted((one, other) => (notBefore.get(one.id) ?? 0) - (notBefore.get(other.id) ?? 0)).slice(0, BATCH);
  }

  return {
    name: 'probe-endpoints',
    everyMs: options.everyMs,
    isExclusive: true,
    async run(stopping) {
      let probed = 0;
      for (const endpoint of await quiet()) {
        if (stopping.aborted) break;
        const status = await probe(endpoint, options);
        if (status === 401 || status === 402 || status === 403) {
          log.warn('probe.refused', { status });
          break;
        }
        notBefore.set(endpoint.id, now() + (status === 404 || status === 400 ? UNREACHABLE_MS : AGAIN_MS));
        probed += 1;
      }
      return probed;
    },
  };
}
