import type { IdempotencyState } from '@bourse/db';
import { AppError } from '@bourse/errors';

/** Why a request with an Idempotency-Key is neither run nor answered; `metadata.reason` of a 409. */
type ConflictReason =
  | 'idempotency_key_reused'
  | 'idempotency_in_progress'
  | 'idempotency_answer_too_large'
  | 'idempotency_incomplete'
  | 'idempotency_answer_unreadable';

const SENTENCES: Readonly<Record<ConflictReason, string>> = {
  idempotency_key_reused:
    'This Idempotency-Key was used for another request in the last 24 hours. Give every request a key of its own.',
  idempotency_in_progress: 'The first request with this Idempotency-Key is still running. Try again.',
  idempotency_answer_too_large:
    'The first request with this Idempotency-Key was answered and charged, but its answer is too large to be kept.',
  idempotency_incomplete:
    'The first request with this Idempotency-Key was charged for what it delivered before it was cut off; there is no whole answer.',
  idempotency_answer_unreadable:
    'The first request with this Idempotency-Key was answered and charged, but its stored answer is damaged.',
};

/** A 409 with its reason. Only one that is still running is worth another try with the same key. */
export function conflict(reason: ConflictReason, cause?: unknown): AppError {
  return new AppError('conflict', SENTENCES[reason], {
    metadata: { reason },
    ...(cause === undefined ? {} : { cause }),
    ...(reason === 'idempotency_in_progress' ? { retryAfterSeconds: 1 } : {}),
  });
}

/** The conflict behind what is known of a request that will never be answered. */
export function conflictOf(kind: Exclude<IdempotencyState['kind'], 'free' | 'running' | 'done'>): AppError {
  switch (kind) {
    case 'other_body':
      return conflict('idempotency_key_reused');
    case 'too_large':
      return conflict('idempotency_answer_too_large');
    case 'incomplete':
      return conflict('idempotency_incomplete');
  }
}
