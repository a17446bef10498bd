import { openaiChat } from '@bourse/wire';
import { forCompatibleServer, withEffortOf, without, withoutMessageFields } from './adjust-body.ts';
import { defineProvider } from './define-provider.ts';
import { plainEmbeddings, rerank } from './operations.ts';

const REFUSED_FIELDS = [
  'store',
  'metadata',
  'logit_bias',
  'top_logprobs',
  'n',
  'modalities',
  'prediction',
  'audio',
  'service_tier',
  'parallel_tool_calls',
];
const MESSAGE_FIELDS = ['name', 'reasoning', 'reasoning_content', 'reasoning_details', 'cache_control'];

/** https://docs.cohere.com/docs/compatibility-api, read 2026-11: the fields below are not supported. Hanging up stops the bill (OpenRouter's list). */
export const cohere = defineProvider({
  id: 'cohere',
  name: 'Cohere',
  wire: openaiChat,
  baseUrl: 'https://api.cohere.ai/compatibility/v1',
  onCancel: 'stops_billing',
  adjustBody: (body) =>
    withEffortOf(without(withoutMessageFields(forCompatibleServer(body), MESSAGE_FIELDS), REFUSED_FIELDS), [
      'none',
      'high',
    ]),
  operations: {
    embeddings: plainEmbeddings(),
    // Rerank is no part of the compatibility API: it has its own path beside it.
    rerank: { ...rerank, path: () => '/../../v2/rerank' },
  },
});
