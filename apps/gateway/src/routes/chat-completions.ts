import { openaiChat } from '@bourse/wire';
import { chatCompletionsDoc } from './docs/inference-docs.ts';
import type { InferenceRoute } from './inference.ts';

/** `POST /api/v1/chat/completions`: OpenAI's dialect, streamed or whole. */
export const chatCompletions: InferenceRoute = {
  path: '/api/v1/chat/completions',
  wire: openaiChat,
  doc: chatCompletionsDoc,
};
