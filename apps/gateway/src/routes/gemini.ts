import { AppError } from '@bourse/errors';
import { gemini } from '@bourse/wire';
import { generateContentDoc, streamGenerateContentDoc } from './docs/gemini-docs.ts';
import type { InferenceRoute, UrlReading } from './inference.ts';

/** Google's clients put this behind the host, with the version that they are made for: they take `<host>/api` as their base URL. */
const PREFIX = /^\/api\/v1(?:beta)?\/models\//;

type Method = 'generateContent' | 'streamGenerateContent' | 'countTokens';

/** The path of a method, as the router reads it: names of models have a slash, and may have a colon of their own. */
export function geminiPath(method: Method): string {
  return `/api/:version{v1|v1beta}/models/:name{.+:${method}}`;
}

/** The model that a path names, with its slash as it is or percent-encoded. */
function modelIn(pathname: string, method: Method): string {
  try {
    return decodeURIComponent(pathname.replace(PREFIX, '').slice(0, -`:${method}`.length));
  } catch (cause) {
    throw new AppError('not_found', 'The name of the model is not encoded as a URL.', { cause });
  }
}

/** A header reader for which Google's places of a key are ours: its own header, or the query, which is never logged. */
function withGoogleKey(header: UrlReading['header'], query: URLSearchParams): UrlReading['header'] {
  return (name) =>
    name === 'x-api-key' ? (header('x-goog-api-key') ?? query.get('key') ?? header('x-api-key')) : header(name);
}

/** What the URL of a request says: which model, and whether its answer is a stream. Throws 400 for a stream that is no event stream. */
export function readGeminiUrl(url: string, header: UrlReading['header'], method: Method): UrlReading {
  const mark = url.indexOf('?');
  const pathname = mark === -1 ? url : url.slice(0, mark);
  const query = new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1));
  const isStream = method === 'streamGenerateContent';
  if (isStream && query.get('alt') !== 'sse') {
    throw new AppError('invalid_request', 'Streams are server-sent events here: add ?alt=sse to the URL.', {
      metadata: { path: 'alt' },
    });
  }
  const model = modelIn(pathname, method);
  return {
    fields: { model, stream: isStream },
    scope: `/v1beta/models/${model}:${method}`,
    header: withGoogleKey(header, query),
  };
}

function geminiRoute(method: 'generateContent' | 'streamGenerateContent', doc: InferenceRoute['doc']): InferenceRoute {
  return {
    path: geminiPath(method),
    label: `/v1beta/models:${method}`,
    wire: gemini,
    readUrl: (url, header) => readGeminiUrl(url, header, method),
    doc,
  };
}

/**
 * `POST /api/v1beta/models/{author}/{slug}:generateContent` and `:streamGenerateContent?alt=sse`: Google's dialect for every model, under
 * `v1` as well.
 */
export const geminiRoutes: readonly InferenceRoute[] = [
  geminiRoute('generateContent', generateContentDoc),
  geminiRoute('streamGenerateContent', streamGenerateContentDoc),
];
