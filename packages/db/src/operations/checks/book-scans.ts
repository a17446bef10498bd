import type { Scan } from './promises.ts';

// Scans of what the books derive. Each reads its tables once, joins by sets, and lets only broken rows reach the formatting, so that the time grows
// with the number of entries and what is right costs little.

/**
 * Entries beside their transactions beside the generations that caused them: the one pass over the ledger by transaction. Lines from 6 on of
 * a usage transaction are what attempts cost that failed.
 */
const transactions: Scan = {
  about: ['sum', 'whole', 'usage', 'losses'],
  isInOrder: true,
  sql: `
    SELECT v.promise, v.example
      FROM (
        SELECT e.id AS entries_id, t.id AS transaction_id, e.total, t.kind = 'usage' OR g.id IS NOT NULL AS is_usage,
               coalesce(t.reference, g.id) AS reference, e.charge, e.cost, g.charge AS recorded_charge, g.cost AS recorded_cost,
               t.idempotency_key, e.losses, g.losses AS recorded_losses
          FROM (SELECT transaction_id AS id, sum(amount_nanodollars) AS total,
                       -coalesce(sum(amount_nanodollars) FILTER (WHERE account_id LIKE 'org:%'), 0) AS charge,
                       coalesce(sum(amount_nanodollars) FILTER (WHERE account_id LIKE 'provider:%' AND line < 6), 0) AS cost,
                       coalesce(sum(amount_nanodollars) FILTER (WHERE account_id LIKE 'provider:%' AND line >= 6), 0) AS losses
                  FROM ledger_entry GROUP BY 1) e
          FULL JOIN ledger_transaction t ON t.id = e.id
          FULL JOIN (SELECT id, charge_nanodollars AS charge, cost_nanodollars AS cost,
                            CASE WHEN 'attempts_insured' = ANY (flags)
                                 THEN (SELECT coalesce(sum((a ->> 'costNanodollars')::bigint), 0) FROM jsonb_array_elements(attempts) a) ELSE 0 END AS losses
                       FROM generation
                      WHERE charge_nanodollars <> 0 OR cost_nanodollars <> 0 OR flags && '{clamped,attempts_insured}') g
            ON g.id = CASE t.kind WHEN 'usage' THEN t.reference END
         WHERE e.total <> 0 OR (e.id IS NULL) <> (t.id IS NULL)
            OR (t.kind = 'usage' OR g.id IS NOT NULL)
               AND (e.charge IS DISTINCT FROM g.charge OR e.cost IS DISTINCT FROM g.cost OR e.losses IS DISTINCT FROM g.losses
                    OR t.idempotency_key <> 'gen:' || t.reference)
        OFFSET 0) b
     CROSS JOIN LATERAL (VALUES
       ('sum', b.total <> 0, format('transaction %s sums to %s', b.entries_id, b.total)),
       ('whole', (b.entries_id IS NULL) <> (b.transaction_id IS NULL),
        CASE WHEN b.entries_id IS NULL THEN format('transaction %s has no entries', b.transaction_id)
             ELSE format('entries of a transaction %s that does not exist', b.entries_id) END),
       ('usage', b.is_usage AND (b.charge IS DISTINCT FROM b.recorded_charge OR b.cost IS DISTINCT FROM b.recorded_cost
                                 OR b.idempotency_key <> 'gen:' || b.reference),
        format('%s: charge %s and cost %s in the ledger, %s and %s in the generation', b.reference, b.charge, b.cost,
               b.recorded_charge, b.recorded_cost)),
       ('losses', b.is_usage AND b.losses IS DISTINCT FROM b.recorded_losses,
        format('%s: losses of %s in the ledger, its attempts say %s', b.reference, b.losses, b.recorded_losses))) AS v (promise, is_broken, example)
     WHERE v.is_broken`,
};

/** Entries by account, beside the accounts and what is open on them. The row of an organization's paid credit carries both of its accounts. */
const accounts: Scan = {
  about: ['posted', 'promo', 'held', 'floors', 'whole'],
  sql: `
    SELECT v.promise, v.example
      FROM (
        SELECT coalesce(a.id, e.id, o.id) AS id, a.id IS NOT NULL AS is_known, a.organization_id IS NOT NULL AS is_tenant,
               e.id IS NOT NULL AS has_entries, a.posted_nanodollars AS posted, a.held_nanodollars AS held, a.floor_nanodollars AS floor,
               a.promo_nanodollars AS promo, coalesce(e.amount, 0) AS entries, coalesce(e.promo, 0) AS promo_entries,
               coalesce(o.amount, 0) AS open
          FROM ledger_account a
          FULL JOIN (SELECT regexp_replace(s.id, '^(org:.*):promo$', '\\1:credits') AS id, sum(s.amount) AS amount,
                            sum(s.amount) FILTER (WHERE s.id LIKE 'org:%:promo') AS promo
                       FROM (SELECT account_id AS id, sum(amount_nanodollars) AS amount FROM ledger_entry GROUP BY 1) s GROUP BY 1) e
            ON e.id = a.id
          FULL JOIN (SELECT u.id, sum(u.amount) AS amount
                       FROM (SELECT account_id AS id, amount_nanodollars AS amount FROM hold WHERE state = 'held'
                             UNION ALL
                             SELECT account_id, amount_nanodollars - used_nanodollars FROM lease WHERE state = 'open') u GROUP BY 1) o
            ON o.id = coalesce(a.id, e.id)) b
     CROSS JOIN LATERAL (VALUES
       ('whole', b.has_entries AND NOT b.is_known, format('entries on the account %s that does not exist', b.id)),
       ('posted', b.is_known AND CASE WHEN b.is_tenant THEN b.posted <> b.entries ELSE b.posted <> 0 OR b.held <> 0 END,
        format('%s has %s posted, its entries sum to %s', b.id, b.posted, b.entries)),
       ('promo', b.is_known AND b.promo <> CASE WHEN b.is_tenant THEN b.promo_entries ELSE 0 END,
        format('%s has %s of promotional credit, its entries sum to %s', b.id, b.promo, b.promo_entries)),
       ('held', coalesce(b.held, 0) <> b.open, format('%s has %s held, its open holds and leases sum to %s', b.id, b.held, b.open)),
       ('floors', b.is_tenant AND b.posted - b.promo < b.floor
                  AND NOT EXISTS (SELECT 1 FROM ledger_entry e JOIN ledger_transaction t ON t.id = e.transaction_id
                                   WHERE e.account_id = b.id AND e.amount_nanodollars < 0 AND t.kind IN ('refund', 'adjustment')),
        format('%s has %s of paid credit, its floor is %s', b.id, b.posted - b.promo, b.floor))) AS v (promise, is_broken, example)
     WHERE v.is_broken`,
};

/** What leases paid, summed from the generations once, beside the leases and the key windows. */
const windows: Scan = {
  about: ['windows', 'leases'],
  sql: `
    WITH paid AS MATERIALIZED (
      SELECT lease_id, api_key_id, charged_on, sum(charge_nanodollars) AS charge FROM generation WHERE lease_id IS NOT NULL GROUP BY 1, 2, 3
    )
    SELECT 'windows', format('key %s on %s: used %s, held %s; its records say %s and %s', coalesce(w.api_key_id, r.api_key_id),
                             coalesce(w.window_start, r.day), w.used_nanodollars, w.held_nanodollars, coalesce(r.used, 0), coalesce(r.held, 0))
      FROM key_window w
      FULL JOIN (SELECT u.api_key_id, u.day, sum(u.used) AS used, sum(u.held) AS held
                   FROM (SELECT api_key_id, window_start AS day, sum(CASE state WHEN 'settled' THEN settled_nanodollars ELSE 0 END) AS used,
                                sum(CASE state WHEN 'held' THEN amount_nanodollars ELSE 0 END) AS held
                           FROM hold GROUP BY 1, 2
                         UNION ALL
                         SELECT api_key_id, charged_on, charge, 0 FROM paid
                         UNION ALL
                         SELECT api_key_id, window_start, 0, amount_nanodollars - used_nanodollars FROM lease
                          WHERE state = 'open' AND api_key_id IS NOT NULL) u
                  GROUP BY 1, 2) r
        ON r.api_key_id = w.api_key_id AND r.day = w.window_start
     WHERE coalesce(w.used_nanodollars, 0) <> coalesce(r.used, 0) OR coalesce(w.held_nanodollars, 0) <> coalesce(r.held, 0)
    UNION ALL
    SELECT 'leases', format('lease %s is %s: used %s of %s, its generations sum to %s', coalesce(l.id, g.lease_id), l.state,
                            l.used_nanodollars, l.amount_nanodollars, coalesce(g.charge, 0))
      FROM lease l
      FULL JOIN (SELECT lease_id, sum(charge) AS charge FROM paid GROUP BY 1) g ON g.lease_id = l.id
     WHERE l.used_nanodollars IS DISTINCT FROM coalesce(g.charge, 0) OR l.used_nanodollars > l.amount_nanodollars
        OR NOT CASE l.state WHEN 'open' THEN l.closed_at IS NULL ELSE l.state IN ('closed', 'fenced') AND l.closed_at IS NOT NULL END`,
};

/** Holds beside the generations that they paid for. */
const holds: Scan = {
  about: ['states', 'settled'],
  sql: `
    SELECT v.promise, v.example
      FROM (
        SELECT h.id, h.state, h.amount_nanodollars AS amount, h.settled_nanodollars AS settled, h.resolved_at, g.id AS generation_id, g.charge,
               h.id IS NOT NULL AND (h.amount_nanodollars < 0 OR NOT CASE h.state
                 WHEN 'held' THEN h.settled_nanodollars IS NULL AND h.resolved_at IS NULL
                 WHEN 'settled' THEN h.settled_nanodollars IS NOT NULL AND h.settled_nanodollars >= 0 AND h.resolved_at IS NOT NULL
                 ELSE h.state IN ('voided', 'expired') AND h.settled_nanodollars IS NULL AND h.resolved_at IS NOT NULL END) AS is_strange,
               CASE h.state WHEN 'settled' THEN h.settled_nanodollars IS DISTINCT FROM g.charge ELSE g.charge <> 0 END AS is_unpaid
          FROM hold h
          FULL JOIN (SELECT id, charge_nanodollars AS charge FROM generation WHERE lease_id IS NULL) g ON g.id = h.id) b
     CROSS JOIN LATERAL (VALUES
       ('states', b.is_strange, format('hold %s is %s, amount %s, settled %s, resolved at %s', b.id, b.state, b.amount, b.settled, b.resolved_at)),
       ('settled', b.is_unpaid, format('%s: the hold settled %s, the generation says %s', coalesce(b.id, b.generation_id), b.settled, b.charge)))
       AS v (promise, is_broken, example)
     WHERE (b.is_strange OR b.is_unpaid) AND v.is_broken`,
};

const purchases: Scan = {
  about: ['purchases'],
  sql: `
    SELECT 'purchases', format('purchase %s of %s: %s in the ledger', coalesce(p.id, l.reference), p.amount_nanodollars, l.amount)
      FROM (SELECT id, amount_nanodollars FROM topup WHERE state = 'granted') p
      FULL JOIN (SELECT t.reference, sum(e.amount_nanodollars) AS amount
                   FROM ledger_transaction t JOIN ledger_entry e ON e.transaction_id = t.id AND e.account_id LIKE 'org:%'
                  WHERE t.kind = 'topup' GROUP BY 1) l ON l.reference = p.id
     WHERE p.amount_nanodollars IS DISTINCT FROM l.amount`,
};

/** Recomputes what the books derive. The heavy ones first, so that they run beside one another. */
export const bookScans: readonly Scan[] = [transactions, holds, windows, accounts, purchases];
