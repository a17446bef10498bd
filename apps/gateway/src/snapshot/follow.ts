import type { Database, NoticeTopic } from '@bourse/db';
import type { Logger } from '@bourse/telemetry';
import type { CreditLeases } from '../books/credit-leases.ts';
import type { CatalogCache } from './catalog-cache.ts';
import type { KeyCache } from './key-cache.ts';
import type { SwitchBoard } from './switches.ts';

/** A price is in force within five seconds where notices are lost, and where it was announced for a moment that has come: this, and the time of a look. */
const CATALOG_REFRESH_MS = 2_500;
/** A switch is in force within five seconds wherever notices are lost: this, and the time that a look may take. */
const SWITCH_REFRESH_MS = 2_000;

/**
 * Keeps the snapshots true: pushed notices at once, a look at the catalog and at the kill switches every other second or so. While notices do not arrive, keys are
 * trusted for seconds only (`KeyCache.isTrusted`); once they arrive again everything is dropped, because some were missed.
 */
export async function follow(
  parts: { readonly db: Database; readonly log: Logger },
  caches: {
    readonly keys: KeyCache;
    readonly catalog: CatalogCache;
    readonly credit: CreditLeases;
    readonly switches: SwitchBoard;
  },
): Promise<() => Promise<void>> {
  const refreshCatalog = (): void => {
    caches.catalog.refresh().catch((error: unknown) => parts.log.error('catalog.refresh_failed', error));
  };
  /** What could not be given back now is given back when the lease is renewed or ends. */
  const yielded = (work: Promise<void>): void => {
    work.catch((error: unknown) => parts.log.warn('money.yield_failed', { reason: String(error) }));
  };
  const refreshSwitches = (): void => {
    caches.switches.refresh().then(
      () => {
        // Credit that running requests set free comes home as well, look by look.
        if (caches.switches.current.isDirect && caches.credit.totals().free > 0n) yielded(caches.credit.yieldAll());
      },
      (error: unknown) => parts.log.warn('switches.refresh_failed', { reason: String(error) }),
    );
  };
  const effects: Readonly<Record<NoticeTopic, (id: string) => void>> = {
    api_key: (hash) => {
      caches.keys.invalidate(hash);
      yielded(caches.credit.yieldKey(hash));
    },
    // A key's snapshot says whether its organization is frozen, and keys are not found by organization.
    organization: (id) => {
      caches.keys.clear();
      yielded(caches.credit.yieldOrganization(id));
    },
    // Another gateway is short of this organization's credit.
    lease: (id) => yielded(caches.credit.yieldOrganization(id)),
    catalog: refreshCatalog,
    switch: refreshSwitches,
  };
  const subscription = await parts.db.subscribe({
    onNotice: ({ topic, id }) => effects[topic](id),
    onLost: () => {
      caches.keys.setTrusted(false);
      parts.log.warn('notices.lost');
    },
    onRestored: () => {
      caches.keys.setTrusted(true);
      parts.log.info('notices.restored');
      refreshCatalog();
      refreshSwitches();
    },
  });
  const timers = [setInterval(refreshCatalog, CATALOG_REFRESH_MS), setInterval(refreshSwitches, SWITCH_REFRESH_MS)];
  return async () => {
    for (const timer of timers) clearInterval(timer);
    await subscription.close();
  };
}
