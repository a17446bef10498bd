import { openaiResponses } from '@bourse/wire';
import { responsesDoc } from './docs/responses-docs.ts';
import type { InferenceRoute } from './inference.ts';

/** `POST /api/v1/responses`: OpenAI's Responses dialect for every model, streamed or whole. Nothing is stored. */
export const responses: InferenceRoute = {
  path: '/api/v1/responses',
  wire: openaiResponses,
  doc: responsesDoc,
};
