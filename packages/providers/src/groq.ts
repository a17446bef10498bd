import type { JsonObject } from '@bourse/generation';
import { openaiChat } from '@bourse/wire';
import { without, withoutDeveloperRole, withoutMessageFields } from './adjust-body.ts';
import { defineProvider } from './define-provider.ts';

/** https://console.groq.com/docs/openai, read 2026-11: these fields, and a message's name, are answered with 400. */
const REFUSED_FIELDS = ['logprobs', 'logit_bias', 'top_logprobs'];

/** Hanging up does not stop the bill (OpenRouter's list of providers, 2026-08). */
export const groq = defineProvider({
  id: 'groq',
  name: 'Groq',
  wire: openaiChat,
  baseUrl: 'https://api.groq.com/openai/v1',
  onCancel: 'bills_anyway',
  adjustBody: (body: JsonObject) =>
    withoutMessageFields(withoutDeveloperRole(without(body, REFUSED_FIELDS)), ['name', 'reasoning_details']),
});
