import { openaiChat } from '@bourse/wire';
import { forCompatibleServer, withReasoningContent } from './adjust-body.ts';
import { defineProvider } from './define-provider.ts';

/** https://huggingface.co/docs/inference-providers, read 2026-11: a router, so who answers decides the form of reasoning. Hanging up does not stop the bill (OpenRouter's list). */
export const huggingface = defineProvider({
  id: 'huggingface',
  name: 'Hugging Face',
  wire: openaiChat,
  isRebuilt: true,
  baseUrl: 'https://router.huggingface.co/v1',
  onCancel: 'bills_anyway',
  adjustBody: (body) => withReasoningContent(forCompatibleServer(body)),
});
