import { AppError } from '@bourse/errors';
import type { QueryConfig } from 'pg';
import { type Connection, openConnection } from './connection.ts';
import type { Database, DatabaseOptions } from './contract.ts';
import { withDatabaseErrors } from './database-error.ts';
import { createIdempotencyStore } from './idempotency/store.ts';
import { createIdentityStore } from './identity/store.ts';
import { createApiKeyStore } from './keys/store.ts';
import { createLeaseStore } from './ledger/lease-store.ts';
import { createLedgerStore } from './ledger/store.ts';
import { createLimitStore } from './limits/store.ts';
import { createNoticeStore } from './operations/notices.ts';
import { createOutboxStore } from './operations/outbox.ts';
import { createReconciliationStore } from './operations/reconciliations.ts';
import { createSwitchStore } from './operations/switches.ts';
import { createOrganizationStore } from './organizations/store.ts';
import { createAppStore } from './queries/apps.ts';
import { createCatalogStore } from './queries/catalog.ts';
import { createCatalogHistoryStore } from './queries/catalog-history.ts';
import { createCatalogProposalStore } from './queries/catalog-proposals.ts';
import { createEndpointHealthStore } from './queries/endpoint-health.ts';
import { createGenerationStore } from './queries/generations.ts';
import { createJobStore } from './queries/jobs.ts';
import { createPaymentStore } from './queries/payments.ts';
import { createRankingStore } from './queries/rankings.ts';
import { subscribe } from './subscribe.ts';

const PING_TIMEOUT_MS = 2_000;
/** With a time of its own (which pg knows and its types do not): a question without an answer must not keep its connection for long. */
const PING: QueryConfig & { readonly query_timeout: number } = { text: 'SELECT 1', query_timeout: PING_TIMEOUT_MS };

async function ping({ pool }: Connection): Promise<void> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new AppError('service_unavailable', 'The database does not answer.')),
    PING_TIMEOUT_MS,
  );
  try {
    await Promise.race([pool.query(PING), timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** Opens the database: pools for everything and for money, and every store. Connects when the first query comes. */
export function openDatabase(options: DatabaseOptions): Database {
  const connection = openConnection(options);
  const now = () => new Date();
  return {
    ledger: createLedgerStore(connection.moneyPool, connection.pool),
    leases: withDatabaseErrors(createLeaseStore(connection.moneyPool)),
    keys: withDatabaseErrors(createApiKeyStore(connection, now)),
    limits: withDatabaseErrors(createLimitStore(connection.pool)),
    organizations: withDatabaseErrors(createOrganizationStore(connection)),
    generations: createGenerationStore(connection),
    catalog: createCatalogStore(connection),
    catalogHistory: createCatalogHistoryStore(connection.pool),
    catalogProposals: createCatalogProposalStore(connection.pool),
    apps: createAppStore(connection),
    rankings: createRankingStore(connection),
    endpointHealth: createEndpointHealthStore(connection.pool),
    payments: createPaymentStore(connection),
    idempotency: createIdempotencyStore(connection.pool),
    identity: withDatabaseErrors(createIdentityStore(connection)),
    health: withDatabaseErrors({ ping: () => ping(connection) }),
    jobs: createJobStore(connection.pool),
    switches: createSwitchStore(connection.pool),
    reconciliations: createReconciliationStore(connection.pool),
    outbox: createOutboxStore(connection.pool),
    notices: createNoticeStore(connection.pool),
    subscribe: (listener) => subscribe(options, listener),
    close: () => connection.close(),
  };
}
