import { type Database, openDatabase } from '@bourse/db';

/** Every query here is one that a client waits for: when the database is silent, it shall be told so before it gives up by itself. */
const QUERY_TIMEOUT_MS = 4_000;

/** The database as a gateway opens it. `name` is shown in `pg_stat_activity`. */
export function openGatewayDatabase(url: string, name = 'bourse-gateway'): Database {
  return openDatabase({ url, applicationName: name, queryTimeoutMs: QUERY_TIMEOUT_MS });
}
