import type { Nanodollars } from '@bourse/money';

/** created -> paid -> granted; created -> expired | failed. It never goes back. */
export type TopupState = 'created' | 'paid' | 'granted' | 'expired' | 'failed';

/** A purchase of credits. The customer pays `amountCents` + `feeCents` and gets `amount`. */
export interface TopupRecord {
  readonly id: string;
  readonly organizationId: string;
  readonly userId: string | null;
  readonly amount: Nanodollars;
  readonly amountCents: number;
  readonly feeCents: number;
  /** Lower-case ISO 4217. */
  readonly currency: string;
  readonly checkoutSessionId: string | null;
  readonly paymentIntentId: string | null;
  readonly state: TopupState;
  readonly createdAt: Date;
  readonly grantedAt: Date | null;
}

/** The facts of a verified webhook event that the books care about. */
export interface StripeEventFacts {
  readonly eventId: string;
  readonly type: string;
  readonly isLivemode: boolean;
  /** Id of the event's object: a checkout session or a payment intent. */
  readonly objectId: string;
  /** Hex SHA-256 of the raw body. */
  readonly payloadSha256: string;
  /** What it means for a top-up; null = an event that we only file. */
  readonly outcome: 'paid' | 'expired' | 'failed' | null;
  /** Our id, from `client_reference_id`; null when the event does not carry it (then the other ids find the row). */
  readonly topupId: string | null;
  readonly checkoutSessionId: string | null;
  readonly paymentIntentId: string | null;
  readonly amountTotalCents: number | null;
  readonly currency: string | null;
}

/** What our configuration expects of events. */
export interface StripeExpectations {
  readonly isLivemode: boolean;
}

/**
 * `granted`: the credits were posted by this event. `duplicate`: this event or this payment was handled before. `updated`: the state
 * of the top-up moved without a grant. `ignored`: filed, nothing to do. `refused`: filed, the facts contradict our row; `reason` says how.
 */
export type StripeEventResult =
  | { readonly kind: 'granted'; readonly topup: TopupRecord }
  | { readonly kind: 'updated'; readonly topup: TopupRecord }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'ignored' }
  | { readonly kind: 'refused'; readonly reason: string };

/** Purchases and the webhook events that complete them. */
export interface PaymentStore {
  createTopup(topup: {
    readonly organizationId: string;
    readonly userId: string | null;
    readonly amountCents: number;
    readonly feeCents: number;
    readonly currency: string;
  }): Promise<TopupRecord>;
  attachCheckoutSession(request: { readonly topupId: string; readonly checkoutSessionId: string }): Promise<void>;
  find(key: { readonly topupId: string; readonly organizationId: string }): Promise<TopupRecord | null>;
  /**
   * Files the event and applies it in one transaction: the amount comes from our row, never from the event; the grant is keyed on the
   * payment, so any number and order of events grants once.
   */
  recordStripeEventAndGrant(facts: StripeEventFacts, expected: StripeExpectations): Promise<StripeEventResult>;
  /** Newest first. */
  list(organizationId: string): Promise<readonly TopupRecord[]>;
}
