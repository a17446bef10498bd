import { openaiChat } from '@bourse/wire';
import { forCompatibleServer, withReasoningContent } from './adjust-body.ts';
import { defineProvider } from './define-provider.ts';
import { plainEmbeddings } from './operations.ts';

/** https://deepinfra.com/docs/openai_api, read 2026-11. Hanging up stops the bill (OpenRouter's list). */
export const deepinfra = defineProvider({
  id: 'deepinfra',
  name: 'DeepInfra',
  wire: openaiChat,
  isRebuilt: true,
  baseUrl: 'https://api.deepinfra.com/v1/openai',
  onCancel: 'stops_billing',
  adjustBody: (body) => withReasoningContent(forCompatibleServer(body)),
  operations: { embeddings: plainEmbeddings('dimensions') },
});
