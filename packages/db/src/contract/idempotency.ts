/** Which request is meant: the same key with another body is another request, and a conflict. Hashes are lower-case hex, 64 characters. */
export interface IdempotencyScope {
  readonly apiKeyId: string;
  readonly keyHash: string;
  readonly bodyHash: string;
}

/** Asks to be the one who works on a request. */
export interface ClaimRequest extends IdempotencyScope {
  readonly organizationId: string;
  /** What the generation will be called, unless a former owner has named it. */
  readonly generationId: string;
  /** Names this owner; unique. */
  readonly claimId: string;
  /** How long the answer may be asked for again. */
  readonly ttlMs: number;
  /** An owner who was silent for longer counts as dead. */
  readonly silentMs: number;
}

/** The right to work on a request, until another claim replaces it. */
export interface IdempotencyClaim extends IdempotencyScope {
  readonly organizationId: string;
  readonly generationId: string;
  readonly claimId: string;
  /** A former owner died or gave up: a hold, and even the charge, of this generation may exist. */
  readonly isRetake: boolean;
}

/** What is known of a request. `free`: nobody works on it, and nothing is kept. */
export type IdempotencyState =
  | { readonly kind: 'free' }
  | { readonly kind: 'running' }
  | { readonly kind: 'other_body' }
  | {
      readonly kind: 'done';
      readonly generationId: string;
      /** The claim under which the answer was sealed. */
      readonly claimId: string;
      readonly sealed: Uint8Array;
    }
  | { readonly kind: 'too_large' | 'incomplete'; readonly generationId: string };

/** How a claimed request ended when it may not be repeated: with its answer, or with the reason why there is none. */
export type IdempotencyEnd =
  | { readonly state: 'done'; readonly sealed: Uint8Array }
  | { readonly state: 'too_large' | 'incomplete' };

/**
 * Requests with an Idempotency-Key: one row for each API key and idempotency key. All times are by the database clock. Every method
 * throws AppError('service_unavailable') when the database cannot be reached.
 */
export interface IdempotencyStore {
  /**
   * Claims a request that is free, expired, or whose owner died (then with that owner's generation id). Null when somebody has it: of
   * any number of racers one wins.
   */
  claim(request: ClaimRequest): Promise<IdempotencyClaim | null>;
  /** `silentMs` as in a claim: a request whose owner died is `free`. */
  look(scope: IdempotencyScope, silentMs: number): Promise<IdempotencyState>;
  /** Says that the owners of these claims live. */
  heartbeat(claims: readonly IdempotencyClaim[]): Promise<void>;
  /** Ends a claim for good; false when the claim was no longer the owner's, and nothing was written. */
  finish(claim: IdempotencyClaim, end: IdempotencyEnd): Promise<boolean>;
  /** Forgets a request of which nothing was charged: its key may be used anew, with any body. */
  free(claim: IdempotencyClaim): Promise<void>;
  /** Leaves a request to the next who asks for it, who goes on under the same generation id. */
  abandon(claim: IdempotencyClaim): Promise<void>;
  /** Removes at most `limit` expired rows; answers how many. */
  prune(limit: number): Promise<number>;
}
