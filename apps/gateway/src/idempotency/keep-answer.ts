import type { IdempotencyClaim } from '@bourse/db';
import type { Answer, BodyAnswer, Ended, StreamAnswer, StreamEnd } from '../generate/request.ts';
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

async function keepBody(keeping: Keeping, answer: BodyAnswer): Promise<BodyAnswer> {
  const isTooLarge = Buffer.byteLength(answer.body) > KEPT_BYTES_MAX;
  const end = await endOf({ ...keeping, answer }, isTooLarge ? null : answer.body, answer);
  await keeping.claims.end(keeping.claim, end);
  return answer;
}

/** A copy of what passes, given up as soon as it is too large to be kept. */
class Copy {
  #pieces: string[] | null = [];
  #bytes = 0;

  add(text: string): void {
    this.#bytes += Buffer.byteLength(text);
    if (this.#bytes > KEPT_BYTES_MAX) this.#pieces = null;
    this.#pieces?.push(text);
  }

  read(): string | null {
    return this.#pieces?.join('') ?? null;
  }
}

async function* keepChunks(keeping: Keeping, answer: StreamAnswer): AsyncGenerator<string, StreamEnd> {
  const { claims, claim } = keeping;
  const copy = new Copy();
  let end: ClaimEnd = { state: 'abandoned' };
  try {
    for (;;) {
      const next = await answer.chunks.next();
      if (next.done === true) {
        copy.add(next.value.text);
        end = await endOf({ ...keeping, answer }, copy.read(), next.value);
        return next.value;
      }
      copy.add(next.value);
      yield next.value;
    }
  } finally {
    // Before the last words leave, or because the source broke.
    await claims.end(claim, end);
  }
}

/**
 * The same answer, kept for a retry: a body before any of it is sent, a stream before its last words are. The chunks before those pass
 * without delay.
 */
export async function keepAnswer(keeping: Keeping, answer: Answer): Promise<Answer> {
  return answer.kind === 'body' ? keepBody(keeping, answer) : { ...answer, chunks: keepChunks(keeping, answer) };
}
