import type { CatalogSnapshot } from '@bourse/catalog';
import { AppError } from '@bourse/errors';
import type { Logger } from '@bourse/telemetry';

/** The market as this process sees it: one immutable snapshot, swapped whole. */
export interface CatalogCache {
  /** The current snapshot. Throws AppError('service_unavailable') before the first load. */
  readonly current: () => CatalogSnapshot;
  readonly isLoaded: () => boolean;
  /** Looks, and loads what is new; concurrent calls share one load. A failed load keeps the old snapshot and rejects. */
  readonly refresh: () => Promise<void>;
}

/** Where snapshots come from: a cheap look at the version, and the load. */
export interface CatalogSource {
  readonly currentVersion: () => Promise<string>;
  readonly loadSnapshot: () => Promise<CatalogSnapshot>;
}

/** A cache over a source. Loads only what has another version than the snapshot in hand. */
export function createCatalogCache(source: CatalogSource, log: Logger): CatalogCache {
  let snapshot: CatalogSnapshot | null = null;
  let flight: Promise<void> | null = null;
  async function renew(): Promise<void> {
    if (snapshot !== null && (await source.currentVersion()) === snapshot.version) return;
    snapshot = await source.loadSnapshot();
    log.info('catalog.loaded', { version: snapshot.version, models: snapshot.models.size });
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
    refresh() {
      flight ??= renew().finally(() => {
        flight = null;
      });
      return flight;
    },
  };
}
