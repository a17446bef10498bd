import type { JsonObject, Prompt } from '@bourse/generation';
import { openaiChat } from '@bourse/wire';
import { forCompatibleServer, withReasoningContent, withThinkingSwitch } from './adjust-body.ts';
import { defineProvider } from './define-provider.ts';

/** https://api-docs.deepseek.com, read 2026-11. Hanging up stops the bill (OpenRouter's list). */
export const deepseek = defineProvider({
  id: 'deepseek',
  name: 'DeepSeek',
  wire: openaiChat,
  isRebuilt: true,
  baseUrl: 'https://api.deepseek.com/v1',
  onCancel: 'stops_billing',
  adjustBody: (body: JsonObject, prompt: Prompt) =>
    withReasoningContent(withThinkingSwitch(forCompatibleServer(body), prompt)),
});
