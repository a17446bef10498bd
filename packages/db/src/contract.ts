import type { ApiKeyStore } from './contract/access.ts';
import type { GenerationStore } from './contract/generation.ts';
import type { IdempotencyStore } from './contract/idempotency.ts';
import type { IdentityStore, OrganizationStore } from './contract/identity.ts';
import type { JobStore } from './contract/jobs.ts';
import type { LedgerStore } from './contract/ledger.ts';
import type { AppStore, CatalogStore, RankingStore } from './contract/market.ts';
import type { PaymentStore } from './contract/payments.ts';

export type * from './contract/access.ts';
export type * from './contract/generation.ts';
export type * from './contract/idempotency.ts';
export type * from './contract/identity.ts';
export type * from './contract/jobs.ts';
export type * from './contract/ledger.ts';
export type * from './contract/market.ts';
export type * from './contract/page.ts';
export type * from './contract/payments.ts';

/** How to open the database. */
export interface DatabaseOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  /** Connections for everything but money; 10 by default. */
  readonly poolMax?: number;
  /** Connections for money calls; 6 by default. */
  readonly moneyPoolMax?: number;
}

/** Something changed that others may have cached. `id` is a key's hash, a catalog version, an organization id. */
export interface Notice {
  readonly topic: 'api_key' | 'catalog' | 'organization';
  readonly id: string;
}

/** Every query of the system, one store per aggregate. Opening connects to nothing; the first query does. */
export interface Database {
  readonly ledger: LedgerStore;
  readonly keys: ApiKeyStore;
  readonly organizations: OrganizationStore;
  readonly generations: GenerationStore;
  readonly catalog: CatalogStore;
  readonly apps: AppStore;
  readonly rankings: RankingStore;
  readonly payments: PaymentStore;
  readonly identity: IdentityStore;
  readonly idempotency: IdempotencyStore;
  readonly jobs: JobStore;
  readonly health: {
    /** Resolves when the database answers within 2 s, rejects with AppError('service_unavailable') otherwise. */
    ping(): Promise<void>;
  };
  /**
   * Push invalidation over a connection of its own, which reconnects by itself. `onReconnect` runs after every gap in which notices
   * may have been lost: drop everything that is cached. Resolves when listening for the first time.
   */
  subscribe(onNotice: (notice: Notice) => void, onReconnect: () => void): Promise<{ close(): Promise<void> }>;
  /** Lets running queries end, then closes every connection. */
  close(): Promise<void>;
}
