import type { Pool, PoolClient } from 'pg';
import type { JobStore, LockedRun } from '../contract/jobs.ts';
import { databaseError } from '../database-error.ts';

/** Keeps our numbers apart from those that migrations lock: advisory locks of two integers never meet those of one. */
const NAMESPACE = 1_112_494_674;

async function lock(pool: Pool, name: string): Promise<PoolClient | null> {
  const client = await pool.connect();
  try {
    const { rows } = await client.query<{ locked: boolean }>(
      'SELECT pg_try_advisory_lock($1::integer, hashtext($2)) AS locked',
      [NAMESPACE, name],
    );
    if (rows[0]?.locked === true) return client;
    client.release();
    return null;
  } catch (error) {
    client.release(true);
    throw error;
  }
}

/** A connection that cannot be asked to unlock is closed, which unlocks as well. */
async function unlock(client: PoolClient, name: string): Promise<void> {
  try {
    await client.query('SELECT pg_advisory_unlock($1::integer, hashtext($2))', [NAMESPACE, name]);
    client.release();
  } catch {
    client.release(true);
  }
}

/** Locks belong to a connection: each takes one of the pool's for as long as its run lasts. */
export function createJobStore(pool: Pool): JobStore {
  return {
    async tryLock<Result>(name: string, run: () => Promise<Result>): Promise<LockedRun<Result>> {
      const client = await lock(pool, name).catch((error: unknown) => {
        throw databaseError(error);
      });
      if (client === null) return { kind: 'busy' };
      try {
        return { kind: 'ran', result: await run() };
      } finally {
        await unlock(client, name);
      }
    },
  };
}
