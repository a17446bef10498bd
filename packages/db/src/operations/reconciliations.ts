import { nanodollars } from '@bourse/money';
import type { Pool, PoolClient } from 'pg';
import type {
  BookedPurchase,
  CheckResult,
  InvoiceLine,
  ReconciliationForm,
  ReconciliationRule,
  ReconciliationRun,
  ReconciliationStore,
} from '../contract/operations.ts';
import { withDatabaseErrors } from '../database-error.ts';
import { houseAccounts } from '../ledger/accounts.ts';
import { inTransaction } from '../queries/transaction.ts';

interface FindingRow {
  readonly id: string;
  readonly form: ReconciliationForm;
  readonly started_at: Date;
  readonly finished_at: Date;
  readonly rule: ReconciliationRule;
  readonly promise: string;
  readonly is_configured: boolean;
  readonly differences: number;
  readonly examples: readonly string[];
}

const LATEST = `
  SELECT r.id, r.form, r.started_at, r.finished_at, f.rule, f.promise, f.is_configured, f.differences, f.examples
    FROM (SELECT DISTINCT ON (form) * FROM reconciliation_run WHERE finished_at IS NOT NULL ORDER BY form, started_at DESC) r
    JOIN reconciliation_finding f ON f.run_id = r.id ORDER BY r.id, f.line`;

/** Purchases are few beside usage, so the clearing account is read once, from the transactions that can be about purchases. */
const PURCHASES = `
  SELECT p.id, p.payment_intent_id, p.created_at, coalesce(-c.amount, 0)::bigint AS clearing
    FROM topup p
    LEFT JOIN (SELECT t.reference, sum(e.amount_nanodollars) AS amount
                 FROM ledger_transaction t JOIN ledger_entry e ON e.transaction_id = t.id AND e.account_id = $2
                WHERE t.kind IN ('topup', 'refund', 'adjustment') GROUP BY 1) c ON c.reference = p.id
   WHERE p.created_at >= $1`;

function resultOf(row: FindingRow): CheckResult {
  const { rule, promise, differences, examples } = row;
  return { rule, name: promise, differences, examples, isConfigured: row.is_configured };
}

function runsOf(rows: readonly FindingRow[]): readonly ReconciliationRun[] {
  return [...Map.groupBy(rows, ({ id }) => id).values()].flatMap((findings) => {
    const [first] = findings;
    if (first === undefined) return [];
    const { id, form, started_at: startedAt, finished_at: finishedAt } = first;
    return [{ id: BigInt(id), form, startedAt, finishedAt, results: findings.map(resultOf) }];
  });
}

async function finish(client: PoolClient, id: bigint, results: readonly CheckResult[]): Promise<void> {
  const rows = results.map(({ rule, name, isConfigured, differences, examples }, line) => {
    return { run_id: id.toString(), line, rule, promise: name, is_configured: isConfigured, differences, examples };
  });
  await client.query(
    `INSERT INTO reconciliation_finding SELECT * FROM jsonb_populate_recordset(NULL::reconciliation_finding, $1)`,
    [JSON.stringify(rows)],
  );
  await client.query(
    'UPDATE reconciliation_run SET finished_at = clock_timestamp(), differences = $2 WHERE id = $1 AND finished_at IS NULL',
    [id, results.reduce((sum, { differences }) => sum + differences, 0)],
  );
}

async function unknownProviders(pool: Pool, lines: readonly InvoiceLine[]): Promise<readonly string[]> {
  const slugs = [...new Set(lines.map(({ providerSlug }) => providerSlug))];
  const { rows } = await pool.query<{ slug: string }>(
    'SELECT u AS slug FROM unnest($1::text[]) u WHERE NOT EXISTS (SELECT 1 FROM provider p WHERE p.slug = u)',
    [slugs],
  );
  return rows.map(({ slug }) => slug);
}

async function writeInvoice(pool: Pool, source: string, lines: readonly InvoiceLine[]): Promise<void> {
  await pool.query(
    `INSERT INTO provider_invoice AS i (provider_slug, day, model_slug, cost_nanodollars, source)
       SELECT u.provider, u.day, u.model, sum(u.cost)::bigint, $5
         FROM unnest($1::text[], $2::date[], $3::text[], $4::bigint[]) AS u (provider, day, model, cost) GROUP BY 1, 2, 3
     ON CONFLICT (provider_slug, day, model_slug) DO UPDATE
       SET cost_nanodollars = excluded.cost_nanodollars, source = excluded.source, imported_at = clock_timestamp()`,
    [
      lines.map(({ providerSlug }) => providerSlug),
      lines.map(({ day }) => day),
      lines.map(({ modelSlug }) => modelSlug),
      lines.map(({ cost }) => cost),
      source,
    ],
  );
}

/** What runs of the reconciliation leave behind: see `ReconciliationStore`. */
export function createReconciliationStore(pool: Pool): ReconciliationStore {
  return withDatabaseErrors<ReconciliationStore>({
    async isDue({ form, everyMs }) {
      const { rows } = await pool.query<{ is_due: boolean }>(
        `SELECT NOT EXISTS (SELECT 1 FROM reconciliation_run
                             WHERE form = $1 AND finished_at IS NOT NULL AND started_at > clock_timestamp() - $2 * interval '1 millisecond') AS is_due`,
        [form, everyMs],
      );
      return rows[0]?.is_due === true;
    },
    async start(form) {
      const { rows } = await pool.query<{ id: string }>(
        'INSERT INTO reconciliation_run (form) VALUES ($1) RETURNING id',
        [form],
      );
      const [row] = rows;
      if (row === undefined) throw new Error('an insert returned no row');
      return BigInt(row.id);
    },
    finish: ({ id, results }) => inTransaction(pool, (client) => finish(client, id, results)),
    async latest() {
      return runsOf((await pool.query<FindingRow>(LATEST)).rows);
    },
    async prune({ form, forMs }) {
      const { rowCount } = await pool.query(
        `DELETE FROM reconciliation_run WHERE form = $1 AND started_at < clock_timestamp() - $2 * interval '1 millisecond'`,
        [form, forMs],
      );
      return rowCount ?? 0;
    },
    async bookedPurchases(since) {
      const { rows } = await pool.query<{
        id: string;
        payment_intent_id: string | null;
        created_at: Date;
        clearing: string;
      }>(PURCHASES, [since, houseAccounts.stripeClearing]);
      return rows.map((row): BookedPurchase => {
        const clearing = nanodollars(BigInt(row.clearing));
        return { topupId: row.id, paymentIntentId: row.payment_intent_id, createdAt: row.created_at, clearing };
      });
    },
    async importInvoice({ source, lines }) {
      const slugs = await unknownProviders(pool, lines);
      if (slugs.length > 0) return { kind: 'unknown_providers', slugs };
      await writeInvoice(pool, source, lines);
      return { kind: 'imported' };
    },
  });
}
