import { openaiEmbeddings } from '@bourse/wire';
import { embeddingsDoc } from './docs/operation-docs.ts';
import type { InferenceRoute } from './inference.ts';

/** The routes of what is no conversation. */
export const operationRoutes: readonly InferenceRoute[] = [
  { path: '/api/v1/embeddings', wire: openaiEmbeddings, doc: embeddingsDoc },
];
