import { openaiChat } from '@bourse/wire';
import { forCompatibleServer, withReasoningContent } from './adjust-body.ts';
import { defineProvider } from './define-provider.ts';

/** https://docs.doubleword.ai/inference-api, read 2026-11. Whether hanging up stops the bill is not documented, so the answer is read to its end. */
export const doubleword = defineProvider({
  id: 'doubleword',
  name: 'Doubleword',
  wire: openaiChat,
  isRebuilt: true,
  baseUrl: 'https://api.doubleword.ai/v1',
  onCancel: 'bills_anyway',
  adjustBody: (body) => withReasoningContent(forCompatibleServer(body)),
});
