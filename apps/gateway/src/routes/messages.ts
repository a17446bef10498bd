import { anthropicMessages } from '@bourse/wire';
import { messagesDoc } from './docs/messages-docs.ts';
import type { InferenceRoute } from './inference.ts';

/** `POST /api/v1/messages`: Anthropic's dialect for every model, streamed or whole. Its SDKs take `<host>/api` as their base URL. */
export const messages: InferenceRoute = {
  path: '/api/v1/messages',
  wire: anthropicMessages,
  idHeader: 'request-id',
  doc: messagesDoc,
};
