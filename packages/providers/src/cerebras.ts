import type { JsonObject } from '@bourse/generation';
import { openaiChat } from '@bourse/wire';
import { without, withoutDeveloperRole } from './adjust-body.ts';
import { defineProvider } from './define-provider.ts';

/** https://inference-docs.cerebras.ai/resources/openai, read 2026-11: these fields are answered with 400. */
const REFUSED_FIELDS = ['frequency_penalty', 'logit_bias', 'presence_penalty', 'parallel_tool_calls', 'service_tier'];

/** Whether hanging up stops the bill is not documented, so the answer is read to its end. */
export const cerebras = defineProvider({
  id: 'cerebras',
  name: 'Cerebras',
  wire: openaiChat,
  baseUrl: 'https://api.cerebras.ai/v1',
  onCancel: 'bills_anyway',
  adjustBody: (body: JsonObject) => withoutDeveloperRole(without(body, REFUSED_FIELDS)),
});
