import { createHash } from 'node:crypto';

/** What the provider of a chaos run answers to a request, and what it says that this took. */
export interface AnswerPlan {
  readonly texts: readonly string[];
  readonly usage: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly total_tokens: number;
    readonly prompt_tokens_details: { readonly cached_tokens: number };
  };
}

/** Long enough that what is counted is less than a byte-wise bound and more than any tokenizer's own count. */
const FILLER =
  'Please write a short answer about rivers, bridges and the people who build them; be brief, be kind, and stop when you have said enough. ';

/** The prompt that carries a nonce to the provider. */
export function promptOf(nonce: string): string {
  return `nonce=${nonce} ${FILLER}${FILLER}`;
}

/** The most tokens that any answer has: requests ask for no more. */
export const OUTPUT_TOKENS_MAX = 48;

function usageOf({
  prompt,
  completion,
  cached,
}: {
  prompt: number;
  completion: number;
  cached: number;
}): AnswerPlan['usage'] {
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached },
  };
}

/**
 * The same nonce is answered the same way by whomever asks, so that the price of an answer can be computed from outside. With
 * `few` in its nonce it is one token, which no budget can shorten.
 */
export function planAnswer(nonce: string): AnswerPlan {
  if (nonce.includes('few')) return { texts: ['word'], usage: usageOf({ prompt: 60, completion: 1, cached: 0 }) };
  const digest = createHash('sha256').update(nonce).digest();
  const at = (index: number, most: number): number => digest.readUInt16BE(index) % most;
  const texts = Array.from({ length: 2 + at(0, 4) }, (_, index) => `word${at(2 + index * 2, 90)} `);
  const counts = { prompt: 120 + at(20, 60), completion: 20 + at(22, OUTPUT_TOKENS_MAX - 20), cached: at(24, 60) };
  return { texts, usage: usageOf(counts) };
}
