import { openaiChat } from '@bourse/wire';
import { forCompatibleServer, withReasoningContent } from './adjust-body.ts';
import { defineProvider } from './define-provider.ts';

/** https://docs.fireworks.ai/tools-sdks/openai-compatibility, read 2026-11. Hanging up stops the bill (OpenRouter's list). */
export const fireworks = defineProvider({
  id: 'fireworks',
  name: 'Fireworks',
  wire: openaiChat,
  isRebuilt: true,
  baseUrl: 'https://api.fireworks.ai/inference/v1',
  onCancel: 'stops_billing',
  adjustBody: (body) => withReasoningContent(forCompatibleServer(body)),
});
