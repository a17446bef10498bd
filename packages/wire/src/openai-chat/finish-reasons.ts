import type { Finish, FinishReason } from '@bourse/generation';
import { wordTable } from '../word-table.ts';

const FINISH_REASONS: ReadonlyMap<string, FinishReason> = wordTable({
  stop: 'stop',
  length: 'length',
  max_tokens: 'length',
  model_length: 'length', // Mistral: the context is full.
  tool_calls: 'tool_calls',
  function_call: 'tool_calls',
  tool_use: 'tool_calls',
  content_filter: 'content_filter',
  refusal: 'content_filter',
  error: 'error',
});

/** A provider's word for the end in ours. A word that we do not know ends an answer like `stop`. */
export function finishOf(raw: string | null): Finish {
  return { unified: FINISH_REASONS.get(raw ?? 'stop') ?? 'stop', raw };
}
