import type { CallPath, Dialect } from '../dialect.ts';
import { ProviderError } from '../errors.ts';
import { eventOf, generateContentBody, generateContentSteps } from './gemini/answer.ts';
import { parseGenerateContent } from './gemini/request.ts';

/** Google's words for HTTP statuses (https://cloud.google.com/apis/design/errors#error_codes, read 2026-11). */
const STATUSES: Readonly<Record<number, string>> = {
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  529: 'UNAVAILABLE',
};

/** When to come back is told in the body. */
function detailsOf({ headers }: ProviderError): object {
  const seconds = headers['retry-after'];
  if (seconds === undefined) return {};
  return { details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${seconds}s` }] };
}

function errorBody(error: ProviderError): object {
  const { status: code, message } = error;
  return { error: { code, message, status: STATUSES[code] ?? 'INVALID_ARGUMENT', ...detailsOf(error) } };
}

/** `POST /models/<model>:generateContent` and `:streamGenerateContent`: what the path says. Throws `ProviderError` 404 for any other method. */
export function readModelPath(call: string): CallPath {
  const found = /^(.+):(generateContent|streamGenerateContent)$/.exec(call);
  if (found?.[1] === undefined) throw new ProviderError(404, { message: 'The requested URL was not found.' });
  return { model: found[1], isStreamed: found[2] === 'streamGenerateContent' };
}

/**
 * Google's `generateContent`, with models that think and sign as Gemini 3 does. Keys are taken as AI Studio takes them, and as Vertex AI
 * does; one that is missing or wrong is refused with 401, as at Vertex AI. Streams are server-sent events alone, not the list that Google
 * writes without `alt=sse`.
 */
export const gemini: Dialect = {
  name: 'gemini',
  keyOf(header, query) {
    const bearer = /^Bearer (\S+)$/i.exec(header('authorization') ?? '')?.[1];
    return header('x-goog-api-key') ?? query('key') ?? bearer ?? null;
  },
  verify({ url }) {
    const { pathname, searchParams } = new URL(url);
    if (pathname.endsWith(':streamGenerateContent') && searchParams.get('alt') !== 'sse') {
      throw new ProviderError(400, { message: 'The sandbox streams with alt=sse alone.' });
    }
  },
  headers: { vary: 'Origin' },
  streamHeaders: { 'content-type': 'text/event-stream', 'content-disposition': 'attachment' },
  parse: parseGenerateContent,
  body: generateContentBody,
  steps: generateContentSteps,
  brokenStep: { kind: 'write', bytes: 'data: {"candidates": [{"content": {"par\r\n\r\n', tokens: 0 },
  errorBody,
  errorStep: (error) => eventOf(errorBody(error)),
};
