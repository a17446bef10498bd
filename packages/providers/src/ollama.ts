import { openaiChat } from '@bourse/wire';
import { forCompatibleServer } from './adjust-body.ts';
import { defineProvider } from './define-provider.ts';

/**
 * An Ollama server (https://docs.ollama.com/api/openai-compatibility, read 2026-11), at `OLLAMA_BASE_URL`, such as http://localhost:11434/v1. It needs no key. What a hang-up costs
 * there is unknown, so the answer is read to its end.
 */
export const ollama = defineProvider({
  id: 'ollama',
  name: 'Ollama',
  wire: openaiChat,
  isRebuilt: true,
  isKeyOptional: true,
  baseUrl: null,
  onCancel: 'bills_anyway',
  adjustBody: forCompatibleServer,
});
