import { type CatalogSnapshot, swapProblem } from '@bourse/catalog';
import { AppError, isAppError } from '@bourse/errors';
import type { Logger, Metrics } from '@bourse/telemetry';
import { within } from '../within.ts';

/** The market as this process sees it: one immutable snapshot, swapped whole. */
export interface CatalogCache {
  /** The current snapshot. Throws AppError('service_unavailable') before the first load. */
  readonly current: () => CatalogSnapshot;
  readonly isLoaded: () => boolean;
  /** The newest version made no sense, and the one before it stays. */
  readonly isRefused: () => boolean;
  /**
   * Resolves when what the source had at the time of the call is served, or was refused for the snapshot in hand; concurrent calls share a
   * look. Rejects, and keeps the old snapshot, when the source does not answer.
   */
  readonly refresh: () => Promise<void>;
}

/** Where snapshots come from: a cheap look at the version, and the load. */
export interface CatalogSource {
  readonly currentVersion: () => Promise<string>;
  /** Rejects with `service_unavailable` when it cannot be read, with anything else when what was read makes no sense. */
  readonly loadSnapshot: () => Promise<CatalogSnapshot>;
}

/** How a look at the source ended. */
export type CatalogOutcome = 'same' | 'loaded' | 'refused' | 'failed';

/** What a cache tells, and the clock that it goes by. */
export interface CatalogCacheParts {
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly ended?: (outcome: CatalogOutcome) => void;
}

/** A look that takes longer counts as failed, so that one silent connection does not make this process deaf. */
const LOOK_TIMEOUT_MS = 2_000;
const LOAD_TIMEOUT_MS = 15_000;
/** What was refused is read again after this long, should it have been mended in place. */
const REFUSED_AGAIN_MS = 30_000;

async function inTime<Value>(work: Promise<Value>, ms: number): Promise<Value> {
  const value = await within(work, ms, undefined);
  if (value === undefined) throw new AppError('service_unavailable', 'The catalog cannot be read.');
  return value;
}

/** A cache over a source. Loads only what has another version than the snapshot in hand, and serves only what makes sense. */
export function createCatalogCache(source: CatalogSource, { log, now, ended }: CatalogCacheParts): CatalogCache {
  let snapshot: CatalogSnapshot | null = null;
  let refused: { readonly version: string; readonly until: number } | null = null;
  let flight: Promise<void> | null = null;
  let isStale = false;

  /** Rejects with what is wrong with it. */
  async function load(): Promise<CatalogSnapshot> {
    const next = await inTime(source.loadSnapshot(), LOAD_TIMEOUT_MS);
    const problem = snapshot === null ? null : swapProblem(snapshot, next);
    if (problem !== null) throw new AppError('internal', 'The catalog makes no sense.', { detail: problem });
    return next;
  }

  async function look(): Promise<CatalogOutcome> {
    const version = await inTime(source.currentVersion(), LOOK_TIMEOUT_MS);
    if (version === snapshot?.version) {
      refused = null;
      return 'same';
    }
    if (version === refused?.version && refused.until > now()) return 'same';
    try {
      const next = await load();
      snapshot = next;
      refused = null;
      log.info('catalog.loaded', { version: next.version, models: next.models.size });
      return 'loaded';
    } catch (error) {
      const isAway = isAppError(error) && error.code === 'service_unavailable';
      // Without a snapshot in hand there is nothing that could stay.
      if (isAway || snapshot === null) throw error;
      refused = { version, until: now() + REFUSED_AGAIN_MS };
      log.error('catalog.refused', error, { version, kept: snapshot.version });
      return 'refused';
    }
  }

  async function lookUntilFresh(): Promise<void> {
    while (isStale) {
      isStale = false;
      try {
        ended?.(await look());
      } catch (error) {
        ended?.('failed');
        throw error;
      }
    }
  }

  return {
    current() {
      if (snapshot === null) {
        throw new AppError('service_unavailable', 'The catalog is being loaded; retry in a second.', {
          retryAfterSeconds: 1,
        });
      }
      return snapshot;
    },
    isLoaded: () => snapshot !== null,
    isRefused: () => refused !== null,
    refresh() {
      // A look that is under way may have read before the change of which we were just told.
      isStale = true;
      flight ??= lookUntilFresh().finally(() => {
        flight = null;
      });
      return flight;
    },
  };
}

/** A cache that tells operators of itself. */
export function createMeasuredCatalogCache(
  source: CatalogSource,
  { metrics, ...parts }: Omit<CatalogCacheParts, 'ended'> & { readonly metrics: Metrics },
): CatalogCache {
  const looks = metrics.counter('bourse_catalog_looks_total', 'Looks at the catalog by how they ended', ['outcome']);
  const cache = createCatalogCache(source, { ...parts, ended: (outcome) => looks.labels(outcome).inc() });
  metrics.gauge('bourse_catalog_refused', '1 while the newest catalog is refused and an older one is served', () =>
    Number(cache.isRefused()),
  );
  metrics.gauge('bourse_catalog_models', 'Models of the catalog that is served', () =>
    cache.isLoaded() ? cache.current().models.size : 0,
  );
  return cache;
}
