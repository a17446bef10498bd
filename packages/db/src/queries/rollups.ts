import type { Pool, PoolClient } from 'pg';
import { inTransaction } from './transaction.ts';

/** One writer of rollups at a time in the whole cluster; the number is arbitrary and ours. */
const ROLLUP_LOCK = 720_412_001;
const WATERMARK = 'generations';
/** `recorded_at` is taken before its transaction commits, so a reader may see a later row before an earlier one. */
const OVERLAP = '2 minutes';

async function writeHours(client: PoolClient, hours: readonly Date[]): Promise<void> {
  if (hours.length === 0) return;
  await client.query('DELETE FROM rollup_hourly WHERE bucket_at = ANY ($1::timestamptz[])', [hours]);
  await client.query(
    `INSERT INTO rollup_hourly (bucket_at, model_slug, provider_slug, app_id, is_demo, requests, input_tokens, output_tokens,
                                reasoning_tokens, charge_nanodollars, errors)
     SELECT date_trunc('hour', created_at, 'UTC'), model_slug, coalesce(provider_slug, ''), coalesce(app_id, 0), is_demo, count(*),
            sum(input_tokens), sum(output_tokens), sum(reasoning_tokens), sum(charge_nanodollars),
            count(*) FILTER (WHERE "end" IN ('upstream_error', 'timeout', 'rejected'))
       FROM generation
      WHERE created_at >= (SELECT min(h) FROM unnest($1::timestamptz[]) h)
        AND created_at < (SELECT max(h) + interval '1 hour' FROM unnest($1::timestamptz[]) h)
        AND date_trunc('hour', created_at, 'UTC') = ANY ($1::timestamptz[])
      GROUP BY 1, 2, 3, 4, 5`,
    [hours],
  );
  await writeDays(client, hours);
}

async function writeDays(client: PoolClient, hours: readonly Date[]): Promise<void> {
  const days = `SELECT DISTINCT date_trunc('day', h, 'UTC') FROM unnest($1::timestamptz[]) h`;
  await client.query(`DELETE FROM rollup_daily WHERE bucket_at IN (${days})`, [hours]);
  await client.query(
    `INSERT INTO rollup_daily (bucket_at, model_slug, provider_slug, app_id, is_demo, requests, input_tokens, output_tokens,
                               reasoning_tokens, charge_nanodollars, errors)
     SELECT d.day, r.model_slug, r.provider_slug, r.app_id, r.is_demo, sum(r.requests), sum(r.input_tokens), sum(r.output_tokens),
            sum(r.reasoning_tokens), sum(r.charge_nanodollars), sum(r.errors)
       FROM (${days}) AS d (day) JOIN rollup_hourly r ON r.bucket_at >= d.day AND r.bucket_at < d.day + interval '24 hours'
      GROUP BY 1, 2, 3, 4, 5`,
    [hours],
  );
}

/**
 * Brings the rollups up to date with everything recorded since the watermark (or since `since`): the hours that those generations fall
 * into are counted again from scratch, so running it twice, or late, or after a crash, gives the same numbers.
 */
export function refreshRollups(pool: Pool, options: { readonly since?: Date }): Promise<{ readonly hours: number }> {
  return inTransaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [ROLLUP_LOCK]);
    const { rows } = await client.query<{ hours: Date[] | null }>(
      `WITH mark AS (
         SELECT coalesce($2::timestamptz, (SELECT watermark_at FROM rollup_state WHERE name = $1), '-infinity') - interval '${OVERLAP}' AS at)
       SELECT array_agg(DISTINCT date_trunc('hour', created_at, 'UTC')) AS hours
         FROM generation WHERE recorded_at > (SELECT at FROM mark)`,
      [WATERMARK, options.since ?? null],
    );
    const hours = rows[0]?.hours ?? [];
    await writeHours(client, hours);
    // The time of this transaction, not of the newest generation: else a quiet market counts its last busy minutes again for ever.
    await client.query(
      `INSERT INTO rollup_state (name, watermark_at) VALUES ($1, now())
       ON CONFLICT (name) DO UPDATE SET watermark_at = greatest(rollup_state.watermark_at, excluded.watermark_at)`,
      [WATERMARK],
    );
    return { hours: hours.length };
  });
}

/** Counts every hour and day that [from, to) touches again from the generations. Hours without generations end up empty. */
export function rebuildRollups(
  pool: Pool,
  range: { readonly from: Date; readonly to: Date },
): Promise<{ readonly hours: number }> {
  return inTransaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [ROLLUP_LOCK]);
    const { rows } = await client.query<{ hour: Date }>(
      `SELECT h AS hour FROM generate_series(date_trunc('hour', $1::timestamptz, 'UTC'), $2::timestamptz, interval '1 hour') h
        WHERE h < $2::timestamptz`,
      [range.from, range.to],
    );
    const hours = rows.map((row) => row.hour);
    await writeHours(client, hours);
    return { hours: hours.length };
  });
}
