import type { Pool } from 'pg';
import type { LimitStore, OrganizationLimits } from '../contract/limits.ts';

interface LimitsRow {
  readonly requests_per_minute: number | null;
  readonly tokens_per_minute: number | null;
  readonly streams: number | null;
  readonly free_requests_per_minute: number | null;
  readonly free_requests_per_day: number | null;
}

/** Of a row that may come from an outer join, or not at all. */
export function organizationLimits(row: Partial<LimitsRow> | undefined): OrganizationLimits {
  return {
    requestsPerMinute: row?.requests_per_minute ?? null,
    tokensPerMinute: row?.tokens_per_minute ?? null,
    streams: row?.streams ?? null,
    freeRequestsPerMinute: row?.free_requests_per_minute ?? null,
    freeRequestsPerDay: row?.free_requests_per_day ?? null,
  };
}

const COLUMNS = 'requests_per_minute, tokens_per_minute, streams, free_requests_per_minute, free_requests_per_day';

const CHANGE = `
  INSERT INTO organization_limit AS l (organization_id, ${COLUMNS}, actor, reason)
    SELECT id, $2::integer, $3::integer, $4::integer, $5::integer, $6::integer, $7, $8 FROM organization WHERE id = $1
    ON CONFLICT (organization_id) DO UPDATE
      SET requests_per_minute = CASE WHEN 'requestsPerMinute' = ANY ($9::text[]) THEN $2 ELSE l.requests_per_minute END,
          tokens_per_minute = CASE WHEN 'tokensPerMinute' = ANY ($9) THEN $3 ELSE l.tokens_per_minute END,
          streams = CASE WHEN 'streams' = ANY ($9) THEN $4 ELSE l.streams END,
          free_requests_per_minute = CASE WHEN 'freeRequestsPerMinute' = ANY ($9) THEN $5 ELSE l.free_requests_per_minute END,
          free_requests_per_day = CASE WHEN 'freeRequestsPerDay' = ANY ($9) THEN $6 ELSE l.free_requests_per_day END,
          actor = $7, reason = $8, changed_at = now()
    RETURNING ${COLUMNS}`;

/** Limits of organizations, and rates of rare deeds. */
export function createLimitStore(pool: Pool): LimitStore {
  return {
    async organization(organizationId) {
      const { rows } = await pool.query<LimitsRow>(
        `SELECT ${COLUMNS} FROM organization_limit WHERE organization_id = $1`,
        [organizationId],
      );
      return organizationLimits(rows[0]);
    },
    async changeOrganization({ organizationId, limits, actor, reason }) {
      const { rows } = await pool.query<LimitsRow>(CHANGE, [
        organizationId,
        limits.requestsPerMinute ?? null,
        limits.tokensPerMinute ?? null,
        limits.streams ?? null,
        limits.freeRequestsPerMinute ?? null,
        limits.freeRequestsPerDay ?? null,
        actor,
        reason,
        Object.keys(limits),
      ]);
      return rows[0] === undefined ? null : organizationLimits(rows[0]);
    },
    async take(name, { intervalUs, burst }) {
      const { rows } = await pool.query<{ wait: string }>('SELECT bourse_take_rate($1, $2, $3) AS wait', [
        name,
        intervalUs,
        burst,
      ]);
      return Number(rows[0]?.wait ?? 0);
    },
    async prune(limit) {
      const { rowCount } = await pool.query(
        `DELETE FROM action_rate WHERE name IN (
           SELECT name FROM action_rate WHERE tat < now() - interval '1 hour' LIMIT $1 FOR UPDATE SKIP LOCKED)`,
        [limit],
      );
      return rowCount ?? 0;
    },
  };
}
