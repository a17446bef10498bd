import type { JsonObject, Prompt } from '@bourse/generation';
import { openaiChat } from '@bourse/wire';
import { without } from './adjust-body.ts';
import { defineProvider } from './define-provider.ts';

/** OpenRouter has the whole `reasoning` object, so a token budget and `exclude` need not be lost. */
function adjustBody(body: JsonObject, prompt: Prompt): JsonObject {
  const { reasoning } = prompt;
  if (!reasoning) return body;
  const { effort, tokensMax, isExcluded } = reasoning;
  return {
    ...without(body, ['reasoning_effort']),
    reasoning: {
      ...(effort === undefined ? {} : { effort }),
      ...(tokensMax === undefined ? {} : { max_tokens: tokensMax }),
      ...(isExcluded === undefined ? {} : { exclude: isExcluded }),
    },
  };
}

/**
 * https://openrouter.ai/docs/api-reference/overview, read 2026-11. Whether a hang-up stops the bill depends on who serves
 * behind it, so the answer is read to its end.
 */
export const openrouter = defineProvider({
  id: 'openrouter',
  name: 'OpenRouter',
  wire: openaiChat,
  baseUrl: 'https://openrouter.ai/api/v1',
  onCancel: 'bills_anyway',
  adjustBody,
});
