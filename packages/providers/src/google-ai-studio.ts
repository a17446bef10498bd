import { type CallTarget, gemini } from '@bourse/wire';
import { defineProvider, type ProviderConfig } from './define-provider.ts';

/** The method, behind the path of a model: a stream is asked for as server-sent events, else it would be one long JSON list. */
export function geminiMethod({ isStreamed }: Pick<CallTarget, 'isStreamed'>): string {
  return isStreamed ? 'streamGenerateContent?alt=sse' : 'generateContent';
}

/** How the Gemini API is spoken, wherever it is. The key goes into a header, because URLs are logged. */
export const aiStudioApi = {
  wire: gemini,
  path: (target: CallTarget) => `/models/${encodeURIComponent(target.upstreamModel)}:${geminiMethod(target)}`,
  authorize: (request, { apiKey }) => ({ ...request, headers: { ...request.headers, 'x-goog-api-key': apiKey } }),
} satisfies Partial<ProviderConfig>;

/**
 * The Gemini API (https://ai.google.dev/api/generate-content, read 2026-11). Whether hanging up stops the bill is not documented, so the
 * answer is read to its end.
 */
export const googleAiStudio = defineProvider({
  id: 'google-ai-studio',
  name: 'Google AI Studio',
  ...aiStudioApi,
  baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
  onCancel: 'bills_anyway',
});
