import { openaiChat } from '@bourse/wire';
import { forCompatibleServer } from './adjust-body.ts';
import { defineProvider } from './define-provider.ts';

/**
 * Any server that speaks OpenAI's chat completions (vLLM, llama.cpp, Ollama, a LiteLLM proxy, another Bourse): configured
 * by `OPENAI_COMPATIBLE_BASE_URL` and `OPENAI_COMPATIBLE_API_KEY`. What a hang-up costs there is unknown, so the answer is
 * read to its end.
 */
export const openaiCompatible = defineProvider({
  id: 'openai-compatible',
  name: 'OpenAI-compatible',
  wire: openaiChat,
  isKeyOptional: true,
  baseUrl: null,
  onCancel: 'bills_anyway',
  adjustBody: forCompatibleServer,
});
