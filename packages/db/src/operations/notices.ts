import type { Pool } from 'pg';
import type { NoticeStore, OperatorNotice } from '../contract/operations.ts';
import { withDatabaseErrors } from '../database-error.ts';

interface NoticeRow {
  readonly key: string;
  readonly kind: OperatorNotice['kind'];
  readonly subject: string;
  readonly detail: string;
  readonly times: number;
  readonly raised_at: Date;
  readonly seen_at: Date;
  readonly cleared_at: Date | null;
}

const DETAIL_MAX = 500;

/** The mail is queued by the same statement, once for each time that the notice is raised anew: its key has the moment in it. */
const RAISE = `
  WITH noticed AS (
    INSERT INTO operator_notice AS n (key, kind, subject, detail) VALUES ($1, $2, $3, $4)
      ON CONFLICT (key) DO UPDATE
        SET detail = excluded.detail, times = n.times + 1, seen_at = clock_timestamp(), cleared_at = NULL,
            raised_at = CASE WHEN n.cleared_at IS NULL THEN n.raised_at ELSE clock_timestamp() END
    RETURNING key, subject, detail, raised_at
  )
  INSERT INTO outbox (topic, key, body)
    SELECT 'operator.notice', format('operator.notice:%s:%s', key, extract(epoch FROM raised_at)),
           jsonb_build_object('subject', subject, 'detail', detail)
      FROM noticed
    ON CONFLICT (key) DO NOTHING`;

/** What operators should look at: see `NoticeStore`. */
export function createNoticeStore(pool: Pool): NoticeStore {
  return withDatabaseErrors<NoticeStore>({
    async raise({ key, kind, subject, detail }) {
      await pool.query(RAISE, [key, kind, subject, detail.slice(0, DETAIL_MAX)]);
    },
    async clear(key) {
      await pool.query(
        'UPDATE operator_notice SET cleared_at = clock_timestamp() WHERE key = $1 AND cleared_at IS NULL',
        [key],
      );
    },
    async list({ limit }) {
      const { rows } = await pool.query<NoticeRow>(
        'SELECT * FROM operator_notice ORDER BY cleared_at IS NOT NULL, raised_at DESC LIMIT $1',
        [limit],
      );
      return rows.map(({ raised_at: raisedAt, seen_at: seenAt, cleared_at: clearedAt, ...row }) => {
        return { ...row, raisedAt, seenAt, clearedAt };
      });
    },
  });
}
