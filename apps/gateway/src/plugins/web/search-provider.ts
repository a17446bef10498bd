import type { SearchWish, Surcharge } from '@bourse/generation';
import type { Signal } from '../../signal.ts';

/** A page that was found. */
export interface SearchResult {
  readonly url: string;
  readonly title: string;
  /** What is on it, cut to a bound. */
  readonly content: string;
}

/** Somebody who searches the web for us. */
export interface SearchProvider {
  /** For records and receipts. */
  readonly id: string;
  /**
   * At most as many results as are wished for, the best first. Rejects with AppError: `provider_failed`, `provider_timeout` or
   * `service_unavailable`; with anything at all once `cut` is set.
   */
  search(wish: SearchWish, cut: Signal): Promise<readonly SearchResult[]>;
}

/** How the web is searched here, and what a search costs the customer. */
export interface WebSearch {
  /** Null where the operator has set up none. */
  readonly provider: SearchProvider | null;
  readonly surcharge: Surcharge;
}
