import { openaiCompletions } from '@bourse/wire';
import { completionsDoc } from './docs/completions-docs.ts';
import type { InferenceRoute } from './inference.ts';

/** `POST /api/v1/completions`: OpenAI's dialect of 2020, streamed or whole. The prompt is the one message of a conversation. */
export const completions: InferenceRoute = {
  path: '/api/v1/completions',
  wire: openaiCompletions,
  doc: completionsDoc,
};
