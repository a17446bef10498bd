import type { JsonObject, Prompt } from '@bourse/generation';
import { openaiChat } from '@bourse/wire';
import { forCompatibleServer, withReasoningContent, withThinkingSwitch } from './adjust-body.ts';
import { defineProvider } from './define-provider.ts';

/** https://docs.z.ai/api-reference, read 2026-11. Whether hanging up stops the bill is not documented, so the answer is read to its end. */
export const zai = defineProvider({
  id: 'z-ai',
  name: 'Z.ai',
  wire: openaiChat,
  isRebuilt: true,
  baseUrl: 'https://api.z.ai/api/paas/v4',
  onCancel: 'bills_anyway',
  adjustBody: (body: JsonObject, prompt: Prompt) =>
    withReasoningContent(withThinkingSwitch(forCompatibleServer(body), prompt)),
});
