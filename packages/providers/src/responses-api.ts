import { isJsonObject, type JsonObject, type JsonValue } from '@bourse/generation';
import { openaiResponses, openaiResponsesOf } from '@bourse/wire';
import { without } from './adjust-body.ts';
import type { ProviderApi } from './provider.ts';

/** OpenRouter's fields, and the open-weight servers', which OpenAI refuses. */
const UNKNOWN_FIELDS = [
  'min_p',
  'top_a',
  'repetition_penalty',
  'structured_outputs',
  'image_config',
  'cache_control',
  'x_search_filter',
];

const ENCRYPTED: JsonValue = 'reasoning.encrypted_content';

/** Models that do not think refuse to be asked for what they thought (https://platform.openai.com/docs/guides/reasoning, read 2026-11). */
function isThinker({ model }: JsonObject): boolean {
  return typeof model !== 'string' || !/^(?:gpt-3|gpt-4|chatgpt)/.test(model);
}

function withoutEncrypted(body: JsonObject): JsonObject {
  const { include } = body;
  if (isThinker(body) || !Array.isArray(include)) return body;
  const rest = include.filter((what: JsonValue) => what !== ENCRYPTED);
  return rest.length === 0 ? without(body, ['include']) : { ...body, include: rest };
}

/** What OpenAI's own models accept through this API, wherever they are served. */
export function adjustResponsesForOpenai(body: JsonObject): JsonObject {
  const known = withoutEncrypted(without(body, UNKNOWN_FIELDS));
  const { reasoning } = known;
  // The scale ends at xhigh here.
  const isMax = isJsonObject(reasoning) && reasoning['effort'] === 'max';
  return isMax ? { ...known, reasoning: { ...reasoning, effort: 'xhigh' } } : known;
}

/** https://platform.openai.com/docs/api-reference/responses, read 2026-11. */
export const responsesOfOpenai: ProviderApi = {
  wire: openaiResponses,
  path: () => '/responses',
  adjustBody: adjustResponsesForOpenai,
};

/** Instructions as the first message, which every server of the dialect reads. */
function withInstructionsInInput(body: JsonObject): JsonObject {
  const { instructions, input, ...rest } = body;
  if (typeof instructions !== 'string') return body;
  const said: readonly JsonValue[] = Array.isArray(input) ? input : [{ role: 'user', content: input ?? '' }];
  return { ...rest, input: [{ role: 'system', content: instructions }, ...said] };
}

/** https://docs.x.ai/docs/guides/responses-api, read 2026-11: its own encrypted thoughts, and no `instructions`. */
export const responsesOfXai: ProviderApi = {
  wire: openaiResponsesOf('xai-responses-v1'),
  path: () => '/responses',
  adjustBody: withInstructionsInInput,
};

/** OpenAI's models that converse through this API alone (https://platform.openai.com/docs/models, read 2026-11): pro, Codex, deep research. */
export function needsResponses(upstreamModel: string): boolean {
  return /(?:^|-)(?:pro|codex|deep-research)(?:-|$)|^computer-use/.test(upstreamModel);
}
