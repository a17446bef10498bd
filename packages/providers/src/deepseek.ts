import { openaiChat } from '@bourse/wire';
import { forCompatibleServer } from './adjust-body.ts';
import { defineProvider } from './define-provider.ts';

/** https://api-docs.deepseek.com, read 2026-11. Hanging up stops the bill (OpenRouter's list). */
export const deepseek = defineProvider({
  id: 'deepseek',
  name: 'DeepSeek',
  wire: openaiChat,
  baseUrl: 'https://api.deepseek.com/v1',
  onCancel: 'stops_billing',
  adjustBody: forCompatibleServer,
});
