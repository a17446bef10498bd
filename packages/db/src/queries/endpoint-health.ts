import { percentilesOfBins } from '@bourse/routing';
import type { Pool } from 'pg';
import type { EndpointHealthHour, EndpointHealthStore } from '../contract/endpoint-health.ts';
import { withDatabaseErrors } from '../database-error.ts';

const DAYS_MAX = 31;
const DAY_MS = 86_400_000;

interface HourRow {
  readonly endpoint_id: string;
  readonly hour_at: Date;
  readonly ok: string;
  readonly failed: string;
  readonly tool_answers: string;
  readonly broken_tool_answers: string;
  readonly latency_bins: Readonly<Record<string, number>>;
  readonly speed_bins: Readonly<Record<string, number>>;
}

/** Rows are taken in one order by every gateway, so that two never wait for each other. */
const ADD = `
  INSERT INTO endpoint_health_hour AS h
      (endpoint_id, hour_at, ok, failed, tool_answers, broken_tool_answers, latency_bins, speed_bins)
    SELECT d."endpointId", date_trunc('hour', clock_timestamp(), 'UTC'), d.ok, d.failed, d."toolAnswers",
           d."brokenToolAnswers", d."latencyMs", d."tokensPerSecond"
      FROM jsonb_to_recordset($1::jsonb) AS d("endpointId" text, ok bigint, failed bigint, "toolAnswers" bigint,
           "brokenToolAnswers" bigint, "latencyMs" jsonb, "tokensPerSecond" jsonb)
     ORDER BY 1
    ON CONFLICT (endpoint_id, hour_at) DO UPDATE
      SET ok = h.ok + excluded.ok, failed = h.failed + excluded.failed,
          tool_answers = h.tool_answers + excluded.tool_answers,
          broken_tool_answers = h.broken_tool_answers + excluded.broken_tool_answers,
          latency_bins = bourse_add_bins(h.latency_bins, excluded.latency_bins),
          speed_bins = bourse_add_bins(h.speed_bins, excluded.speed_bins)`;

function hourOf(row: HourRow): EndpointHealthHour {
  const ok = Number(row.ok);
  const failed = Number(row.failed);
  const toolAnswers = Number(row.tool_answers);
  return {
    endpointId: row.endpoint_id,
    hourAt: row.hour_at,
    ok,
    failed,
    uptime: ok + failed === 0 ? null : ok / (ok + failed),
    latencyMs: percentilesOfBins(row.latency_bins),
    tokensPerSecond: percentilesOfBins(row.speed_bins),
    toolAnswers,
    toolErrorRate: toolAnswers === 0 ? null : Number(row.broken_tool_answers) / toolAnswers,
  };
}

/** The history of endpoints' health: see `EndpointHealthStore`. */
export function createEndpointHealthStore(pool: Pool): EndpointHealthStore {
  return withDatabaseErrors<EndpointHealthStore>({
    async add(deltas) {
      if (deltas.length > 0) await pool.query(ADD, [JSON.stringify(deltas)]);
    },
    async hours({ endpointIds, from, to }) {
      const earliest = new Date(Math.max(from.getTime(), to.getTime() - DAYS_MAX * DAY_MS));
      const { rows } = await pool.query<HourRow>(
        `SELECT * FROM endpoint_health_hour WHERE endpoint_id = ANY($1) AND hour_at >= $2 AND hour_at < $3
          ORDER BY hour_at, endpoint_id`,
        [endpointIds, earliest, to],
      );
      return rows.map(hourOf);
    },
    async attempts(withinHours) {
      const { rows } = await pool.query<Pick<HourRow, 'endpoint_id' | 'hour_at' | 'ok' | 'failed'>>(
        `SELECT endpoint_id, hour_at, ok, failed FROM endpoint_health_hour
          WHERE hour_at > clock_timestamp() - $1 * interval '1 hour'`,
        [withinHours],
      );
      return rows.map((row) => ({
        endpointId: row.endpoint_id,
        hourAt: row.hour_at,
        ok: Number(row.ok),
        failed: Number(row.failed),
      }));
    },
    async prune({ forMs }) {
      const { rowCount } = await pool.query(
        `DELETE FROM endpoint_health_hour WHERE hour_at < clock_timestamp() - $1 * interval '1 millisecond'`,
        [forMs],
      );
      return rowCount ?? 0;
    },
  });
}
