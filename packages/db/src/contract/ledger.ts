import type { Nanodollars } from '@bourse/money';
import type { GenerationRecord } from './generation.ts';
import type { Page, PageRequest } from './page.ts';

/** What a reserve asks for: `amount` is set aside from the organization's credits until `ttlMs` from now by the database clock. */
export interface HoldRequest {
  readonly generationId: string;
  readonly organizationId: string;
  readonly apiKeyId: string;
  /** Upper bound of the charge, >= 0. */
  readonly amount: Nanodollars;
  /** 1 000 .. 86 400 000. */
  readonly ttlMs: number;
  /** Which gateway process holds it: after a crash its open holds are told apart from those of the living. */
  readonly gatewayId: string;
}

/** `duplicate`: a hold of this generation exists already; nothing was written. Every answer but `held` writes nothing. */
export type ReserveResult =
  | { readonly kind: 'held' }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'insufficient_credits'; readonly available: Nanodollars }
  | { readonly kind: 'key_limit'; readonly remaining: Nanodollars }
  | { readonly kind: 'frozen' }
  /** Disabled, deleted or expired by the database clock, or not a key of this organization. */
  | { readonly kind: 'key_inactive' };

/** The end of a generation with its money: `record` carries the generation, organization and key ids. */
export interface SettleRequest {
  /** What the customer owes, >= 0. Only as much as the credits cover is taken; the rest is our loss, flagged `clamped`. */
  readonly charge: Nanodollars;
  /** What we owe the provider, >= 0; booked even when nothing is charged. */
  readonly cost: Nanodollars;
  /** Whose payable account the cost goes to. */
  readonly providerSlug: string;
  readonly record: GenerationRecord;
}

/**
 * `settled`: the hold became a charge. `late`: it had been released or expired before; charged all the same. `no_hold`: none was
 * known (restored database); charged all the same. `duplicate`: charged earlier, nothing changed. `charged` is what was taken.
 */
export interface SettleResult {
  readonly kind: 'settled' | 'late' | 'duplicate' | 'no_hold';
  readonly charged: Nanodollars;
}

/** Gives a hold back when nothing is owed. With a `record`, the generation is written with charge 0 in the same transaction. */
export interface ReleaseRequest {
  readonly generationId: string;
  readonly organizationId: string;
  readonly record?: GenerationRecord;
}

/** `duplicate`: it was resolved before (settled, released or expired). `no_hold`: none is known. A record is kept in all cases. */
export interface ReleaseResult {
  readonly kind: 'released' | 'duplicate' | 'no_hold';
}

/** One line of a transaction to post. Positive amounts credit the ledger account, negative ones debit it. */
export interface PostEntry {
  readonly ledgerAccountId: string;
  readonly amount: Nanodollars;
}

/**
 * A balanced set of entries, applied once per `idempotencyKey`. A grant must be of promotional credit, a top-up of paid credit; a refund
 * takes credit back (what was charged is given back by `refund`), and nothing may turn promotional into paid credit or the reverse.
 */
export interface PostRequest {
  readonly idempotencyKey: string;
  readonly kind: 'topup' | 'grant' | 'refund' | 'adjustment';
  /** At least two, amounts not zero, sum zero. */
  readonly entries: readonly PostEntry[];
  /** What it is about, for people: a payment, a generation, a reason. */
  readonly reference: string;
  readonly actor: string;
  readonly flags?: readonly string[];
}

/** Same key and same content twice = one effect. Same key with other content throws AppError('conflict'). */
export interface PostResult {
  readonly kind: 'posted' | 'duplicate';
}

/** Gives promotional credit from the house's promotion expense. `amount` > 0. */
export interface GrantRequest {
  readonly idempotencyKey: string;
  readonly organizationId: string;
  readonly amount: Nanodollars;
  readonly reference: string;
  readonly actor: string;
}

/** Gives back what was charged for a generation. `amount` > 0. */
export interface RefundRequest {
  /** Of this refund: a charge may be refunded in parts. */
  readonly idempotencyKey: string;
  readonly generationId: string;
  readonly organizationId: string;
  readonly amount: Nanodollars;
  readonly actor: string;
}

/**
 * `exceeds_charge`: the refunds of a charge never come to more than it. `unknown_charge`: nothing (more) is charged for that generation of
 * that organization. Paid credit comes back as paid credit, and first; promotional credit as promotional credit.
 */
export type RefundResult =
  | { readonly kind: 'refunded'; readonly paid: Nanodollars; readonly promo: Nanodollars }
  | { readonly kind: 'duplicate' | 'exceeds_charge' | 'unknown_charge' };

/**
 * `available`: what can still be spent: posted - held - floor, and what gateways lease and have not spent, which comes home when it is
 * needed. `held` counts it, because nobody else may reserve it meanwhile.
 */
export interface Balance {
  readonly posted: Nanodollars;
  /** The part of `posted` that was given and not paid for; usage takes it first. */
  readonly promo: Nanodollars;
  readonly held: Nanodollars;
  readonly available: Nanodollars;
  readonly isFrozen: boolean;
}

/** `totalCredits` - `totalUsage` = posted, always. */
export interface LedgerTotals {
  /** Top-ups, grants, refunds and adjustments, net. */
  readonly totalCredits: Nanodollars;
  /** Charges of generations, as a positive amount. */
  readonly totalUsage: Nanodollars;
}

/** A line of an organization's ledger, newest first in lists. */
export interface LedgerLine {
  /** Id of the entry, as a decimal string. */
  readonly id: string;
  readonly kind: 'usage' | 'topup' | 'grant' | 'refund' | 'adjustment';
  readonly amount: Nanodollars;
  /** The part of `amount` that is promotional credit; of the same sign. */
  readonly promo: Nanodollars;
  readonly reference: string;
  readonly flags: readonly string[];
  readonly createdAt: Date;
}

/**
 * The only way to move money. Everything is idempotent (by generation id or idempotency key) and exact under any concurrency;
 * PostgreSQL decides. Every method throws AppError('service_unavailable') when the database cannot be reached, in which case the
 * effect is unknown and the same call may be repeated; and AppError('internal') on a broken invariant, in which case nothing changed.
 */
export interface LedgerStore {
  reserve(hold: HoldRequest): Promise<ReserveResult>;
  settle(request: SettleRequest): Promise<SettleResult>;
  release(request: ReleaseRequest): Promise<ReleaseResult>;
  /** Releases at most `limit` holds whose time has passed; answers how many. Never guesses a charge. */
  expireHolds(limit: number): Promise<number>;
  post(request: PostRequest): Promise<PostResult>;
  grant(request: GrantRequest): Promise<PostResult>;
  /** The same key with other content throws AppError('conflict'). */
  refund(request: RefundRequest): Promise<RefundResult>;
  /** All zero for an organization that never had credits. */
  balance(organizationId: string): Promise<Balance>;
  totals(organizationId: string): Promise<LedgerTotals>;
  listEntries(organizationId: string, page: PageRequest): Promise<Page<LedgerLine>>;
  /** A frozen organization reads but cannot reserve. */
  setFrozen(request: { readonly organizationId: string; readonly isFrozen: boolean }): Promise<void>;
  /** Open holds and the oldest one's expiry, for metrics and the worker. */
  openHolds(): Promise<{ readonly count: number; readonly overdue: number }>;
}
