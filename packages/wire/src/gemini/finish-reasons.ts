import type { Finish, FinishReason } from '@bourse/generation';
import { wordTable } from '../word-table.ts';

/** https://ai.google.dev/api/generate-content#FinishReason, read 2026-11. */
const FINISH_REASONS: ReadonlyMap<string, FinishReason> = wordTable({
  STOP: 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'content_filter',
  RECITATION: 'content_filter',
  BLOCKLIST: 'content_filter',
  PROHIBITED_CONTENT: 'content_filter',
  SPII: 'content_filter',
  MODEL_ARMOR: 'content_filter',
  IMAGE_SAFETY: 'content_filter',
  IMAGE_PROHIBITED_CONTENT: 'content_filter',
  IMAGE_RECITATION: 'content_filter',
  MALFORMED_FUNCTION_CALL: 'error',
  UNEXPECTED_TOOL_CALL: 'error',
  TOO_MANY_TOOL_CALLS: 'error',
  MALFORMED_RESPONSE: 'error',
  MISSING_THOUGHT_SIGNATURE: 'error',
  NO_IMAGE: 'error',
});

/** Google's word for the end in ours: STOP after a call is `tool_calls`, and a word that we do not know is like STOP. */
export function finishOf(raw: string, hasCall: boolean): Finish {
  const unified = FINISH_REASONS.get(raw) ?? 'stop';
  return { unified: unified === 'stop' && hasCall ? 'tool_calls' : unified, raw };
}

const WORDS: Readonly<Record<FinishReason, string>> = {
  stop: 'STOP',
  tool_calls: 'STOP',
  length: 'MAX_TOKENS',
  content_filter: 'SAFETY',
  error: 'OTHER',
};

/** Our word for the end in Google's; its own comes back as it was. */
export function finishWord({ unified, raw }: Finish): string {
  return raw !== null && FINISH_REASONS.get(raw) === (unified === 'tool_calls' ? 'stop' : unified)
    ? raw
    : WORDS[unified];
}
