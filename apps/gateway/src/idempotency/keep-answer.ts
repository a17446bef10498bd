import type { IdempotencyClaim } from '@bourse/db';
import type { Answer, Ended } from '../generate/request.ts';
import { tapAnswer } from '../http/tap-answer.ts';
import type { ClaimEnd, Claims } from './claims.ts';
import type { Secrets } from './request-scope.ts';
import { sealAnswer } from './sealed-answer.ts';

/** Larger answers are not kept: the row says so, and a retry is refused instead of charged again. */
export const KEPT_BYTES_MAX = 4 * 1024 * 1024;

/** What a claim's answer is kept with. */
export interface Keeping {
  readonly claims: Claims;
  readonly claim: IdempotencyClaim;
  readonly secrets: Secrets;
}

/** What was taken for an answer, once it is in the books; null when that will never be known here. */
async function chargedFor(ended: Ended): Promise<bigint | null> {
  try {
    return (await ended.books)?.charged ?? null;
  } catch {
    // Logged by whoever runs it in the background.
    return null;
  }
}

/**
 * How the claim of an answer ends; `body` null = too large. Where money was taken the key is never free again. A retake cannot know
 * whether the owner before it had charged, so it leaves its generation id to the next one.
 */
async function endOf(
  { claim, secrets, answer }: Keeping & { readonly answer: Answer },
  body: string | Uint8Array | null,
  ended: Ended,
): Promise<ClaimEnd> {
  const charged = await chargedFor(ended);
  if (charged === null) return { state: 'abandoned' };
  if (ended.isWhole) {
    const { kind, headers } = answer;
    return body === null
      ? { state: 'too_large' }
      : { state: 'done', sealed: sealAnswer({ kind, headers, body }, secrets, claim) };
  }
  if (charged > 0n) return { state: 'incomplete' };
  return { state: claim.isRetake ? 'abandoned' : 'freed' };
}

/** The same answer, kept for a retry before its last words leave. */
export function keepAnswer(keeping: Keeping, answer: Answer): Promise<Answer> {
  const { claims, claim } = keeping;
  return tapAnswer(answer, {
    bytesMax: KEPT_BYTES_MAX,
    async onEnd(copy, ended) {
      const end = ended === null ? { state: 'abandoned' as const } : await endOf({ ...keeping, answer }, copy, ended);
      await claims.end(claim, end);
    },
  });
}
