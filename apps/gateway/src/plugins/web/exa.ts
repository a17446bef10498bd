import { AppError } from '@bourse/errors';
import type { SearchWish } from '@bourse/generation';
import { z } from 'zod';
import type { ProviderResponse } from '../../http/provider-call.ts';
import type { Transport } from '../../http/transport.ts';
import type { SearchProvider, SearchResult } from './search-provider.ts';

/** Its own p95 is some 2 s; a person waits for the first word meanwhile. */
const TIMEOUTS = { headersMs: 8_000, idleMs: 4_000 };
const ANSWER_BYTES_MAX = 2 * 1024 * 1024;
/** Of one page. */
const CHARACTERS_MAX = 2_000;

const answerSchema = z.object({
  results: z.array(z.object({ url: z.url(), title: z.string().nullish(), text: z.string().nullish() })),
});

const HEADERS_TIMEOUTS: ReadonlySet<unknown> = new Set([
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]);

function failed(reason: string, cause: unknown): AppError {
  return new AppError('provider_failed', 'The web search failed. Retry, or ask without the plugin web.', {
    cause,
    metadata: { plugin: 'web', reason },
  });
}

/** What its status means to the customer; a refusal of our key is ours to mend. */
function refusal({ status, headers }: ProviderResponse): AppError {
  const isOurs = status === 401 || status === 402 || status === 403;
  if (!isOurs && status !== 429) return failed('search_failed', new Error(`search answered ${status}`));
  const retryAfter = Number(headers['retry-after'] ?? '');
  return new AppError(
    'service_unavailable',
    'The web cannot be searched at the moment. Retry, or ask without the plugin web.',
    {
      detail: `search answered ${status}`,
      metadata: { plugin: 'web', reason: isOurs ? 'search_refused' : 'search_rate_limited' },
      ...(Number.isInteger(retryAfter) && retryAfter > 0 ? { retryAfterSeconds: retryAfter } : {}),
    },
  );
}

function failureOf(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const isLate = error instanceof Error && HEADERS_TIMEOUTS.has(Reflect.get(error, 'code'));
  if (!isLate) return failed('search_failed', error);
  return new AppError('provider_timeout', 'The web search took too long. Retry, or ask without the plugin web.', {
    cause: error,
    metadata: { plugin: 'web', reason: 'search_timeout' },
  });
}

function bodyOf({ query, resultsMax, includeDomains, excludeDomains }: SearchWish): string {
  return JSON.stringify({
    query,
    type: 'auto',
    numResults: resultsMax,
    ...(includeDomains.length === 0 ? {} : { includeDomains }),
    ...(excludeDomains.length === 0 ? {} : { excludeDomains }),
    contents: { text: { maxCharacters: CHARACTERS_MAX } },
  });
}

async function resultsOf(response: ProviderResponse): Promise<readonly SearchResult[]> {
  const text = await response.text(ANSWER_BYTES_MAX);
  try {
    const { results } = answerSchema.parse(JSON.parse(text));
    return results.map(({ url, title, text: content }) => ({
      url,
      title: title || new URL(url).hostname,
      content: (content ?? '').slice(0, CHARACTERS_MAX),
    }));
  } catch (error) {
    throw failed('search_unreadable', error);
  }
}

/** Exa's search (https://exa.ai/docs/reference/search, read 2026-11). The sandbox speaks the same. */
export function exaSearch({
  apiKey,
  baseUrl,
  transport,
}: {
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly transport: Transport;
}): SearchProvider {
  const headers = { 'content-type': 'application/json', 'x-api-key': apiKey };
  return {
    id: 'exa',
    async search(wish, cut) {
      try {
        const request = { method: 'POST', url: `${baseUrl}/search`, headers, body: bodyOf(wish) } as const;
        const response = await transport.call(request, TIMEOUTS, cut);
        if (response.status === 200) return await resultsOf(response);
        response.discard();
        throw refusal(response);
      } catch (error) {
        throw failureOf(error);
      }
    },
  };
}
