import type { LimitReset } from '@bourse/access';
import type { ApiKeyKind } from '@bourse/ids';
import type { Nanodollars } from '@bourse/money';
import type { OrganizationLimits } from './limits.ts';

export type { LimitReset };

/** A key without its text. `limit` null = bounded by the credits only. */
export interface ApiKeyRecord {
  readonly id: string;
  readonly organizationId: string;
  readonly createdByUserId: string | null;
  readonly kind: ApiKeyKind;
  readonly name: string;
  /** What may be shown: "sk-brs-v1-3f9...x7Q". */
  readonly label: string;
  /** Lower-case hex SHA-256 of the key's text. */
  readonly hash: string;
  readonly limit: Nanodollars | null;
  readonly limitReset: LimitReset | null;
  readonly includeByokInLimit: boolean;
  /** Null = as other keys, 0 = no limit. */
  readonly requestsPerMinute: number | null;
  readonly disabledAt: Date | null;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly createdAt: Date;
  /** Equal to `createdAt` until the key is changed. */
  readonly updatedAt: Date;
}

/** What a gateway keeps in memory about a key. `disabledAt` and `expiresAt` are for the caller's clock to judge. */
export interface ApiKeySnapshot {
  readonly id: string;
  readonly organizationId: string;
  readonly kind: ApiKeyKind;
  readonly name: string;
  readonly label: string;
  readonly hash: string;
  readonly limit: Nanodollars | null;
  readonly limitReset: LimitReset | null;
  readonly includeByokInLimit: boolean;
  readonly disabledAt: Date | null;
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
  readonly createdByUserId: string | null;
  readonly organizationIsFrozen: boolean;
  readonly organizationIsDemo: boolean;
  readonly requestsPerMinute: number | null;
  readonly organizationLimits: OrganizationLimits;
  /** What the organization has ever bought and got, without what it was given. */
  readonly organizationPurchased: Nanodollars;
  /** What the organization has had of free models on the day of the lookup: days since 1970, in UTC. */
  readonly freeRequests: { readonly day: number; readonly count: number };
}

/** A key to make. `plaintext` is only for the seed of demo keys: it must be well-formed and of this kind. */
export interface ApiKeyCreate {
  readonly organizationId: string;
  readonly createdByUserId: string | null;
  readonly kind: ApiKeyKind;
  readonly name: string;
  readonly limit?: Nanodollars | null;
  readonly limitReset?: LimitReset | null;
  readonly includeByokInLimit?: boolean;
  readonly expiresAt?: Date | null;
  readonly plaintext?: string;
}

/** Absent members stay as they are; null takes a limit or an expiry away. */
export interface ApiKeyChanges {
  readonly name?: string;
  readonly limit?: Nanodollars | null;
  readonly limitReset?: LimitReset | null;
  readonly includeByokInLimit?: boolean;
  readonly requestsPerMinute?: number | null;
  readonly expiresAt?: Date | null;
  readonly isDisabled?: boolean;
}

/** Names one key of one organization; keys of others are not found. */
export interface ApiKeyRef {
  readonly id: string;
  readonly organizationId: string;
}

/** Charged through a key: in all, and in the current UTC day, week (from Monday) and month by the database clock. Exact. */
export interface ApiKeyUsage {
  readonly total: Nanodollars;
  readonly daily: Nanodollars;
  readonly weekly: Nanodollars;
  readonly monthly: Nanodollars;
  /** Charged, and set aside by open holds, in the current window of the key's own rhythm; since ever when it has none. */
  readonly window: { readonly used: Nanodollars; readonly held: Nanodollars };
  /** Still to spend under the limit of the current window, >= 0; null without a limit. Open holds count as spent. */
  readonly limitRemaining: Nanodollars | null;
  /** The moment of the count by the database clock: it decides which window is the current one. */
  readonly asOf: Date;
}

/** One page of the inference keys of an organization. */
export interface ApiKeyPageRequest {
  readonly organizationId: string;
  /** False leaves disabled keys out; expired ones are in either way. */
  readonly includeDisabled: boolean;
  /** How many to skip, >= 0. */
  readonly offset: number;
  /** 1..100. */
  readonly limit: number;
}

/** Keys. Changes are announced on the topic `api_key` with the hash as id. Deleted keys are in no answer. */
export interface ApiKeyStore {
  /** Null only when the database positively has no such key; throws when it cannot say. */
  findByHash(hash: string): Promise<ApiKeySnapshot | null>;
  create(key: ApiKeyCreate): Promise<{ readonly record: ApiKeyRecord; readonly plaintext: string }>;
  find(ref: ApiKeyRef): Promise<ApiKeyRecord | null>;
  /** By hash within an organization: what management routes name keys by. */
  findOwnByHash(ref: { readonly hash: string; readonly organizationId: string }): Promise<ApiKeyRecord | null>;
  /** Newest first. */
  list(organizationId: string): Promise<readonly ApiKeyRecord[]>;
  /** Newest first. Management keys are not among them: they are not managed by one another. */
  listInference(page: ApiKeyPageRequest): Promise<readonly ApiKeyRecord[]>;
  update(ref: ApiKeyRef, changes: ApiKeyChanges): Promise<ApiKeyRecord | null>;
  /** For good; the row stays for the books. False when there was no such key. */
  revoke(ref: ApiKeyRef): Promise<boolean>;
  usage(apiKeyId: string): Promise<ApiKeyUsage>;
  /** For many keys at once, by id; keys without usage are present with zeros. */
  usages(apiKeyIds: readonly string[]): Promise<ReadonlyMap<string, ApiKeyUsage>>;
  touchLastUsed(apiKeyIds: readonly string[], at: Date): Promise<void>;
}
