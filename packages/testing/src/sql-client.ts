import { Client } from 'pg';

/** A connection for plain SQL. */
export type SqlClient = Client;

/** Plain SQL for what no store offers: looking behind the curtain, and breaking things. To be ended by the caller. */
export async function openSqlClient(databaseUrl: string): Promise<SqlClient> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  return client;
}
