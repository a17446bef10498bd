import { PrismaPg } from '@prisma/adapter-pg';
import { Pool } from 'pg';
import type { DatabaseOptions } from './contract.ts';
import { PrismaClient } from './generated/client.ts';

const CONNECT_TIMEOUT_MS = 3_000;
/** A money call touches a few rows; one that takes longer waits for a lock that will not come. */
const MONEY_TIMEOUT_MS = 2_000;
const QUERY_TIMEOUT_MS = 30_000;
const ANSWER_MARGIN_MS = 1_000;

/** The three ways to the database: Prisma and plain SQL share one pool, money has its own so that no report can starve it. */
export interface Connection {
  readonly prisma: PrismaClient;
  readonly pool: Pool;
  readonly moneyPool: Pool;
  readonly options: DatabaseOptions;
  close(): Promise<void>;
}

function openPool(options: DatabaseOptions, size: number, timeoutMs: number): Pool {
  const pool = new Pool({
    connectionString: options.url,
    application_name: options.applicationName,
    max: size,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: timeoutMs,
    // When the answer never comes (a cut network), the server's own timeout cannot tell us.
    query_timeout: timeoutMs + ANSWER_MARGIN_MS,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
  });
  // An idle connection that breaks is replaced at the next use, which reports the failure if it lasts. Unhandled, it would end the process.
  pool.on('error', () => undefined);
  // The same for one that somebody holds between two statements (a job's lock, a transaction): its next statement reports the failure.
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
  });
  return pool;
}

/** Opens nothing yet: connections are made when they are needed. */
export function openConnection(options: DatabaseOptions): Connection {
  const pool = openPool(options, options.poolMax ?? 10, options.queryTimeoutMs ?? QUERY_TIMEOUT_MS);
  const moneyPool = openPool(options, options.moneyPoolMax ?? 6, MONEY_TIMEOUT_MS);
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  return {
    prisma,
    pool,
    moneyPool,
    options,
    close: async () => {
      await prisma.$disconnect();
      await Promise.all([pool.end(), moneyPool.end()]);
    },
  };
}
