import { parseChatRequest } from '../chat-request.ts';
import { type Completion, completionBody, completionFrames } from '../completion.ts';
import type { Dialect } from '../dialect.ts';
import type { Step } from '../play.ts';

const frame = (json: string, tokens = 0): Step => ({ kind: 'write', bytes: `data: ${json}\n\n`, tokens });

function* steps(completion: Completion, includeUsage: boolean): Generator<Step> {
  for (const { json, tokens } of completionFrames(completion, includeUsage)) yield frame(json, tokens);
  yield frame('[DONE]');
}

/** `POST /v1/chat/completions` as OpenAI and most others speak it. */
export const openaiChat: Dialect = {
  name: 'openai-chat',
  // Azure takes the key in a header of its own.
  keyOf: (header) => /^Bearer (\S+)$/i.exec(header('authorization') ?? '')?.[1] ?? header('api-key') ?? null,
  headers: { 'openai-version': '2020-10-01' },
  streamHeaders: {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, must-revalidate',
    connection: 'keep-alive',
  },
  parse: parseChatRequest,
  body: completionBody,
  steps: (completion, request) => steps(completion, request.stream_options?.include_usage === true),
  brokenStep: frame('{"id":"chatcmpl-broken","object":"chat.completion.chunk","choices":[{"index":0,"del'),
  errorBody: (error) => error.body,
  errorStep: (error) => frame(JSON.stringify(error.body)),
};
