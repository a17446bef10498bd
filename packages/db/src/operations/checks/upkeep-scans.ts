import type { Scan } from './promises.ts';

/** What workers and gateways should have done by now. Cheap: open rows only. */
const upkeep: Scan = {
  about: ['outbox', 'spools', 'overdue'],
  sql: `
    SELECT 'outbox', format('message %s (%s), queued at %s, tried %s times: %s', id, key, created_at, attempts, coalesce(last_error, 'no error'))
      FROM outbox WHERE done_at IS NULL AND created_at < clock_timestamp() - interval '1 minute'
    UNION ALL
    SELECT 'spools', format('gateway %s on %s, seen at %s: %s charges, the oldest of %s s', id, host, seen_at, spool_pending, spool_oldest_ms / 1000)
      FROM gateway
     WHERE stopped_at IS NULL AND CASE WHEN seen_at < clock_timestamp() - interval '2 minutes' THEN spool_pending > 0
                                       ELSE spool_pending > 0 AND spool_oldest_ms > 60000 END
    UNION ALL
    SELECT 'overdue', format('hold %s expired at %s', id, expires_at) FROM hold
     WHERE state = 'held' AND expires_at < clock_timestamp() - interval '1 minute'
    UNION ALL
    SELECT 'overdue', format('lease %s ended at %s', id, expires_at) FROM lease
     WHERE state = 'open' AND expires_at < clock_timestamp() - interval '1 minute'`,
};

/**
 * Our costs, those of attempts that failed included, beside what providers say, per provider, UTC day and model, where an invoice has come. Invoices are in cents, so a cent is always
 * allowed. An invoice with models must have all of those that we used.
 */
const invoices: Scan = {
  about: ['invoices'],
  sql: `
    WITH day AS (
      SELECT provider_slug, day, bool_or(model_slug = '*') AS is_whole FROM provider_invoice GROUP BY 1, 2
    ), used AS (
      SELECT provider_slug, model_slug, created_at, cost_nanodollars AS cost, flags && '{estimated,cost_estimated}' AS is_estimated
        FROM generation WHERE cost_nanodollars <> 0
      UNION ALL
      SELECT a ->> 'providerSlug', a ->> 'modelSlug', g.created_at, (a ->> 'costNanodollars')::bigint, true
        FROM generation g CROSS JOIN LATERAL jsonb_array_elements(g.attempts) a
       WHERE 'attempts_insured' = ANY (g.flags) AND a ? 'costNanodollars'
    ), ours AS (
      SELECT d.provider_slug, d.day, CASE WHEN d.is_whole THEN '*' ELSE g.model_slug END AS model_slug, sum(g.cost) AS cost,
             coalesce(sum(g.cost) FILTER (WHERE g.is_estimated), 0) AS estimated
        FROM day d
        JOIN used g ON g.provider_slug = d.provider_slug
         AND g.created_at >= d.day::timestamp AT TIME ZONE 'UTC' AND g.created_at < (d.day + 1)::timestamp AT TIME ZONE 'UTC'
       GROUP BY 1, 2, 3
    ), invoice AS (
      SELECT i.provider_slug, i.day, CASE WHEN d.is_whole THEN '*' ELSE i.model_slug END AS model_slug, sum(i.cost_nanodollars) AS cost
        FROM provider_invoice i JOIN day d USING (provider_slug, day) GROUP BY 1, 2, 3
    )
    SELECT 'invoices', format('%s on %s, %s: we count %s, the invoice says %s', coalesce(o.provider_slug, i.provider_slug), coalesce(o.day, i.day),
                              coalesce(o.model_slug, i.model_slug), coalesce(o.cost, 0), coalesce(i.cost, 0))
      FROM ours o FULL JOIN invoice i USING (provider_slug, day, model_slug)
     WHERE abs(coalesce(o.cost, 0) - coalesce(i.cost, 0)) > greatest(coalesce(i.cost, 0) * 0.005, 10000000)
    UNION ALL
    SELECT 'invoices', format('%s on %s: %s of %s are estimates', provider_slug, day, sum(estimated), sum(cost))
      FROM ours GROUP BY provider_slug, day HAVING sum(estimated) > sum(cost) * 0.005`,
};

/** What has nothing to do with the sums of the books. */
export const upkeepScans: readonly Scan[] = [upkeep, invoices];
