import { chatCompletions } from './chat-completions.ts';
import { completions } from './completions.ts';
import { geminiRoutes } from './gemini.ts';
import type { InferenceRoute } from './inference.ts';
import { messages } from './messages.ts';
import { operationRoutes } from './operations.ts';
import { responses } from './responses.ts';

/** Every route that generates. */
export const inferenceRoutes: readonly InferenceRoute[] = [
  chatCompletions,
  ...geminiRoutes,
  messages,
  ...operationRoutes,
  responses,
  completions,
];
