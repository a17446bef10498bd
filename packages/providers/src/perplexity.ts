import { openaiChat } from '@bourse/wire';
import { forCompatibleServer, without, withoutMessageFields } from './adjust-body.ts';
import { defineProvider } from './define-provider.ts';

/** Fields of OpenAI's that it has no use for, and refuses in part. */
const REFUSED_FIELDS = ['tools', 'tool_choice', 'parallel_tool_calls', 'n', 'logit_bias', 'seed', 'service_tier'];

/** https://docs.perplexity.ai/api-reference, read 2026-11. Its sources stand beside the choices. Hanging up does not stop the bill (OpenRouter's list). */
export const perplexity = defineProvider({
  id: 'perplexity',
  name: 'Perplexity',
  wire: openaiChat,
  isRebuilt: true,
  baseUrl: 'https://api.perplexity.ai',
  onCancel: 'bills_anyway',
  adjustBody: (body) =>
    without(
      withoutMessageFields(forCompatibleServer(body), ['name', 'reasoning', 'reasoning_details']),
      REFUSED_FIELDS,
    ),
});
