import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';

/** The number that `prisma migrate` locks as well, so that the two never run at once. */
const MIGRATION_LOCK = 72_707_369;

/** The layout that `prisma migrate` expects and would create. */
const HISTORY_TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum VARCHAR(64) NOT NULL,
  finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL,
  logs TEXT,
  rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  applied_steps_count INTEGER NOT NULL DEFAULT 0
)`;

/** Where to migrate and from what. */
export interface MigrateOptions {
  readonly url: string;
  /** `prisma/migrations` of the repository by default. */
  readonly directory?: string;
}

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

interface HistoryRow {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished_at: Date | null;
  readonly logs: string | null;
}

/** The repository's migrations. */
export function migrationsDirectory(): string {
  return join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'prisma', 'migrations');
}

async function readMigrations(directory: string): Promise<readonly Migration[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const bytes = await readFile(join(directory, name, 'migration.sql'));
      return { name, sql: bytes.toString('utf8'), checksum: createHash('sha256').update(bytes).digest('hex') };
    }),
  );
}

function assertAgreement(migrations: readonly Migration[], history: readonly HistoryRow[]): void {
  const checksums = new Map(migrations.map(({ name, checksum }) => [name, checksum]));
  for (const row of history) {
    if (row.finished_at === null) {
      throw new Error(
        `Migration ${row.migration_name} failed earlier and must be resolved first. ${row.logs ?? ''}`.trim(),
      );
    }
    const checksum = checksums.get(row.migration_name);
    if (checksum !== undefined && checksum !== row.checksum) {
      throw new Error(`Migration ${row.migration_name} was changed after it had been applied to this database.`);
    }
  }
}

/** The file is one simple query: a script may hold functions with `;` inside, and either all of it happens or nothing. */
async function apply(client: Client, migration: Migration): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(migration.sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, clock_timestamp(), 1)`,
      [randomUUID(), migration.checksum, migration.name],
    );
    await client.query('COMMIT');
  } catch (cause) {
    await client.query('ROLLBACK');
    throw new Error(`Migration ${migration.name} failed: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

/**
 * Brings the database up to the repository's migrations and answers the names of those applied now. Every app calls it at its start:
 * the first one does the work under an advisory lock, the others wait. A database that is ahead of this code is left alone.
 * Throws an Error with a sentence for people when a migration was changed, failed earlier, or fails now.
 */
export async function migrate(options: MigrateOptions): Promise<readonly string[]> {
  const migrations = await readMigrations(options.directory ?? migrationsDirectory());
  const client = new Client({ connectionString: options.url, application_name: 'bourse-migrate' });
  // A server that goes away between two statements is reported by the next one; unhandled, it would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query("SET client_min_messages = warning; SET lock_timeout = '5min'");
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await client.query(HISTORY_TABLE);
    const { rows } = await client.query<HistoryRow>(
      'SELECT migration_name, checksum, finished_at, logs FROM _prisma_migrations WHERE rolled_back_at IS NULL',
    );
    assertAgreement(migrations, rows);
    const applied = new Set(rows.map((row) => row.migration_name));
    const pending = migrations.filter(({ name }) => !applied.has(name));
    for (const migration of pending) await apply(client, migration);
    return pending.map(({ name }) => name);
  } finally {
    await client.end(); // also gives the lock back
  }
}
