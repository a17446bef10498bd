import type { Finish, FinishReason } from '@bourse/generation';

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_MessageStopEvent.html, read 2026-11. */
const FINISH_REASONS: ReadonlyMap<string | null, FinishReason> = new Map([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['tool_use', 'tool_calls'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['content_filtered', 'content_filter'],
  ['guardrail_intervened', 'content_filter'],
  ['malformed_model_output', 'error'],
  ['malformed_tool_use', 'error'],
]);

/**
 * Converse's word for the end in ours. Clients act on it, so that calls decide: some models say `end_turn` with them, and a form of the
 * answer that was a tool ends with `tool_use` although the client sees no call. A word that we do not know ends an answer like `end_turn`.
 */
export function finishOf(raw: string | null, hasCall: boolean): Finish {
  const known = FINISH_REASONS.get(raw) ?? 'stop';
  if (known === 'stop' || known === 'tool_calls') return { unified: hasCall ? 'tool_calls' : 'stop', raw };
  return { unified: known, raw };
}
