import type { PriceSheet } from '@bourse/catalog';

/** The prices of one endpoint for as long as they hold. Sheets never change: a new price is a new sheet. */
export interface PricePeriod {
  readonly endpointId: string;
  readonly modelSlug: string;
  readonly providerSlug: string;
  readonly tag: string;
  /** The provider's prices, without markup; `effectiveFrom` begins the period. */
  readonly prices: PriceSheet;
  /** The period ends before this moment; null = it is open. */
  readonly effectiveTo: Date | null;
  /** The endpoint is in the catalog today. */
  readonly isListed: boolean;
}

/** What a version of the catalog may change. */
export type CatalogChangeKind =
  | 'model_added'
  | 'model_removed'
  | 'endpoint_added'
  | 'endpoint_removed'
  | 'price_changed';

/** One thing that a version changed. The first filling of a market is a change too: everything in it was added then. */
export interface CatalogChange {
  /** Grows with time; the cursor of `changes`, and a stable id for feeds. A decimal string. */
  readonly id: string;
  readonly at: Date;
  readonly kind: CatalogChangeKind;
  readonly modelSlug: string;
  readonly modelName: string;
  readonly isSandbox: boolean;
  /** Null where the change is about the model as a whole. */
  readonly endpointId: string | null;
  readonly providerSlug: string | null;
  readonly providerName: string | null;
  /** Of `price_changed` alone; without markup. */
  readonly pricesBefore: PriceSheet | null;
  /** Of `price_changed`, and of `endpoint_added` where the endpoint is new to this market; without markup. */
  readonly pricesAfter: PriceSheet | null;
}

/** A model and its age. */
export interface ModelAge {
  readonly slug: string;
  readonly name: string;
  readonly authorSlug: string;
  readonly description: string;
  /** The author's day of release, ISO; null = unknown. */
  readonly releasedOn: string | null;
  /** When this market first had it. */
  readonly listedAt: Date;
  readonly isSandbox: boolean;
}

/** The catalog's past: prices by the time in which they held, and what changed when. */
export interface CatalogHistoryStore {
  /**
   * Every price that an endpoint, or each endpoint of a model, has had: newest period first, endpoints by id among those of one moment. `limit`
   * 1..1000, 200 by default. Empty for what nobody ever sold. Endpoints that left the catalog are part of it.
   */
  priceHistory(
    of: ({ readonly modelSlug: string } | { readonly endpointId: string }) & { readonly limit?: number },
  ): Promise<readonly PricePeriod[]>;
  /**
   * What changed, newest first: a feed. `kinds` absent = all; `before` is the `id` after which to go on; `limit` 1..500, 100 by default. The sandbox
   * market is left out unless `includesSandbox`.
   */
  changes(query?: {
    readonly kinds?: readonly CatalogChangeKind[];
    readonly modelSlug?: string;
    readonly before?: string;
    readonly limit?: number;
    readonly includesSandbox?: boolean;
  }): Promise<readonly CatalogChange[]>;
  /**
   * Models of the catalog as it is, newest first: by the author's day of release or, where that is unknown, by the day on which this market first
   * had them. `limit` 1..500, 50 by default. The sandbox market is left out unless `includesSandbox`.
   */
  newestModels(query?: { readonly limit?: number; readonly includesSandbox?: boolean }): Promise<readonly ModelAge[]>;
}

/** Where a proposal stands. `superseded`: the sources no longer say so, or say something else. */
export type ProposalStatus = 'pending' | 'approved' | 'rejected' | 'superseded';

/** A change that a source proposed, and why a person must look at it. */
export interface NewProposal {
  /** SHA-256 of the change, hexadecimal: the same proposal again has the same. */
  readonly fingerprint: string;
  /** The endpoint or model that it is about, or `catalog`. */
  readonly subject: string;
  /** One line for people. */
  readonly summary: string;
  /** Each guard that held it back, in words; at least one. */
  readonly reasons: readonly string[];
  /** JSON: what to do when it is approved. */
  readonly change: unknown;
}

/** A proposal as it is kept. */
export interface CatalogProposal extends NewProposal {
  readonly id: number;
  readonly createdAt: Date;
  /** The packages and versions that it came from. */
  readonly source: string;
  readonly status: ProposalStatus;
  readonly decidedAt: Date | null;
  readonly decidedBy: string | null;
  readonly note: string | null;
}

/** How a look at the sources ended. `refused`: they could not be read or made no sense, and nothing was done. */
export type SyncOutcome = 'unchanged' | 'applied' | 'held' | 'refused';

/** One look at the sources. */
export interface SyncRun {
  readonly at: Date;
  readonly source: string;
  readonly outcome: SyncOutcome;
  /** Changes that went live. */
  readonly applied: number;
  /** Changes that wait for a person. */
  readonly held: number;
  /** Why it was refused. */
  readonly problem: string | null;
}

/** What sources propose and people decide. */
export interface CatalogProposalStore {
  /**
   * Makes the pending proposals equal to the given ones: new ones are written, those that are pending already stay as they are, pending ones that are
   * not among them become `superseded`, and those that were rejected before are not asked again. Answers how many are new. Any number of syncs may
   * do so at once.
   */
  replacePending(request: {
    readonly source: string;
    readonly proposals: readonly NewProposal[];
  }): Promise<{ readonly added: number; readonly superseded: number }>;
  /** Newest first, at most 1000. */
  list(query: { readonly status: ProposalStatus }): Promise<readonly CatalogProposal[]>;
  get(id: number): Promise<CatalogProposal | null>;
  /** Fingerprints among these that a person has approved: what was decided once is not asked again. */
  approvedAmong(fingerprints: readonly string[]): Promise<ReadonlySet<string>>;
  /** Decides a pending proposal, once: `not_pending` for one that was decided before, or is not there. */
  decide(decision: {
    readonly id: number;
    readonly status: 'approved' | 'rejected';
    readonly actor: string;
    readonly note: string | null;
  }): Promise<'decided' | 'not_pending'>;
  recordSync(run: Omit<SyncRun, 'at'>): Promise<void>;
  /** The last look at the sources, and how many proposals wait. */
  state(): Promise<{ readonly lastSync: SyncRun | null; readonly pending: number }>;
}
