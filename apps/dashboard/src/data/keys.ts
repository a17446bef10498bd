import 'server-only';
import { authorize, type KeyState, keyState, limitResetsAt } from '@bourse/access';
import type { ApiKeyChanges, ApiKeyRecord, ApiKeyUsage, LimitReset } from '@bourse/db';
import { AppError, invariant } from '@bourse/errors';
import type { ApiKeyKind } from '@bourse/ids';
import type { Nanodollars } from '@bourse/money';
import { currentTime } from '../clock.ts';
import { env } from '../env.ts';
import { countDeed } from './action-limits.ts';
import { database } from './database.ts';
import type { Session } from './session.ts';

/** A key as its organization sees it; its text is shown once, when it is made, and is in no row. */
export type KeyRow = {
  id: string;
  name: string;
  /** "sk-brs-v1-3f9...x7Q". */
  label: string;
  kind: ApiKeyKind;
  state: KeyState;
  createdAt: Date;
  lastUsedAt: Date | null;
  expiresAt: Date | null;
  /** null = bounded by the credits only. */
  limit: Nanodollars | null;
  limitReset: LimitReset | null;
  /** Of the current window; null without a limit. */
  limitRemaining: Nanodollars | null;
  /** When the limit starts anew; null = never, or there is none. */
  limitResetsAt: Date | null;
  /** Of its own; null = as every key, 0 = no limit. */
  requestsPerMinute: number | null;
  usageTotal: Nanodollars;
  /** Since UTC midnight, since Monday, since the first of the month. */
  usageToday: Nanodollars;
  usageWeek: Nanodollars;
  usageMonth: Nanodollars;
};

/** What a key is made with. */
export type KeyDraft = {
  name: string;
  kind: ApiKeyKind;
  limit: Nanodollars | null;
  limitReset: LimitReset | null;
  expiresAt: Date | null;
};

/** Every key of the organization, newest first. */
export async function listKeys(session: Session): Promise<readonly KeyRow[]> {
  authorize(session, 'keys.manage');
  const { keys } = database();
  const records = await keys.list(session.organizationId);
  const usages = await keys.usages(records.map(({ id }) => id));
  const nowMs = currentTime().getTime();
  return records.map((record) => {
    const usage = usages.get(record.id);
    invariant(usage, `no usage for key ${record.id}`);
    return keyRow(record, usage, nowMs);
  });
}

/** Names of keys by id, for lists that come with ids only. Keys that are gone are not in it. */
export async function keyNames(session: Session): Promise<ReadonlyMap<string, string>> {
  authorize(session, 'keys.manage');
  const records = await database().keys.list(session.organizationId);
  return new Map(records.map(({ id, name }) => [id, name]));
}

/** Makes a key. The text in the answer exists nowhere else: not in the database, not in a log. */
export async function createKey(session: Session, draft: KeyDraft): Promise<{ id: string; plaintext: string }> {
  authorize(session, 'keys.manage');
  const { keys, ledger } = database();
  const { isFrozen } = await ledger.balance(session.organizationId);
  if (isFrozen) throw new AppError('organization_frozen', 'This organization is frozen: it can make no keys.');
  await countDeed({
    source: 'key_creation',
    whose: session.organizationId,
    perHour: env().BOURSE_KEYS_PER_HOUR,
  });
  const { record, plaintext } = await keys.create({
    ...draft,
    organizationId: session.organizationId,
    createdByUserId: session.userId,
  });
  return { id: record.id, plaintext };
}

/** Renames, disables, enables, limits. Takes effect everywhere within seconds. */
export async function changeKey(session: Session, id: string, changes: ApiKeyChanges): Promise<void> {
  authorize(session, 'keys.manage');
  const changed = await database().keys.update({ id, organizationId: session.organizationId }, changes);
  if (changed === null) throw noSuchKey();
}

/** Ends a key for good. */
export async function revokeKey(session: Session, id: string): Promise<void> {
  authorize(session, 'keys.manage');
  const isRevoked = await database().keys.revoke({ id, organizationId: session.organizationId });
  if (!isRevoked) throw noSuchKey();
}

function noSuchKey(): AppError {
  return new AppError('not_found', 'There is no such key. It may have been revoked in another window.');
}

function keyRow(record: ApiKeyRecord, usage: ApiKeyUsage, nowMs: number): KeyRow {
  const { id, name, label, kind, createdAt, lastUsedAt, expiresAt, disabledAt, limit, limitReset } = record;
  return {
    id,
    name,
    label,
    kind,
    state: keyState({ disabledAt, expiresAt, deletedAt: null }, nowMs),
    createdAt,
    lastUsedAt,
    expiresAt,
    limit,
    limitReset,
    limitRemaining: usage.limitRemaining,
    limitResetsAt: limit === null ? null : limitResetsAt(limitReset, usage.asOf.getTime()),
    requestsPerMinute: record.requestsPerMinute,
    usageTotal: usage.total,
    usageToday: usage.daily,
    usageWeek: usage.weekly,
    usageMonth: usage.monthly,
  };
}
