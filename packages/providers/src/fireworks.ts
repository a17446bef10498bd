import { openaiChat } from '@bourse/wire';
import { forCompatibleServer } from './adjust-body.ts';
import { defineProvider } from './define-provider.ts';

/** https://docs.fireworks.ai/tools-sdks/openai-compatibility, read 2026-11. Hanging up stops the bill (OpenRouter's list). */
export const fireworks = defineProvider({
  id: 'fireworks',
  name: 'Fireworks',
  wire: openaiChat,
  baseUrl: 'https://api.fireworks.ai/inference/v1',
  onCancel: 'stops_billing',
  adjustBody: forCompatibleServer,
});
