import { openaiChat } from '@bourse/wire';
import { forCompatibleServer, withReasoningContent } from './adjust-body.ts';
import { defineProvider } from './define-provider.ts';

/** https://docs.api.nvidia.com/nim/reference/llm-apis, read 2026-11. Whether hanging up stops the bill is not documented, so the answer is read to its end. */
export const nvidia = defineProvider({
  id: 'nvidia',
  name: 'NVIDIA',
  wire: openaiChat,
  isRebuilt: true,
  baseUrl: 'https://integrate.api.nvidia.com/v1',
  onCancel: 'bills_anyway',
  adjustBody: (body) => withReasoningContent(forCompatibleServer(body)),
});
