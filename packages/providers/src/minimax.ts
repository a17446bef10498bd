import { openaiChat } from '@bourse/wire';
import { forCompatibleServer, withReasoningContent } from './adjust-body.ts';
import { defineProvider } from './define-provider.ts';

/** https://platform.minimax.io/docs, read 2026-11. Hanging up does not stop the bill (OpenRouter's list). */
export const minimax = defineProvider({
  id: 'minimax',
  name: 'MiniMax',
  wire: openaiChat,
  isRebuilt: true,
  baseUrl: 'https://api.minimax.io/v1',
  onCancel: 'bills_anyway',
  adjustBody: (body) => withReasoningContent(forCompatibleServer(body)),
});
