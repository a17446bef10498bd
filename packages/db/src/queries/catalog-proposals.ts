import type { Pool, PoolClient } from 'pg';
import type { CatalogProposal, CatalogProposalStore, NewProposal, SyncRun } from '../contract.ts';
import { withDatabaseErrors } from '../database-error.ts';
import { inTransaction } from './transaction.ts';

/** One sync at a time writes what waits; the number is arbitrary and ours. */
const PROPOSALS_LOCK = 720_412_003;

const COLUMNS = `id, created_at AS "createdAt", source, fingerprint, subject, summary, reasons, change, status, decided_at AS "decidedAt",
  decided_by AS "decidedBy", note`;

const LAST_SYNC = 'SELECT at, source, outcome, applied, held, problem FROM catalog_sync ORDER BY id DESC LIMIT 1';

async function replacePending(
  client: PoolClient,
  { source, proposals }: { readonly source: string; readonly proposals: readonly NewProposal[] },
): Promise<{ readonly added: number; readonly superseded: number }> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [PROPOSALS_LOCK]);
  const gone = await client.query(
    `UPDATE catalog_proposal SET status = 'superseded', decided_at = now(), decided_by = $2
      WHERE status = 'pending' AND NOT fingerprint = ANY ($1)`,
    [proposals.map(({ fingerprint }) => fingerprint), source],
  );
  const added = await client.query(
    `INSERT INTO catalog_proposal (source, fingerprint, subject, summary, reasons, change)
     SELECT $1, g.fingerprint, g.subject, g.summary, ARRAY(SELECT jsonb_array_elements_text(g.reasons)), g.change
       FROM jsonb_to_recordset($2::jsonb) AS g(fingerprint text, subject text, summary text, reasons jsonb, change jsonb)
      WHERE NOT EXISTS (SELECT 1 FROM catalog_proposal p WHERE p.fingerprint = g.fingerprint AND p.status IN ('pending', 'rejected'))`,
    [source, JSON.stringify(proposals)],
  );
  return { added: added.rowCount ?? 0, superseded: gone.rowCount ?? 0 };
}

/** What sources propose and people decide: see `CatalogProposalStore`. */
export function createCatalogProposalStore(pool: Pool): CatalogProposalStore {
  return withDatabaseErrors<CatalogProposalStore>({
    replacePending: (request) => inTransaction(pool, (client) => replacePending(client, request)),
    async list({ status }) {
      const { rows } = await pool.query<CatalogProposal>(
        `SELECT ${COLUMNS} FROM catalog_proposal WHERE status = $1 ORDER BY id DESC LIMIT 1000`,
        [status],
      );
      return rows;
    },
    async get(id) {
      const { rows } = await pool.query<CatalogProposal>(`SELECT ${COLUMNS} FROM catalog_proposal WHERE id = $1`, [id]);
      return rows[0] ?? null;
    },
    async approvedAmong(fingerprints) {
      const { rows } = await pool.query<{ fingerprint: string }>(
        `SELECT DISTINCT fingerprint FROM catalog_proposal WHERE status = 'approved' AND fingerprint = ANY ($1)`,
        [fingerprints],
      );
      return new Set(rows.map(({ fingerprint }) => fingerprint));
    },
    async decide({ id, status, actor, note }) {
      const { rowCount } = await pool.query(
        `UPDATE catalog_proposal SET status = $2, decided_at = now(), decided_by = $3, note = $4
          WHERE id = $1 AND status = 'pending'`,
        [id, status, actor, note],
      );
      return rowCount === 1 ? 'decided' : 'not_pending';
    },
    async recordSync({ source, outcome, applied, held, problem }) {
      await pool.query(
        'INSERT INTO catalog_sync (source, outcome, applied, held, problem) VALUES ($1, $2, $3, $4, $5)',
        [source, outcome, applied, held, problem === null ? null : problem.slice(0, 2_000)],
      );
    },
    async state() {
      const last = await pool.query<SyncRun>(LAST_SYNC);
      const waiting = await pool.query<{ pending: number }>(
        `SELECT count(*)::integer AS pending FROM catalog_proposal WHERE status = 'pending'`,
      );
      return { lastSync: last.rows[0] ?? null, pending: waiting.rows[0]?.pending ?? 0 };
    },
  });
}
