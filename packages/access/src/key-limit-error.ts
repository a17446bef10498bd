import { AppError } from '@bourse/errors';
import { formatUsd, type Nanodollars } from '@bourse/money';
import { type LimitReset, limitResetsAt } from './limit-window.ts';

/** What a refused request ran into. Amounts are nanodollars. */
export interface KeyLimitFacts {
  readonly limit: Nanodollars;
  readonly limitReset: LimitReset | null;
  /** Left in the current window; shown as zero when a lowered limit made it negative. */
  readonly remaining: Nanodollars;
  /** The most that the request may cost. */
  readonly needed: Nanodollars;
  /** Milliseconds since 1970, for saying when the limit starts anew. */
  readonly nowMs: number;
  /** Where the limit can be changed. */
  readonly keysUrl: string;
}

/**
 * The 402 of a request that the key's own limit does not cover, whatever the balance. Programs read `metadata.reason` (`key_limit`;
 * a poor organization gets `account_balance`), `limit_reset` and `resets_at` (ISO 8601, null = never); people read the sentence,
 * which begins as OpenRouter's does, because clients look for it.
 */
export function keyLimitError(facts: KeyLimitFacts): AppError {
  const { limit, limitReset, needed, nowMs, keysUrl } = facts;
  const remaining = facts.remaining < 0n ? '0' : formatUsd(facts.remaining);
  const resetsAt = limitResetsAt(limitReset, nowMs)?.toISOString() ?? null;
  const wait = resetsAt === null ? '' : ` It starts anew at ${resetsAt}.`;
  return new AppError(
    'key_limit_exceeded',
    `Key limit exceeded (${limitReset ?? 'total'} limit): $${remaining} of $${formatUsd(limit)} is left and this request may cost up to $${formatUsd(needed)}.${wait} Change the limit at ${keysUrl}.`,
    {
      metadata: {
        reason: 'key_limit',
        limit: formatUsd(limit),
        limit_reset: limitReset,
        limit_remaining: remaining,
        resets_at: resetsAt,
        needed: formatUsd(needed),
      },
    },
  );
}
