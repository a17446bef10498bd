import { type Nanodollars, nanodollars } from '@bourse/money';
import type { ApiKeyUsage } from '../contract.ts';
import type { Queryable } from '../ledger/post.ts';

interface UsageRow {
  readonly id: string;
  readonly total: string;
  readonly daily: string;
  readonly weekly: string;
  readonly monthly: string;
  readonly window_used: string;
  readonly window_held: string;
  readonly remaining: string | null;
  readonly as_of: Date;
}

function amount(text: string): Nanodollars {
  return nanodollars(BigInt(text));
}

/**
 * From the key windows, one row per key and day, so it costs the same for a key with ten generations and one with ten million.
 * Days, weeks and months are UTC by the database clock.
 */
export async function keyUsages(
  sql: Queryable,
  apiKeyIds: readonly string[],
): Promise<ReadonlyMap<string, ApiKeyUsage>> {
  const { rows } = await sql.query<UsageRow>({
    name: 'bourse_key_usage',
    text: `
      WITH t AS MATERIALIZED (SELECT at, (at AT TIME ZONE 'UTC')::date AS day FROM clock_timestamp() AS at)
      SELECT i.id, coalesce(sum(w.used_nanodollars), 0) AS total,
             coalesce(sum(w.used_nanodollars) FILTER (WHERE w.window_start >= bourse_window_from('daily', t.day)), 0) AS daily,
             coalesce(sum(w.used_nanodollars) FILTER (WHERE w.window_start >= bourse_window_from('weekly', t.day)), 0) AS weekly,
             coalesce(sum(w.used_nanodollars) FILTER (WHERE w.window_start >= bourse_window_from('monthly', t.day)), 0) AS monthly,
             coalesce(sum(w.used_nanodollars) FILTER (WHERE w.window_start >= bourse_window_from(k.limit_reset, t.day)), 0) AS window_used,
             coalesce(sum(w.held_nanodollars) FILTER (WHERE w.window_start >= bourse_window_from(k.limit_reset, t.day)), 0) - l.rest AS window_held,
             greatest(k.limit_nanodollars + l.rest - coalesce(sum(w.used_nanodollars + w.held_nanodollars)
               FILTER (WHERE w.window_start >= bourse_window_from(k.limit_reset, t.day)), 0),
               CASE WHEN k.limit_nanodollars IS NOT NULL THEN 0 END) AS remaining, t.at AS as_of
        FROM unnest($1::text[]) AS i (id)
        CROSS JOIN t
        LEFT JOIN api_key k ON k.id = i.id
        LEFT JOIN key_window w ON w.api_key_id = i.id
        -- What a gateway leases and has not spent is as good as there: it comes home when it is needed.
        CROSS JOIN LATERAL (
          SELECT coalesce(sum(l.amount_nanodollars - l.used_nanodollars), 0) AS rest FROM lease l
           WHERE l.account_id = 'org:' || k.organization_id || ':credits' AND l.state = 'open' AND l.api_key_id = i.id
             AND l.window_start >= bourse_window_from(k.limit_reset, t.day)) l
       GROUP BY i.id, k.limit_nanodollars, k.limit_reset, t.at, l.rest`,
    values: [apiKeyIds],
  });
  return new Map(
    rows.map((row) => [
      row.id,
      {
        total: amount(row.total),
        daily: amount(row.daily),
        weekly: amount(row.weekly),
        monthly: amount(row.monthly),
        window: { used: amount(row.window_used), held: amount(row.window_held) },
        asOf: row.as_of,
        limitRemaining: row.remaining === null ? null : amount(row.remaining),
      },
    ]),
  );
}
