import { Client } from 'pg';
import { databaseError } from '../database-error.ts';

/** One promise of the books, recomputed. */
export interface CheckResult {
  readonly name: string;
  /** Rows that break the promise; 0 = it holds. */
  readonly differences: number;
  /** Up to five of them, for people. */
  readonly examples: readonly string[];
}

/** Selects the rows that break a promise, each as one text. */
interface Check {
  readonly name: string;
  readonly sql: string;
}

/**
 * Every projection from what it is a projection of, by sets: the time grows with the number of entries, not with accounts times entries.
 * All run in one snapshot, so a check beside living traffic sees one moment.
 */
const checks: readonly Check[] = [
  {
    name: 'every transaction sums to zero',
    sql: `SELECT format('transaction %s sums to %s', transaction_id, sum(amount_nanodollars))
            FROM ledger_entry GROUP BY transaction_id HAVING sum(amount_nanodollars) <> 0`,
  },
  {
    name: 'every transaction has entries, every entry a transaction and an account',
    sql: `SELECT CASE WHEN e.id IS NULL THEN format('transaction %s has no entries', t.id)
                      ELSE format('entries of a transaction %s that does not exist', e.id) END
            FROM (SELECT transaction_id AS id FROM ledger_entry GROUP BY 1) e FULL JOIN ledger_transaction t ON t.id = e.id
           WHERE e.id IS NULL OR t.id IS NULL
          UNION ALL
          SELECT format('entries on the account %s that does not exist', e.id)
            FROM (SELECT account_id AS id FROM ledger_entry GROUP BY 1) e
           WHERE NOT EXISTS (SELECT 1 FROM ledger_account a WHERE a.id = e.id)`,
  },
  {
    name: 'posted balances equal their entries',
    sql: `SELECT format('%s has %s posted, its entries sum to %s', a.id, a.posted_nanodollars, coalesce(e.amount, 0))
            FROM ledger_account a
            LEFT JOIN (SELECT account_id, sum(amount_nanodollars) AS amount FROM ledger_entry GROUP BY 1) e ON e.account_id = a.id
           WHERE a.organization_id IS NOT NULL AND a.posted_nanodollars <> coalesce(e.amount, 0)
              OR a.organization_id IS NULL AND (a.posted_nanodollars <> 0 OR a.held_nanodollars <> 0)`,
  },
  {
    name: 'held balances equal their open holds and leases',
    sql: `SELECT format('%s has %s held, its open holds and leases sum to %s', coalesce(a.id, h.account_id), a.held_nanodollars, coalesce(h.amount, 0))
            FROM ledger_account a
            FULL JOIN (SELECT u.account_id, sum(u.amount) AS amount
                         FROM (SELECT account_id, amount_nanodollars AS amount FROM hold WHERE state = 'held'
                               UNION ALL
                               SELECT account_id, amount_nanodollars - used_nanodollars FROM lease WHERE state = 'open') u GROUP BY 1) h
              ON h.account_id = a.id
           WHERE coalesce(a.held_nanodollars, 0) <> coalesce(h.amount, 0)`,
  },
  {
    name: 'no balance is below its floor but by refunds and disputes',
    sql: `SELECT format('%s has %s, its floor is %s', a.id, a.posted_nanodollars, a.floor_nanodollars)
            FROM ledger_account a
           WHERE a.organization_id IS NOT NULL AND a.posted_nanodollars < a.floor_nanodollars
             AND NOT EXISTS (SELECT 1 FROM ledger_entry e JOIN ledger_transaction t ON t.id = e.transaction_id
                              WHERE e.account_id = a.id AND e.amount_nanodollars < 0 AND t.kind IN ('refund', 'adjustment'))`,
  },
  {
    name: 'key windows equal their holds, leases and what leases paid',
    sql: `SELECT format('key %s on %s: used %s, held %s; its records say %s and %s', coalesce(w.api_key_id, h.api_key_id),
                        coalesce(w.window_start, h.day), w.used_nanodollars, w.held_nanodollars, coalesce(h.used, 0), coalesce(h.held, 0))
            FROM key_window w
            FULL JOIN (SELECT u.api_key_id, u.day, sum(u.used) AS used, sum(u.held) AS held
                         FROM (SELECT api_key_id, window_start AS day, CASE WHEN state = 'settled' THEN settled_nanodollars ELSE 0 END AS used,
                                      CASE WHEN state = 'held' THEN amount_nanodollars ELSE 0 END AS held
                                 FROM hold
                               UNION ALL
                               SELECT api_key_id, charged_on, charge_nanodollars, 0 FROM generation WHERE lease_id IS NOT NULL
                               UNION ALL
                               SELECT api_key_id, window_start, 0, amount_nanodollars - used_nanodollars FROM lease
                                WHERE state = 'open' AND api_key_id IS NOT NULL) u
                        GROUP BY 1, 2) h
              ON h.api_key_id = w.api_key_id AND h.day = w.window_start
           WHERE coalesce(w.used_nanodollars, 0) <> coalesce(h.used, 0) OR coalesce(w.held_nanodollars, 0) <> coalesce(h.held, 0)`,
  },
  {
    name: 'leases are in a known state and paid what their generations say',
    sql: `SELECT format('lease %s is %s: used %s of %s, its generations sum to %s', coalesce(l.id, g.lease_id), l.state, l.used_nanodollars,
                        l.amount_nanodollars, coalesce(g.charge, 0))
            FROM lease l
            FULL JOIN (SELECT lease_id, sum(charge_nanodollars) AS charge FROM generation WHERE lease_id IS NOT NULL GROUP BY 1) g
              ON g.lease_id = l.id
           WHERE l.used_nanodollars IS DISTINCT FROM coalesce(g.charge, 0) OR l.used_nanodollars > l.amount_nanodollars
              OR NOT CASE l.state WHEN 'open' THEN l.closed_at IS NULL ELSE l.state IN ('closed', 'fenced') AND l.closed_at IS NOT NULL END`,
  },
  {
    name: 'holds are in a known state, and resolved when they say so',
    sql: `SELECT format('hold %s is %s, amount %s, settled %s, resolved at %s', id, state, amount_nanodollars, settled_nanodollars, resolved_at)
            FROM hold
           WHERE NOT CASE state WHEN 'held' THEN settled_nanodollars IS NULL AND resolved_at IS NULL
                                WHEN 'settled' THEN settled_nanodollars IS NOT NULL AND settled_nanodollars >= 0 AND resolved_at IS NOT NULL
                                ELSE state IN ('voided', 'expired') AND settled_nanodollars IS NULL AND resolved_at IS NOT NULL END
              OR amount_nanodollars < 0`,
  },
  {
    name: 'every settled hold has one generation of the same charge, and back',
    sql: `SELECT format('%s: the hold settled %s, the generation says %s', coalesce(h.id, g.id), h.settled_nanodollars, g.charge_nanodollars)
            FROM (SELECT id, settled_nanodollars FROM hold WHERE state = 'settled') h
            FULL JOIN (SELECT id, charge_nanodollars FROM generation WHERE lease_id IS NULL) g ON g.id = h.id
           WHERE h.settled_nanodollars IS DISTINCT FROM g.charge_nanodollars AND NOT (h.id IS NULL AND g.charge_nanodollars = 0)`,
  },
  {
    name: 'every charge and cost is one usage transaction, and back',
    sql: `WITH usage AS (
            SELECT t.reference AS id, t.idempotency_key, e.charge, e.cost
              FROM (SELECT transaction_id, -coalesce(sum(amount_nanodollars) FILTER (WHERE account_id LIKE 'org:%'), 0)::bigint AS charge,
                           coalesce(sum(amount_nanodollars) FILTER (WHERE account_id LIKE 'provider:%'), 0)::bigint AS cost
                      FROM ledger_entry GROUP BY 1) e
              JOIN ledger_transaction t ON t.id = e.transaction_id
             WHERE t.kind = 'usage')
          SELECT format('%s: charge %s and cost %s in the ledger, %s and %s in the generation', coalesce(u.id, g.id), u.charge, u.cost,
                        g.charge_nanodollars, g.cost_nanodollars)
            FROM usage u
            FULL JOIN (SELECT id, charge_nanodollars, cost_nanodollars FROM generation
                        WHERE charge_nanodollars <> 0 OR cost_nanodollars <> 0 OR 'clamped' = ANY (flags)) g ON g.id = u.id
           WHERE u.charge IS DISTINCT FROM g.charge_nanodollars OR u.cost IS DISTINCT FROM g.cost_nanodollars
              OR u.idempotency_key <> 'gen:' || u.id`,
  },
  {
    name: 'every granted purchase is one ledger transaction of its amount, and back',
    sql: `SELECT format('purchase %s of %s: %s in the ledger', coalesce(p.id, l.reference), p.amount_nanodollars, l.amount)
            FROM (SELECT id, amount_nanodollars FROM topup WHERE state = 'granted') p
            FULL JOIN (SELECT t.reference, sum(e.amount_nanodollars) AS amount
                         FROM ledger_transaction t JOIN ledger_entry e ON e.transaction_id = t.id AND e.account_id LIKE 'org:%'
                        WHERE t.kind = 'topup' GROUP BY 1) l ON l.reference = p.id
           WHERE p.amount_nanodollars IS DISTINCT FROM l.amount`,
  },
  {
    name: 'no open hold or lease is overdue by more than a minute',
    sql: `SELECT format('hold %s expired at %s', id, expires_at) FROM hold
           WHERE state = 'held' AND expires_at < clock_timestamp() - interval '1 minute'
          UNION ALL
          SELECT format('lease %s ended at %s', id, expires_at) FROM lease
           WHERE state = 'open' AND expires_at < clock_timestamp() - interval '2 minutes'`,
  },
];

async function run(client: Client, { name, sql }: Check): Promise<CheckResult> {
  const { rows } = await client.query<{ differences: number; examples: string[] | null }>(
    `WITH broken (example) AS (${sql})
     SELECT count(*)::integer AS differences, (SELECT array_agg(f.example) FROM (SELECT example FROM broken LIMIT 5) f) AS examples FROM broken`,
  );
  const [row] = rows;
  return { name, differences: row?.differences ?? 0, examples: row?.examples ?? [] };
}

/**
 * Recomputes everything that the books derive, from the entries, holds and generations. Reads only, in one snapshot of the database;
 * some seconds for a million entries. Throws AppError('service_unavailable') when the database cannot be reached.
 */
export async function ledgerCheck(database: { readonly url: string }): Promise<readonly CheckResult[]> {
  const client = new Client({ connectionString: database.url, application_name: 'bourse-ledger-check' });
  try {
    await client.connect();
    await client.query(
      `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL work_mem = '128MB'; SET LOCAL jit = off`,
    );
    const results: CheckResult[] = [];
    for (const check of checks) results.push(await run(client, check));
    await client.query('COMMIT');
    return results;
  } catch (error) {
    throw databaseError(error);
  } finally {
    await client.end();
  }
}
