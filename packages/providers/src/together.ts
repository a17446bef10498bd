import { openaiChat } from '@bourse/wire';
import { forCompatibleServer } from './adjust-body.ts';
import { defineProvider } from './define-provider.ts';
import { plainEmbeddings, rerank } from './operations.ts';

/** https://docs.together.ai/docs/openai-api-compatibility, read 2026-11. Hanging up stops the bill (OpenRouter's list). */
export const together = defineProvider({
  id: 'together',
  name: 'Together',
  wire: openaiChat,
  isRebuilt: true,
  baseUrl: 'https://api.together.xyz/v1',
  onCancel: 'stops_billing',
  adjustBody: forCompatibleServer,
  operations: { embeddings: plainEmbeddings(), rerank },
});
