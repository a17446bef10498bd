import { openaiChat } from '@bourse/wire';
import { forCompatibleServer } from './adjust-body.ts';
import { defineProvider } from './define-provider.ts';

/**
 * A vLLM server (https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html, read 2026-11), at `VLLM_BASE_URL`; a key only where it was started with one. What a hang-up costs
 * there is unknown, so the answer is read to its end.
 */
export const vllm = defineProvider({
  id: 'vllm',
  name: 'vLLM',
  wire: openaiChat,
  isRebuilt: true,
  isKeyOptional: true,
  baseUrl: null,
  onCancel: 'bills_anyway',
  adjustBody: forCompatibleServer,
});
