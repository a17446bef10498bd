import { chatCompletions } from './chat-completions.ts';
import type { InferenceRoute } from './inference.ts';

/** Every route that generates. */
export const inferenceRoutes: readonly InferenceRoute[] = [chatCompletions];
