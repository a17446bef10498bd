import type { Database } from '@bourse/db';
import type { Logger } from '@bourse/telemetry';
import type { CatalogCache } from './catalog-cache.ts';
import type { KeyCache } from './key-cache.ts';

/** Notices may be lost with a connection, so the catalog is looked at again once in this time in any case. */
const CATALOG_REFRESH_MS = 30_000;

/** Keeps the snapshots true: pushed notices at once, a full look every 30 s, everything dropped after a lost connection. */
export async function follow(
  parts: { readonly db: Database; readonly log: Logger },
  caches: { keys: KeyCache; catalog: CatalogCache },
): Promise<() => Promise<void>> {
  const refreshCatalog = (): void => {
    caches.catalog.refresh().catch((error: unknown) => parts.log.error('catalog.refresh_failed', error));
  };
  const subscription = await parts.db.subscribe(
    (notice) => {
      if (notice.topic === 'api_key') caches.keys.invalidate(notice.id);
      else if (notice.topic === 'catalog') refreshCatalog();
      else caches.keys.clear();
    },
    () => {
      caches.keys.clear();
      refreshCatalog();
    },
  );
  const timer = setInterval(refreshCatalog, CATALOG_REFRESH_MS);
  return async () => {
    clearInterval(timer);
    await subscription.close();
  };
}
