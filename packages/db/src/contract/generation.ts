import type { FinishReason, JsonObject, Meter, Usage } from '@bourse/generation';
import type { Nanodollars, PicodollarsPerUnit } from '@bourse/money';
import type { Page, PageRequest } from './page.ts';

/** How a generation ended. */
export type GenerationEnd = 'finished' | 'upstream_error' | 'client_cancelled' | 'timeout' | 'rejected';

/** Where the counts of a charge come from. */
export type UsageBasis = 'reported' | 'estimated' | 'none';

/** A price line of a receipt: `quantity` units of `meter` at `price` each, before markup. */
export interface ReceiptLine {
  readonly meter: Meter;
  readonly quantity: number;
  readonly price: PicodollarsPerUnit;
}

/** Everything needed to compute the charge again: `chargeTotal(lines, markupBps)`. */
export interface Receipt {
  readonly lines: readonly ReceiptLine[];
  readonly priceSheetId: string;
  readonly markupBps: number;
  /** The rounding rule, e.g. "ceil-nanodollar-once". */
  readonly rounding: string;
}

/** One generation as the gateway knows it at its end. Never any prompt or completion text. Strings are cut to 512 characters. */
export interface GenerationRecord {
  readonly id: string;
  readonly organizationId: string;
  readonly apiKeyId: string;
  /** From `apps.resolve`; null = not attributed. */
  readonly appId: number | null;
  readonly requestId: string;
  readonly modelRequested: string;
  readonly modelSlug: string;
  readonly providerSlug: string | null;
  readonly endpointId: string | null;
  readonly upstreamId: string | null;
  readonly isStreamed: boolean;
  readonly isCancelled: boolean;
  readonly end: GenerationEnd;
  readonly finishReason: FinishReason | null;
  readonly nativeFinishReason: string | null;
  readonly usage: Usage;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly cachedTokens: number;
  readonly basis: UsageBasis;
  /** e.g. "estimated", "cancelled", "insured"; the ledger adds "late", "clamped", "no_hold". */
  readonly flags: readonly string[];
  readonly receipt: Receipt | null;
  /** One object per call to an endpoint, in order; the gateway defines the members. */
  readonly attempts: readonly JsonObject[];
  /** To the first token. */
  readonly latencyMs: number | null;
  /** From the first token to the last. */
  readonly generationMs: number | null;
  readonly httpReferer: string | null;
  readonly origin: string | null;
  readonly userAgent: string | null;
  readonly endUser: string | null;
  readonly sessionId: string | null;
  readonly isDemo: boolean;
  readonly errorCode: string | null;
  /** When the request arrived. */
  readonly createdAt: Date;
}

/** A generation as it is in the books. */
export interface StoredGeneration extends GenerationRecord {
  /** What was taken from the credits (after clamping): equals the ledger to the nanodollar. */
  readonly charge: Nanodollars;
  readonly cost: Nanodollars;
  readonly appTitle: string | null;
  readonly appUrl: string | null;
  readonly recordedAt: Date;
}

/** What the ledger says about a charge. `paid` + `promo` is the charge. */
export interface Payment {
  readonly paid: Nanodollars;
  readonly promo: Nanodollars;
  /** What the credits did not cover: borne by the house. */
  readonly overrun: Nanodollars;
  readonly refunded: Nanodollars;
}

/** Where the prices of a receipt were read. */
export interface PriceOrigin {
  readonly sourceUrl: string;
  /** ISO date on which the source was last read and said the same. */
  readonly checkedOn: string;
  /** Moment from which the prices hold. */
  readonly effectiveFrom: Date;
}

/** A generation with all that its receipt tells. */
export interface GenerationDetail extends StoredGeneration {
  /** Set aside from leased credit, or by a hold of its own. */
  readonly leaseId: string | null;
  readonly payment: Payment;
  /** Null when nothing was charged. */
  readonly priceOrigin: PriceOrigin | null;
}

/** All conditions must hold; `from` is inclusive, `to` exclusive, both on `createdAt`. */
export interface GenerationFilters {
  readonly apiKeyId?: string;
  readonly modelSlug?: string;
  readonly providerSlug?: string;
  readonly appId?: number;
  readonly end?: GenerationEnd;
  readonly from?: Date;
  readonly to?: Date;
}

/** Order of a list; ties are broken by id. */
export type GenerationSort = 'newest' | 'oldest' | 'charge' | 'tokens';

/** Sums over the generations that match. */
export interface GenerationSummary {
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly charge: Nanodollars;
}

/** One UTC day of one model at one provider. */
export interface ActivityRow extends GenerationSummary {
  /** ISO date. */
  readonly date: string;
  readonly modelSlug: string;
  readonly providerSlug: string | null;
  readonly endpointId: string | null;
}

/** Reads of generations, always within one organization: another tenant's id answers null. Writing happens in the ledger. */
export interface GenerationStore {
  find(key: { readonly id: string; readonly organizationId: string }): Promise<GenerationDetail | null>;
  list(query: {
    readonly organizationId: string;
    readonly filters?: GenerationFilters;
    readonly sort?: GenerationSort;
    readonly page: PageRequest;
  }): Promise<Page<StoredGeneration>>;
  summary(query: { readonly organizationId: string; readonly filters?: GenerationFilters }): Promise<GenerationSummary>;
  activity(query: {
    readonly organizationId: string;
    readonly filters?: GenerationFilters;
  }): Promise<readonly ActivityRow[]>;
}
