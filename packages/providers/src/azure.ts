import { openaiChat } from '@bourse/wire';
import { defineProvider } from './define-provider.ts';
import { adjustForOpenai, openaiOperations } from './openai.ts';
import { responsesOfOpenai } from './responses-api.ts';

/**
 * Azure OpenAI's v1 API (https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle, read 2026-11): no version in the URL,
 * the deployment's name is the model. `AZURE_BASE_URL` is `https://<resource>.openai.azure.com/openai/v1`. Hanging up stops the bill
 * (OpenRouter's list).
 */
export const azure = defineProvider({
  id: 'azure',
  name: 'Azure',
  wire: openaiChat,
  baseUrl: null,
  onCancel: 'stops_billing',
  adjustBody: adjustForOpenai,
  operations: openaiOperations,
  otherApis: [responsesOfOpenai],
  authorize: (request, { apiKey }) => ({ ...request, headers: { ...request.headers, 'api-key': apiKey } }),
});
