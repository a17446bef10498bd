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

/**
 * What becomes of a claim whose answer has no whole text. Where money was taken the key is never free again. A retake cannot know
 * whether the owner before it had charged, so it leaves its generation id to the next one.
 */
async function unfinished({ claim }: Keeping, ended: Ended): Promise<ClaimEnd> {
  const charged = await Promise.resolve(ended.books).then(
    (books) => books.charged > 0n,
    () => null,
  );
  if (charged === true) return { state: 'incomplete' };
  return { state: charged === null || claim.isRetake ? 'abandoned' : 'freed' };
}

function endOf(keeping: Keeping, answer: Pick<Answer, 'kind' | 'headers'>, text: string | null): ClaimEnd {
  if (text === null) return { state: 'too_large' };
  const { kind, headers } = answer;
  return { state: 'done', sealed: sealAnswer({ kind, headers, text }, keeping.secrets, keeping.claim) };
}

async function keepBody(keeping: Keeping, answer: BodyAnswer): Promise<BodyAnswer> {
  const isTooLarge = Buffer.byteLength(answer.body) > KEPT_BYTES_MAX;
  const end = answer.isWhole
    ? endOf(keeping, answer, isTooLarge ? null : answer.body)
    : await unfinished(keeping, answer);
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
        end = next.value.isWhole ? endOf(keeping, answer, copy.read()) : await unfinished(keeping, next.value);
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
  return answer.kind === 'body'
    ? keepBody(keeping, answer)
    : { kind: answer.kind, headers: answer.headers, chunks: keepChunks(keeping, answer) };
}
