import { openaiChat } from '@bourse/wire';
import { forCompatibleServer, withReasoningContent } from './adjust-body.ts';
import { defineProvider } from './define-provider.ts';

/** https://docs.arcee.ai/api-reference/chat-completion, read 2026-11. Whether hanging up stops the bill is not documented, so the answer is read to its end. */
export const arcee = defineProvider({
  id: 'arcee',
  name: 'Arcee AI',
  wire: openaiChat,
  isRebuilt: true,
  baseUrl: 'https://api.arcee.ai/api/v1',
  onCancel: 'bills_anyway',
  adjustBody: (body) => withReasoningContent(forCompatibleServer(body)),
});
