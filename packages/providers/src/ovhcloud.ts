import { openaiChat } from '@bourse/wire';
import { forCompatibleServer, withReasoningContent } from './adjust-body.ts';
import { defineProvider } from './define-provider.ts';

/** https://help.ovhcloud.com AI Endpoints, read 2026-11. Whether hanging up stops the bill is not documented, so the answer is read to its end. */
export const ovhcloud = defineProvider({
  id: 'ovhcloud',
  name: 'OVHcloud',
  wire: openaiChat,
  isRebuilt: true,
  baseUrl: 'https://oai.endpoints.kepler.ai.cloud.ovh.net/v1',
  onCancel: 'bills_anyway',
  adjustBody: (body) => withReasoningContent(forCompatibleServer(body)),
});
