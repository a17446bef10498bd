import { openaiChat } from '@bourse/wire';
import { forCompatibleServer } from './adjust-body.ts';
import { defineProvider } from './define-provider.ts';

/**
 * A LiteLLM proxy (https://docs.litellm.ai/docs/proxy/user_keys, read 2026-11), at `LITELLM_BASE_URL` with one of its keys. It speaks OpenAI's dialect with
 * `reasoning_content`, and passes Anthropic's `thinking_blocks` beside it. What a hang-up costs
 * there is unknown, so the answer is read to its end.
 */
export const litellm = defineProvider({
  id: 'litellm',
  name: 'LiteLLM',
  wire: openaiChat,
  isRebuilt: true,
  baseUrl: null,
  onCancel: 'bills_anyway',
  adjustBody: forCompatibleServer,
});
