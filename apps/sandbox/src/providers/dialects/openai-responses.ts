import type { ChatRequest } from '../chat-request.ts';
import type { Dialect } from '../dialect.ts';
import { eventStep, responseBody, responseSteps } from './responses/answer.ts';
import { toChatRequest } from './responses/conversation.ts';
import { type ResponsesRequest, readResponsesRequest } from './responses/request.ts';

/** What was asked in the words of this API: its answers repeat it, and the sandbox's own form does not hold all of it. */
const asked = new WeakMap<ChatRequest, ResponsesRequest>();

function askedBy(request: ChatRequest): ResponsesRequest {
  const known = asked.get(request);
  if (known === undefined) throw new Error('an answer to a request of another dialect');
  return known;
}

/** `POST /v1/responses` as OpenAI speaks it, without a memory: thoughts come encrypted, and are verified when they come back. */
export const openaiResponses: Dialect = {
  name: 'openai-responses',
  keyOf: (header) => /^Bearer (\S+)$/i.exec(header('authorization') ?? '')?.[1] ?? null,
  headers: { 'openai-version': '2020-10-01' },
  streamHeaders: {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, must-revalidate',
    connection: 'keep-alive',
  },
  parse(bodyText) {
    const own = readResponsesRequest(bodyText);
    const request = toChatRequest(own);
    asked.set(request, own);
    return request;
  },
  body: (completion, request) => responseBody(completion, askedBy(request)),
  steps: (completion, request) => responseSteps(completion, askedBy(request)),
  brokenStep: {
    kind: 'write',
    bytes: 'event: response.output_text.delta\ndata: {"type":"response.output_te\n\n',
    tokens: 0,
  },
  errorBody: (error) => error.body,
  errorStep: ({ body: { error } }) =>
    eventStep('error', { code: error.code, message: error.message, param: error.param }),
};
