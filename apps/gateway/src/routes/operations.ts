import { cohereRerank, openaiEmbeddings, openaiImages, openaiSpeech, openaiTranscriptions } from '@bourse/wire';
import {
  embeddingsDoc,
  imagesDoc,
  imagesGenerationsDoc,
  rerankDoc,
  speechDoc,
  transcriptionsDoc,
} from './docs/operation-docs.ts';
import type { InferenceRoute } from './inference.ts';

/** The routes of what is no conversation. Images have OpenRouter's path and OpenAI's. */
export const operationRoutes: readonly InferenceRoute[] = [
  { path: '/api/v1/embeddings', wire: openaiEmbeddings, doc: embeddingsDoc },
  { path: '/api/v1/rerank', wire: cohereRerank, doc: rerankDoc },
  { path: '/api/v1/images', wire: openaiImages, doc: imagesDoc },
  { path: '/api/v1/images/generations', wire: openaiImages, doc: imagesGenerationsDoc },
  { path: '/api/v1/audio/speech', wire: openaiSpeech, doc: speechDoc },
  { path: '/api/v1/audio/transcriptions', wire: openaiTranscriptions, doc: transcriptionsDoc },
];
