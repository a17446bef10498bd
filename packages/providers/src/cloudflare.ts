import { openaiChat } from '@bourse/wire';
import { forCompatibleServer, withReasoningContent } from './adjust-body.ts';
import { defineProvider } from './define-provider.ts';

/** Workers AI (https://developers.cloudflare.com/workers-ai, read 2026-11), at `CLOUDFLARE_BASE_URL`, which names the account. Hanging up stops the bill (OpenRouter's list). */
export const cloudflare = defineProvider({
  id: 'cloudflare',
  name: 'Cloudflare',
  wire: openaiChat,
  isRebuilt: true,
  baseUrl: null,
  onCancel: 'stops_billing',
  adjustBody: (body) => withReasoningContent(forCompatibleServer(body)),
});
