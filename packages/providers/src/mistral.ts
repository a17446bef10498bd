import type { JsonObject } from '@bourse/generation';
import { openaiChat } from '@bourse/wire';
import { forCompatibleServer, renamed, withoutMessageFields } from './adjust-body.ts';
import { defineProvider } from './define-provider.ts';
import { mistralEmbeddings } from './operations.ts';

/**
 * Mistral answers 422 "Extra inputs are not permitted" to any field outside of its own list
 * (https://docs.mistral.ai/api, read 2026-11), `stream_options` included: it reports usage in streams unasked.
 */
const ACCEPTED_FIELDS: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'temperature',
  'top_p',
  'max_tokens',
  'stream',
  'stop',
  'random_seed',
  'metadata',
  'response_format',
  'tools',
  'tool_choice',
  'presence_penalty',
  'frequency_penalty',
  'n',
  'prediction',
  'parallel_tool_calls',
  'reasoning_effort',
  'prompt_mode',
  'safe_prompt',
]);

const UNKNOWN_MESSAGE_FIELDS = [
  'name',
  'reasoning',
  'reasoning_content',
  'reasoning_details',
  'refusal',
  'cache_control',
];

function adjustBody(body: JsonObject): JsonObject {
  const compatible = withoutMessageFields(forCompatibleServer(body), UNKNOWN_MESSAGE_FIELDS);
  const seeded = renamed(compatible, 'seed', 'random_seed');
  return Object.fromEntries(Object.entries(seeded).filter(([field]) => ACCEPTED_FIELDS.has(field)));
}

/** Hanging up does not stop the bill (OpenRouter's list of providers, 2026-08). */
export const mistral = defineProvider({
  id: 'mistral',
  name: 'Mistral',
  wire: openaiChat,
  isRebuilt: true,
  baseUrl: 'https://api.mistral.ai/v1',
  onCancel: 'bills_anyway',
  adjustBody,
  operations: { embeddings: mistralEmbeddings },
});
