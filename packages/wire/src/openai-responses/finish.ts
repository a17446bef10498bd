import { type Finish, isJsonObject, type JsonValue } from '@bourse/generation';

function reasonOf(details: JsonValue | undefined): string | null {
  const reason = isJsonObject(details) ? details['reason'] : null;
  return typeof reason === 'string' && reason !== '' ? reason : null;
}

/** How a response ended; `raw` is the reason for its incompleteness (`incomplete_details`), else its status. */
export function finishOf(status: 'completed' | 'incomplete', details: JsonValue | undefined, hasCall: boolean): Finish {
  if (status === 'completed') return { unified: hasCall ? 'tool_calls' : 'stop', raw: 'completed' };
  const raw = reasonOf(details);
  return { unified: raw === 'content_filter' ? 'content_filter' : 'length', raw: raw ?? 'incomplete' };
}

/** Why an answer is incomplete, in the words of the dialect; null when it is whole. */
export function incompleteReason(finish: Finish | null): 'max_output_tokens' | 'content_filter' | null {
  if (finish?.unified === 'length') return 'max_output_tokens';
  return finish?.unified === 'content_filter' ? 'content_filter' : null;
}
