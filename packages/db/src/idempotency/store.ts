import { invariant } from '@bourse/errors';
import type { Pool } from 'pg';
import type {
  ClaimRequest,
  IdempotencyClaim,
  IdempotencyEnd,
  IdempotencyScope,
  IdempotencyState,
  IdempotencyStore,
} from '../contract.ts';
import { withDatabaseErrors } from '../database-error.ts';

/**
 * One statement decides: a new row, or the update of one that is over. A racer waits for the row, sees what the winner made of it, and
 * matches no more. `now()` is one moment for the whole statement.
 */
const CLAIM = `
  INSERT INTO idempotent_answer AS r (api_key_id, key_hash, organization_id, body_hash, generation_id, claim_id, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 millisecond')
  ON CONFLICT (api_key_id, key_hash) DO UPDATE SET
    body_hash = excluded.body_hash,
    generation_id = CASE WHEN r.expires_at <= now() THEN excluded.generation_id ELSE r.generation_id END,
    created_at = CASE WHEN r.expires_at <= now() THEN now() ELSE r.created_at END,
    expires_at = CASE WHEN r.expires_at <= now() THEN excluded.expires_at ELSE r.expires_at END,
    claim_id = excluded.claim_id, state = 'running', sealed = NULL, heartbeat_at = now()
  WHERE r.expires_at <= now()
     OR (r.state = 'running' AND r.body_hash = excluded.body_hash AND r.heartbeat_at < now() - $8 * interval '1 millisecond')
  RETURNING generation_id`;

async function claim(pool: Pool, request: ClaimRequest): Promise<IdempotencyClaim | null> {
  const { apiKeyId, keyHash, bodyHash, organizationId, generationId, claimId } = request;
  const { rows } = await pool.query<{ generation_id: string }>({
    name: 'bourse_idempotency_claim',
    text: CLAIM,
    values: [apiKeyId, keyHash, organizationId, bodyHash, generationId, claimId, request.ttlMs, request.silentMs],
  });
  const [row] = rows;
  if (row === undefined) return null;
  const owned = row.generation_id;
  const isRetake = owned !== generationId;
  return { apiKeyId, keyHash, bodyHash, organizationId, claimId, generationId: owned, isRetake };
}

interface LookRow {
  readonly state: 'running' | 'done' | 'too_large' | 'incomplete';
  readonly generation_id: string;
  readonly claim_id: string;
  readonly is_same_body: boolean;
  readonly is_orphaned: boolean;
  readonly sealed: Buffer | null;
}

function stateOf(row: LookRow | undefined): IdempotencyState {
  if (row === undefined) return { kind: 'free' };
  if (!row.is_same_body) return { kind: 'other_body' };
  const { state, generation_id: generationId, claim_id: claimId, sealed } = row;
  switch (state) {
    case 'running':
      return { kind: row.is_orphaned ? 'free' : 'running' };
    case 'done':
      invariant(sealed !== null, `the answer of ${generationId} is done but not there`);
      return { kind: 'done', generationId, claimId, sealed };
    case 'too_large':
    case 'incomplete':
      return { kind: state, generationId };
  }
}

async function look(pool: Pool, scope: IdempotencyScope, silentMs: number): Promise<IdempotencyState> {
  const { rows } = await pool.query<LookRow>({
    name: 'bourse_idempotency_look',
    text: `SELECT state, generation_id, claim_id, body_hash = $3 AS is_same_body,
                  heartbeat_at < now() - $4 * interval '1 millisecond' AS is_orphaned,
                  CASE WHEN body_hash = $3 THEN sealed END AS sealed
             FROM idempotent_answer WHERE api_key_id = $1 AND key_hash = $2 AND expires_at > now()`,
    values: [scope.apiKeyId, scope.keyHash, scope.bodyHash, silentMs],
  });
  return stateOf(rows[0]);
}

const OWNED = `api_key_id = $1 AND key_hash = $2 AND claim_id = $3 AND state = 'running'`;

function ownedBy({ apiKeyId, keyHash, claimId }: IdempotencyClaim): readonly string[] {
  return [apiKeyId, keyHash, claimId];
}

async function finish(pool: Pool, owner: IdempotencyClaim, end: IdempotencyEnd): Promise<boolean> {
  const { rowCount } = await pool.query(
    `UPDATE idempotent_answer SET state = $4, sealed = $5, heartbeat_at = now() WHERE ${OWNED}`,
    [...ownedBy(owner), end.state, end.state === 'done' ? end.sealed : null],
  );
  return rowCount === 1;
}

async function heartbeat(pool: Pool, claims: readonly IdempotencyClaim[]): Promise<void> {
  await pool.query(
    `UPDATE idempotent_answer r SET heartbeat_at = now()
       FROM unnest($1::text[], $2::text[], $3::text[]) AS u (api_key_id, key_hash, claim_id)
      WHERE r.api_key_id = u.api_key_id AND r.key_hash = u.key_hash AND r.claim_id = u.claim_id AND r.state = 'running'`,
    [claims.map((owner) => owner.apiKeyId), claims.map((owner) => owner.keyHash), claims.map((owner) => owner.claimId)],
  );
}

async function prune(pool: Pool, limit: number): Promise<number> {
  const { rowCount } = await pool.query(
    `DELETE FROM idempotent_answer r USING (
       SELECT api_key_id, key_hash FROM idempotent_answer WHERE expires_at <= now() ORDER BY expires_at LIMIT $1
          FOR UPDATE SKIP LOCKED) d
      WHERE r.api_key_id = d.api_key_id AND r.key_hash = d.key_hash`,
    [limit],
  );
  return rowCount ?? 0;
}

/** Requests with an Idempotency-Key, in single statements: no connection is held while a provider thinks or a duplicate waits. */
export function createIdempotencyStore(pool: Pool): IdempotencyStore {
  return withDatabaseErrors<IdempotencyStore>({
    claim: (request) => claim(pool, request),
    look: (scope, silentMs) => look(pool, scope, silentMs),
    heartbeat: (claims) => heartbeat(pool, claims),
    finish: (owner, end) => finish(pool, owner, end),
    async free(owner) {
      await pool.query(`DELETE FROM idempotent_answer WHERE ${OWNED}`, [...ownedBy(owner)]);
    },
    async abandon(owner) {
      await pool.query(`UPDATE idempotent_answer SET heartbeat_at = '-infinity' WHERE ${OWNED}`, [...ownedBy(owner)]);
    },
    prune: (limit) => prune(pool, limit),
  });
}
