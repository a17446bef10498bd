import { openaiChat } from '@bourse/wire';
import { defineProvider } from './define-provider.ts';
import { responsesOfXai } from './responses-api.ts';

/**
 * https://docs.x.ai/docs/api-reference, read 2026-11. It speaks OpenAI's dialect, `developer` and `max_completion_tokens`
 * included, but counts reasoning outside of `completion_tokens`; the usage decoder knows. Hanging up stops the bill
 * (OpenRouter's list).
 */
export const xai = defineProvider({
  id: 'xai',
  name: 'xAI',
  wire: openaiChat,
  isRebuilt: true,
  otherApis: [responsesOfXai],
  baseUrl: 'https://api.x.ai/v1',
  onCancel: 'stops_billing',
});
