import type { RateLimitSource, RateRule } from '@bourse/access';
import type { CallerRules } from './rules.ts';

/** What one request takes of the limits that gateways have together. */
export interface SharedTake {
  /** Names the request among all that run. */
  readonly id: string;
  readonly keyId: string;
  readonly organizationId: string;
  readonly rules: CallerRules;
  /** Of tokens. */
  readonly units: number;
  /** How many free requests this process knows of; null for one that is not. */
  readonly free: { readonly used: number; readonly nowMs: number } | null;
}

/** A limit of all gateways together that said no. */
export interface SharedRefusal {
  readonly kind: 'refused';
  readonly source: Extract<
    RateLimitSource,
    | 'key_requests'
    | 'organization_requests'
    | 'organization_tokens'
    | 'organization_streams'
    | 'free_requests'
    | 'free_requests_per_day'
  >;
  readonly waitUs: number;
}

/** `remaining` requests of the nearer of the two limits on requests. */
export type SharedVerdict = { readonly kind: 'taken'; readonly remaining: number } | SharedRefusal;

/** The limits that several gateways have together. Nothing here throws, and nobody waits longer than the deadline of Redis. */
export interface SharedLimits {
  /** Null when there is no answer: then each gateway grants its share. */
  take(wanted: SharedTake): Promise<SharedVerdict | null>;
  /** Tokens that were not used; negative where more were. */
  giveBack(organizationId: string, rule: RateRule, units: number): void;
  /** A request no longer runs. */
  leave(organizationId: string, id: string): void;
  close(): void;
}
