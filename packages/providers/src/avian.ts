import { openaiChat } from '@bourse/wire';
import { forCompatibleServer, withReasoningContent } from './adjust-body.ts';
import { defineProvider } from './define-provider.ts';

/** https://avian.io/docs, read 2026-11. Whether hanging up stops the bill is not documented, so the answer is read to its end. */
export const avian = defineProvider({
  id: 'avian',
  name: 'Avian',
  wire: openaiChat,
  isRebuilt: true,
  baseUrl: 'https://api.avian.io/v1',
  onCancel: 'bills_anyway',
  adjustBody: (body) => withReasoningContent(forCompatibleServer(body)),
});
