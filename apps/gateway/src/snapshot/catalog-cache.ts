import type { CatalogSnapshot } from '@bourse/catalog';
import { AppError } from '@bourse/errors';
import type { Logger } from '@bourse/telemetry';

/** The market as this process sees it: one immutable snapshot, swapped whole. */
export interface CatalogCache {
  /** The current snapshot. Throws AppError('service_unavailable') before the first load. */
  readonly current: () => CatalogSnapshot;
  readonly isLoaded: () => boolean;
  /** Loads again; concurrent calls share one load. A failed load keeps the old snapshot and rejects. */
  readonly refresh: () => Promise<void>;
}

/** A cache over `load`. */
export function createCatalogCache(load: () => Promise<CatalogSnapshot>, log: Logger): CatalogCache {
  let snapshot: CatalogSnapshot | null = null;
  let flight: Promise<void> | null = null;
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
      flight ??= load()
        .then((loaded) => {
          if (loaded.version !== snapshot?.version) {
            log.info('catalog.loaded', { version: loaded.version, models: loaded.models.size });
          }
          snapshot = loaded;
        })
        .finally(() => {
          flight = null;
        });
      return flight;
    },
  };
}
