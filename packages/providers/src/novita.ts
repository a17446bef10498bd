import { openaiChat } from '@bourse/wire';
import { forCompatibleServer, withReasoningContent } from './adjust-body.ts';
import { defineProvider } from './define-provider.ts';

/** https://novita.ai/docs/api-reference, read 2026-11. Hanging up stops the bill (OpenRouter's list). */
export const novita = defineProvider({
  id: 'novita',
  name: 'Novita',
  wire: openaiChat,
  isRebuilt: true,
  baseUrl: 'https://api.novita.ai/openai/v1',
  onCancel: 'stops_billing',
  adjustBody: (body) => withReasoningContent(forCompatibleServer(body)),
});
