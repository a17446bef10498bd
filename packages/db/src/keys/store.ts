import { AppError, invariant } from '@bourse/errors';
import { type ApiKeyKind, apiKeyLabel, generateApiKey, generateId, parseApiKey } from '@bourse/ids';
import { type Nanodollars, nanodollars } from '@bourse/money';
import type { Connection } from '../connection.ts';
import type {
  ApiKeyChanges,
  ApiKeyCreate,
  ApiKeyRecord,
  ApiKeyRef,
  ApiKeySnapshot,
  ApiKeyStore,
  LimitReset,
} from '../contract.ts';
import type { ApiKey } from '../generated/client.ts';
import { organizationLimits } from '../limits/store.ts';
import { sha256Hex } from '../sha256.ts';
import { keyUsages } from './usage.ts';

function limitReset(text: string | null): LimitReset | null {
  if (text === null || text === 'daily' || text === 'weekly' || text === 'monthly') return text;
  throw new AppError('internal', 'Something failed on our side.', { detail: `unknown limit reset ${text}` });
}

function keyKind(text: string): ApiKeyKind {
  invariant(text === 'inference' || text === 'management', `unknown kind of key ${text}`);
  return text;
}

function limit(value: bigint | null): Nanodollars | null {
  return value === null ? null : nanodollars(value);
}

function toRecord(row: ApiKey): ApiKeyRecord {
  return {
    id: row.id,
    organizationId: row.organizationId,
    createdByUserId: row.createdByUserId,
    kind: keyKind(row.kind),
    name: row.name,
    label: row.label,
    hash: row.hash,
    limit: limit(row.limitNanodollars),
    limitReset: limitReset(row.limitReset),
    includeByokInLimit: row.includeByokInLimit,
    requestsPerMinute: row.requestsPerMinute,
    disabledAt: row.disabledAt,
    expiresAt: row.expiresAt,
    lastUsedAt: row.lastUsedAt,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}

interface SnapshotRow {
  readonly id: string;
  readonly organization_id: string;
  readonly created_by_user_id: string | null;
  readonly kind: string;
  readonly name: string;
  readonly label: string;
  readonly hash: string;
  readonly limit_nanodollars: string | null;
  readonly limit_reset: string | null;
  readonly include_byok_in_limit: boolean;
  readonly disabled_at: Date | null;
  readonly expires_at: Date | null;
  readonly created_at: Date;
  readonly is_frozen: boolean | null;
  readonly is_demo: boolean;
  readonly key_requests_per_minute: number | null;
  readonly requests_per_minute: number | null;
  readonly tokens_per_minute: number | null;
  readonly streams: number | null;
  readonly free_requests_per_minute: number | null;
  readonly free_requests_per_day: number | null;
  readonly purchased: string;
  readonly free_day: number;
  readonly free_count: number;
}

/** Plain SQL: this is what every request of an unknown key waits for. What was had of free models is few rows of an index of its own. */
const BY_HASH = `
  SELECT k.id, k.organization_id, k.created_by_user_id, k.kind, k.name, k.label, k.hash, k.limit_nanodollars, k.limit_reset,
         k.include_byok_in_limit, k.disabled_at, k.expires_at, k.created_at, a.is_frozen, o.is_demo,
         k.requests_per_minute AS key_requests_per_minute, l.requests_per_minute, l.tokens_per_minute, l.streams,
         l.free_requests_per_minute, l.free_requests_per_day,
         (SELECT coalesce(sum(t.amount_nanodollars), 0) FROM topup t
           WHERE t.organization_id = k.organization_id AND t.state = 'granted') AS purchased,
         floor(extract(epoch FROM now()) / 86400)::integer AS free_day,
         (SELECT count(*)::integer FROM generation g WHERE g.organization_id = k.organization_id AND g.model_slug LIKE '%:free'
             AND g.created_at >= date_trunc('day', now(), 'UTC')) AS free_count
    FROM api_key k JOIN organization o ON o.id = k.organization_id
    LEFT JOIN ledger_account a ON a.organization_id = k.organization_id
    LEFT JOIN organization_limit l ON l.organization_id = k.organization_id
   WHERE k.hash = $1 AND k.deleted_at IS NULL`;

async function findByHash({ pool }: Connection, hash: string): Promise<ApiKeySnapshot | null> {
  const { rows } = await pool.query<SnapshotRow>({
    name: 'bourse_key_by_hash',
    text: BY_HASH,
    values: [hash],
  });
  const [row] = rows;
  if (!row) return null;
  return {
    id: row.id,
    organizationId: row.organization_id,
    createdByUserId: row.created_by_user_id,
    kind: keyKind(row.kind),
    name: row.name,
    label: row.label,
    hash: row.hash,
    limit: row.limit_nanodollars === null ? null : nanodollars(BigInt(row.limit_nanodollars)),
    limitReset: limitReset(row.limit_reset),
    includeByokInLimit: row.include_byok_in_limit,
    disabledAt: row.disabled_at,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
    organizationIsFrozen: row.is_frozen ?? false,
    organizationIsDemo: row.is_demo,
    requestsPerMinute: row.key_requests_per_minute,
    organizationLimits: organizationLimits(row),
    organizationPurchased: nanodollars(BigInt(row.purchased)),
    freeRequests: { day: row.free_day, count: row.free_count },
  };
}

async function create(
  { prisma }: Connection,
  key: ApiKeyCreate,
  at: Date,
): Promise<{ record: ApiKeyRecord; plaintext: string }> {
  const plaintext = key.plaintext ?? generateApiKey(key.kind);
  if (parseApiKey(plaintext) !== key.kind)
    throw new AppError('invalid_request', `That is not the text of a key for ${key.kind}.`);
  const data = {
    organizationId: key.organizationId,
    createdByUserId: key.createdByUserId,
    kind: key.kind,
    name: key.name,
    label: apiKeyLabel(plaintext),
    limitNanodollars: key.limit ?? null,
    limitReset: key.limitReset ?? null,
    includeByokInLimit: key.includeByokInLimit ?? false,
    expiresAt: key.expiresAt ?? null,
    // One moment for both: they differ only once the key was changed.
    createdAt: at,
    updatedAt: at,
  };
  const row = await prisma.apiKey.create({ data: { ...data, id: generateId('key'), hash: sha256Hex(plaintext) } });
  return { record: toRecord(row), plaintext };
}

/** Only what was given: Prisma leaves undefined members alone. */
function changedColumns(changes: ApiKeyChanges, now: Date) {
  return {
    ...(changes.name === undefined ? {} : { name: changes.name }),
    ...(changes.limit === undefined ? {} : { limitNanodollars: changes.limit }),
    ...(changes.limitReset === undefined ? {} : { limitReset: changes.limitReset }),
    ...(changes.includeByokInLimit === undefined ? {} : { includeByokInLimit: changes.includeByokInLimit }),
    ...(changes.requestsPerMinute === undefined ? {} : { requestsPerMinute: changes.requestsPerMinute }),
    ...(changes.expiresAt === undefined ? {} : { expiresAt: changes.expiresAt }),
    ...(changes.isDisabled === undefined ? {} : { disabledAt: changes.isDisabled ? now : null }),
  };
}

/** Prisma for everything but the lookups of the hot path. */
export function createApiKeyStore(connection: Connection, now: () => Date): ApiKeyStore {
  const { prisma, pool } = connection;
  const own = (ref: ApiKeyRef) => ({ id: ref.id, organizationId: ref.organizationId, deletedAt: null });
  const find: ApiKeyStore['find'] = async (ref) => {
    const row = await prisma.apiKey.findFirst({ where: own(ref) });
    return row && toRecord(row);
  };
  return {
    findByHash: (hash) => findByHash(connection, hash),
    create: (key) => create(connection, key, now()),
    find,
    findOwnByHash: async ({ hash, organizationId }) => {
      const row = await prisma.apiKey.findFirst({ where: { hash, organizationId, deletedAt: null } });
      return row && toRecord(row);
    },
    list: async (organizationId) => {
      const rows = await prisma.apiKey.findMany({
        where: { organizationId, deletedAt: null },
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      });
      return rows.map(toRecord);
    },
    listInference: async ({ organizationId, includeDisabled, offset, limit: take }) => {
      const rows = await prisma.apiKey.findMany({
        where: {
          organizationId,
          deletedAt: null,
          kind: 'inference',
          ...(includeDisabled ? {} : { disabledAt: null }),
        },
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
        skip: offset,
        take,
      });
      return rows.map(toRecord);
    },
    update: async (ref, changes) => {
      const { count } = await prisma.apiKey.updateMany({ where: own(ref), data: changedColumns(changes, now()) });
      return count === 0 ? null : find(ref);
    },
    revoke: async (ref) => {
      const { count } = await prisma.apiKey.updateMany({ where: own(ref), data: { deletedAt: now() } });
      return count > 0;
    },
    usage: async (apiKeyId) => {
      const usage = (await keyUsages(pool, [apiKeyId])).get(apiKeyId);
      invariant(usage, `no usage for the key ${apiKeyId}`);
      return usage;
    },
    usages: (apiKeyIds) => keyUsages(pool, apiKeyIds),
    touchLastUsed: async (apiKeyIds, at) => {
      await pool.query('UPDATE api_key SET last_used_at = greatest(last_used_at, $2) WHERE id = ANY ($1::text[])', [
        apiKeyIds,
        at,
      ]);
    },
  };
}
