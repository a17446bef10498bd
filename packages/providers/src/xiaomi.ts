import { openaiChat } from '@bourse/wire';
import { forCompatibleServer, withReasoningContent } from './adjust-body.ts';
import { defineProvider } from './define-provider.ts';

/** https://platform.xiaomimimo.com; the URL and the dialect by @earendil-works/pi-ai 1.5.2, read 2026-11. Whether hanging up stops the bill is not documented, so the answer is read to its end. */
export const xiaomi = defineProvider({
  id: 'xiaomi',
  name: 'Xiaomi',
  wire: openaiChat,
  isRebuilt: true,
  baseUrl: 'https://api.xiaomimimo.com/v1',
  onCancel: 'bills_anyway',
  adjustBody: (body) => withReasoningContent(forCompatibleServer(body)),
});
