import { openaiChat } from '@bourse/wire';
import { forCompatibleServer, withReasoningContent } from './adjust-body.ts';
import { defineProvider } from './define-provider.ts';

/** https://docs.baseten.co/inference, read 2026-11. Whether hanging up stops the bill is not documented, so the answer is read to its end. */
export const baseten = defineProvider({
  id: 'baseten',
  name: 'Baseten',
  wire: openaiChat,
  isRebuilt: true,
  baseUrl: 'https://inference.baseten.co/v1',
  onCancel: 'bills_anyway',
  adjustBody: (body) => withReasoningContent(forCompatibleServer(body)),
});
