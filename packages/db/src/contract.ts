import type { ApiKeyStore } from './contract/access.ts';
import type { CatalogHistoryStore, CatalogProposalStore } from './contract/catalog-history.ts';
import type { EndpointHealthStore } from './contract/endpoint-health.ts';
import type { GenerationStore } from './contract/generation.ts';
import type { IdempotencyStore } from './contract/idempotency.ts';
import type { IdentityStore, OrganizationStore } from './contract/identity.ts';
import type { JobStore } from './contract/jobs.ts';
import type { LeaseStore } from './contract/leases.ts';
import type { LedgerStore } from './contract/ledger.ts';
import type { LimitStore } from './contract/limits.ts';
import type { AppStore, CatalogStore, RankingStore } from './contract/market.ts';
import type { NoticeListener, Subscription } from './contract/notices.ts';
import type { NoticeStore, OutboxStore, ReconciliationStore, SwitchStore } from './contract/operations.ts';
import type { PaymentStore } from './contract/payments.ts';

export type * from './contract/access.ts';
export type * from './contract/catalog-history.ts';
export type * from './contract/endpoint-health.ts';
export type * from './contract/generation.ts';
export type * from './contract/idempotency.ts';
export type * from './contract/identity.ts';
export type * from './contract/jobs.ts';
export type * from './contract/leases.ts';
export type * from './contract/ledger.ts';
export type * from './contract/limits.ts';
export type * from './contract/market.ts';
export type * from './contract/notices.ts';
export type * from './contract/operations.ts';
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
  /** How long a query may run that is no money call; 30 seconds by default. Whoever answers in real time wants less. */
  readonly queryTimeoutMs?: number;
}

/** Every query of the system, one store per aggregate. Opening connects to nothing; the first query does. */
export interface Database {
  readonly ledger: LedgerStore;
  readonly leases: LeaseStore;
  readonly keys: ApiKeyStore;
  readonly limits: LimitStore;
  readonly organizations: OrganizationStore;
  readonly generations: GenerationStore;
  readonly catalog: CatalogStore;
  readonly catalogHistory: CatalogHistoryStore;
  readonly catalogProposals: CatalogProposalStore;
  readonly apps: AppStore;
  readonly rankings: RankingStore;
  readonly endpointHealth: EndpointHealthStore;
  readonly payments: PaymentStore;
  readonly identity: IdentityStore;
  readonly idempotency: IdempotencyStore;
  readonly jobs: JobStore;
  readonly switches: SwitchStore;
  readonly reconciliations: ReconciliationStore;
  readonly outbox: OutboxStore;
  readonly notices: NoticeStore;
  readonly health: {
    /** Resolves when the database answers within 2 s, rejects with AppError('service_unavailable') otherwise. */
    ping(): Promise<void>;
  };
  /**
   * Push invalidation over a connection of its own, which reconnects by itself and says when notices stop and when they come again.
   * Resolves when listening for the first time; rejects when the database cannot be reached then.
   */
  subscribe(listener: NoticeListener): Promise<Subscription>;
  /** Lets running queries end, then closes every connection. */
  close(): Promise<void>;
}
