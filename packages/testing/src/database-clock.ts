import type { SqlClient } from './sql-client.ts';

/**
 * Replaces `clock_timestamp()` for whoever connects to this database from now on by one that stands still until it is set: a function of
 * that name in a schema that is looked into before PostgreSQL's own. Answers how to set it.
 */
export async function stopDatabaseClock(sql: SqlClient): Promise<(at: string) => Promise<void>> {
  await sql.query(`
    CREATE SCHEMA stopped;
    CREATE TABLE stopped.clock (at timestamptz NOT NULL);
    INSERT INTO stopped.clock VALUES (now());
    CREATE FUNCTION stopped.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT at FROM stopped.clock';
    DO $$ BEGIN
      EXECUTE format('ALTER DATABASE %I SET search_path = stopped, public, pg_catalog', current_database());
    END $$`);
  return async (at) => {
    await sql.query('UPDATE stopped.clock SET at = $1', [at]);
  };
}
