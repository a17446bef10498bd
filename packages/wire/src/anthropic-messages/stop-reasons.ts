import type { Finish, FinishReason } from '@bourse/generation';
import { wordTable } from '../word-table.ts';

/** Anthropic's words for the end (https://docs.claude.com/en/api/handling-stop-reasons, read 2026-11) in ours. */
const REASONS: ReadonlyMap<string, FinishReason> = wordTable({
  end_turn: 'stop',
  stop_sequence: 'stop',
  pause_turn: 'stop',
  compaction: 'stop',
  tool_use: 'tool_calls',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  refusal: 'content_filter',
});

const WORDS: Readonly<Record<FinishReason, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  content_filter: 'refusal',
  error: 'end_turn',
};

/** What a provider gave as the end. A word that we do not know ends an answer like `end_turn`, or with its calls where it has some. */
export function finishOf(raw: string | null, stopSequence: string | null, hasCall: boolean): Finish {
  const known = raw === null ? undefined : REASONS.get(raw);
  return {
    unified: known ?? (hasCall ? 'tool_calls' : 'stop'),
    raw,
    ...(stopSequence === null ? {} : { stopSequence }),
  };
}

/** The end of an answer in Anthropic's words: its own where it was Anthropic's. */
export function stopReasonOf(
  finish: Finish | null,
  hasCall: boolean,
): { stop_reason: string; stop_sequence: string | null } {
  const { unified, raw, stopSequence } = finish ?? { unified: 'stop' as const, raw: null };
  if (stopSequence !== undefined) return { stop_reason: 'stop_sequence', stop_sequence: stopSequence };
  if (raw !== null && REASONS.get(raw) === unified) return { stop_reason: raw, stop_sequence: null };
  return { stop_reason: unified === 'stop' && hasCall ? 'tool_use' : WORDS[unified], stop_sequence: null };
}
