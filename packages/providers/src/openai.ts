import type { JsonObject } from '@bourse/generation';
import { openaiChat } from '@bourse/wire';
import { renamed, without, withoutMessageFields } from './adjust-body.ts';
import { defineProvider } from './define-provider.ts';
import { embeddings, images, type Operations, speech, transcription } from './operations.ts';
import { needsResponses, responsesOfOpenai } from './responses-api.ts';

/** OpenAI refuses a body with a field that it does not know; these are OpenRouter's and the open-weight servers'. */
const UNKNOWN_FIELDS = [
  'top_k',
  'min_p',
  'top_a',
  'repetition_penalty',
  'structured_outputs',
  'image_config',
  'cache_control',
  'x_search_filter',
];

const UNKNOWN_MESSAGE_FIELDS = ['reasoning', 'reasoning_content', 'reasoning_details', 'annotations', 'cache_control'];

/** What OpenAI's own models accept, wherever they are served. */
export function adjustForOpenai(body: JsonObject): JsonObject {
  const known = withoutMessageFields(without(body, UNKNOWN_FIELDS), UNKNOWN_MESSAGE_FIELDS);
  // Reasoning models refuse max_tokens; every chat model takes max_completion_tokens (API reference, 2026-11).
  const capped = renamed(known, 'max_tokens', 'max_completion_tokens');
  // Metadata belongs to stored completions: without `store` it is refused.
  const described = capped['store'] === true ? capped : without(capped, ['metadata']);
  // The scale ends at xhigh here.
  return described['reasoning_effort'] === 'max' ? { ...described, reasoning_effort: 'xhigh' } : described;
}

/** The nearest of OpenAI's three sizes to a ratio of width and height, which is OpenRouter's word; a size that is named wins. */
function withSize(body: JsonObject): JsonObject {
  const { aspect_ratio: ratio, ...rest } = without(body, ['resolution', 'seed']);
  const [width, height] = typeof ratio === 'string' ? ratio.split(':').map(Number) : [];
  if (width === undefined || height === undefined || rest['size'] !== undefined) return rest;
  if (width > 1.2 * height) return { ...rest, size: '1536x1024' };
  return { ...rest, size: height > 1.2 * width ? '1024x1536' : '1024x1024' };
}

/** What OpenAI does besides conversations, also where others serve its models. `input_type` is of other companies. */
export const openaiOperations: Operations = {
  embeddings: { ...embeddings, adjustBody: (body) => without(body, ['input_type']) },
  images: { ...images, adjustBody: withSize },
  speech,
  transcription,
};

/** https://platform.openai.com/docs/api-reference/chat, read 2026-11. Hanging up stops the bill (OpenRouter's list). */
export const openai = defineProvider({
  id: 'openai',
  name: 'OpenAI',
  wire: openaiChat,
  baseUrl: 'https://api.openai.com/v1',
  onCancel: 'stops_billing',
  adjustBody: adjustForOpenai,
  operations: openaiOperations,
  apiOfModel: (upstreamModel) => (needsResponses(upstreamModel) ? responsesOfOpenai : null),
  otherApis: [responsesOfOpenai],
});
