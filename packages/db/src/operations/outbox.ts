import type { Pool } from 'pg';
import type { OutboxBodies, OutboxMessage, OutboxStore, OutboxTopic } from '../contract/operations.ts';
import { withDatabaseErrors } from '../database-error.ts';
import type { Queryable } from '../ledger/post.ts';

interface OutboxRow {
  readonly id: string;
  readonly topic: OutboxTopic;
  readonly key: string;
  readonly body: OutboxBodies[OutboxTopic];
  readonly attempts: number;
}

const ERROR_MAX = 500;

/** Queues a message within whatever transaction `sql` is in; nothing happens when its key was queued before. */
export async function enqueue<Topic extends OutboxTopic>(
  sql: Queryable,
  message: { readonly topic: Topic; readonly key: string; readonly body: OutboxBodies[Topic] },
): Promise<void> {
  await sql.query('INSERT INTO outbox (topic, key, body) VALUES ($1, $2, $3) ON CONFLICT (key) DO NOTHING', [
    message.topic,
    message.key,
    JSON.stringify(message.body),
  ]);
}

function messageOf({ id, attempts, ...row }: OutboxRow): OutboxMessage {
  return { ...row, id: BigInt(id), attempt: attempts } as OutboxMessage; // validated seam: topics and bodies are written together, by `enqueue`
}

/** A claim is a later due time: when its worker dies, the message comes back by itself. */
const CLAIM = `
  UPDATE outbox o
     SET claimed_at = clock_timestamp(), due_at = clock_timestamp() + $2 * interval '1 millisecond', attempts = o.attempts + 1
    FROM (SELECT id FROM outbox WHERE done_at IS NULL AND due_at <= clock_timestamp() AND attempts < $3
           ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED) c
   WHERE o.id = c.id
  RETURNING o.id, o.topic, o.key, o.body, o.attempts`;

/**
 * One pass over the balances. The update is guarded by what was read, so of two workers at it one crosses; the notice is queued by the
 * same statement, so there is never one without the other.
 */
const LOW_BALANCES = `
  WITH seen AS MATERIALIZED (
    SELECT a.organization_id, a.posted_nanodollars AS posted, coalesce(b.threshold_nanodollars, $1) AS threshold,
           coalesce(b.is_armed, false) AS is_armed
      FROM ledger_account a LEFT JOIN low_balance b ON b.organization_id = a.organization_id
     WHERE a.organization_id IS NOT NULL
       AND coalesce(b.is_armed, false) = (a.posted_nanodollars < coalesce(b.threshold_nanodollars, $1))
  ), armed AS (
    INSERT INTO low_balance AS b (organization_id, is_armed)
      SELECT s.organization_id, true FROM seen s WHERE NOT s.is_armed AND s.threshold > 0 ORDER BY 1
      ON CONFLICT (organization_id) DO UPDATE SET is_armed = true, changed_at = clock_timestamp() WHERE NOT b.is_armed
  ), crossed AS (
    UPDATE low_balance b SET is_armed = false, crossings = b.crossings + 1, changed_at = clock_timestamp()
      FROM seen s WHERE s.is_armed AND b.organization_id = s.organization_id AND b.is_armed
    RETURNING b.organization_id, b.crossings, s.posted, s.threshold
  )
  INSERT INTO outbox (topic, key, body)
    SELECT 'balance.low', format('balance.low:%s:%s', c.organization_id, c.crossings),
           jsonb_build_object('organizationId', c.organization_id, 'posted', c.posted::text, 'threshold', c.threshold::text)
      FROM crossed c
    ON CONFLICT (key) DO NOTHING`;

/** Messages to the outside world: see `OutboxStore`. */
export function createOutboxStore(pool: Pool): OutboxStore {
  return withDatabaseErrors<OutboxStore>({
    async claim({ limit, claimMs, attemptsMax }) {
      const { rows } = await pool.query<OutboxRow>(CLAIM, [limit, claimMs, attemptsMax]);
      return rows.map(messageOf);
    },
    async done(id) {
      await pool.query('UPDATE outbox SET done_at = clock_timestamp(), last_error = NULL WHERE id = $1', [id]);
    },
    async failed({ id, error, retryAfterMs }) {
      await pool.query(
        `UPDATE outbox SET last_error = $2, due_at = clock_timestamp() + $3 * interval '1 millisecond' WHERE id = $1 AND done_at IS NULL`,
        [id, error.slice(0, ERROR_MAX), retryAfterMs],
      );
    },
    async prune({ doneForMs, limit }) {
      const { rowCount } = await pool.query(
        `DELETE FROM outbox WHERE id = ANY (ARRAY(
           SELECT id FROM outbox WHERE done_at < clock_timestamp() - $1 * interval '1 millisecond' LIMIT $2))`,
        [doneForMs, limit],
      );
      return rowCount ?? 0;
    },
    async queueLowBalances({ thresholdDefault }) {
      const { rowCount } = await pool.query(LOW_BALANCES, [thresholdDefault]);
      return rowCount ?? 0;
    },
  });
}
