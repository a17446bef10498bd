import type { AppError } from '@bourse/errors';
import type { Nanodollars } from '@bourse/money';
import type { GenerationRecord } from './generation.ts';

/** What a gateway asks for when its lease of an organization's credits runs low. */
export interface LeaseRequest {
  /** Made by the gateway; the first grant opens the lease. */
  readonly leaseId: string;
  readonly organizationId: string;
  /** The key that asks. The lease is the key's own when `isLimited`, else any key without a limit may spend it. */
  readonly apiKeyId: string;
  readonly isLimited: boolean;
  readonly gatewayId: string;
  /** The request that does not fit any more, >= 0. */
  readonly needed: Nanodollars;
  /** Most that is granted unless `needed` is more, and the least that is worth a lease. */
  readonly slabMax: Nanodollars;
  readonly slabMin: Nanodollars;
  readonly ttlMs: number;
}

/**
 * `low`: too little credit is left to lease any; reserve in the database. `fenced`: the lease is not this gateway's any more, or is of
 * another day, or the key's limit came or went: open another one. The other refusals are those of a reserve.
 */
export type LeaseResult =
  | {
      readonly kind: 'granted';
      readonly granted: Nanodollars;
      /** The database clock, milliseconds since 1970: days are counted by it. */
      readonly nowMs: number;
    }
  | { readonly kind: 'low' | 'fenced' | 'frozen' | 'key_inactive' };

/** What a provider bills us for an attempt that failed before another one answered. The house bears it. */
export interface AttemptLoss {
  readonly providerSlug: string;
  /** > 0. */
  readonly cost: Nanodollars;
}

/** The end of a generation on its way to the books. */
export interface Charge {
  readonly record: GenerationRecord;
  /** What the customer owes, >= 0. */
  readonly charge: Nanodollars;
  /** What we owe the provider, >= 0; booked as our loss when the customer owes less. */
  readonly cost: Nanodollars;
  readonly providerSlug: string;
  /** Of the attempts before the last; absent or empty where there are none, as nearly always. */
  readonly losses?: readonly AttemptLoss[];
  /** What it was admitted on, with the UTC day of the reserve; null: a hold of its own. */
  readonly lease: { readonly id: string; readonly day: string } | null;
}

/** A charge as a spool keeps it and as the books take it: `text` is its JSON, the rest was read from it or from what it was made of. */
export interface WrittenCharge {
  readonly generationId: string;
  readonly organizationId: string;
  readonly apiKeyId: string;
  readonly charge: Nanodollars;
  readonly cost: Nanodollars;
  readonly providerSlug: string;
  readonly leaseId: string | null;
  readonly hasLosses: boolean;
  readonly text: string;
}

/**
 * What became of one charge of a batch. `charged` is what was taken from the credits, now or (`duplicate`) before. `failed`: nothing
 * changed for it, and the same call would fail again.
 */
export type ChargeOutcome =
  | { readonly kind: 'settled' | 'late' | 'duplicate' | 'no_hold' | 'released'; readonly charged: Nanodollars }
  | { readonly kind: 'failed'; readonly error: AppError };

/** What a gateway process tells about itself. */
export interface GatewayHeartbeat {
  readonly gatewayId: string;
  readonly host: string;
  readonly spoolPending: number;
  readonly spoolOldestMs: number;
}

/** Credit in the hands of gateways. Errors as in LedgerStore; every call may be repeated. */
export interface LeaseStore {
  extend(request: LeaseRequest): Promise<LeaseResult>;
  /** Renews all; answers those that are still open and its own. */
  renew(request: {
    readonly leaseIds: readonly string[];
    readonly gatewayId: string;
    readonly ttlMs: number;
  }): Promise<ReadonlySet<string>>;
  /** `amount` 'all' closes the lease. False when it is not this gateway's any more; then all of it is free already. */
  giveBack(request: {
    readonly leaseId: string;
    readonly gatewayId: string;
    readonly amount: Nanodollars | 'all';
  }): Promise<boolean>;
  /** Asks other gateways for what they hold (topic `lease`); answers how many have not answered yet. `asks` false only looks. */
  recall(request: {
    readonly organizationId: string;
    readonly gatewayId: string;
    readonly asks: boolean;
  }): Promise<number>;
  /** Takes at most `limit` leases away that ended longer than `graceMs` ago; answers how many. */
  fence(request: { readonly graceMs: number; readonly limit: number }): Promise<number>;
  /**
   * Books charges, each at most once by generation id. Rejects only when the database cannot be reached: then all may be repeated.
   * One impossible charge never fails its neighbours. Outcomes in the order of the charges.
   */
  settle(charges: readonly WrittenCharge[]): Promise<readonly ChargeOutcome[]>;
  heartbeat(beat: GatewayHeartbeat): Promise<void>;
  /** Those of the given gateways that were seen within `withinMs` by the database clock. */
  living(request: { readonly gatewayIds: readonly string[]; readonly withinMs: number }): Promise<ReadonlySet<string>>;
  /** Frees what a gateway held, once nothing of it can follow: its own stop, or the end of a dead one whose spool was settled. */
  bury(gatewayId: string): Promise<{ readonly leases: number; readonly holds: number }>;
}
