import type { JsonObject, Operation } from '@bourse/generation';
import { cohereRerank, openaiEmbeddings, openaiImages, openaiSpeech, openaiTranscriptions } from '@bourse/wire';
import { renamed } from './adjust-body.ts';
import type { ProviderApi } from './provider.ts';

/** What a provider does besides conversations. */
export type Operations = Readonly<Partial<Record<Operation, ProviderApi>>>;

/** OpenAI's embeddings under OpenAI's path, as most providers serve them. */
export const embeddings: ProviderApi = { wire: openaiEmbeddings, path: () => '/embeddings' };

/** The body with these fields alone. */
export function only(...fields: readonly string[]): (body: JsonObject) => JsonObject {
  return (body) => Object.fromEntries(Object.entries(body).filter(([field]) => fields.includes(field)));
}

/** Embeddings of servers that answer in numbers whatever is asked for; who asked for base64 gets it from us. */
export function plainEmbeddings(...fields: readonly string[]): ProviderApi {
  return { ...embeddings, adjustBody: only('model', 'input', ...fields) };
}

/** https://docs.mistral.ai/api, read 2026-11: its own name for the size of a vector, and a refusal for every field that it does not know. */
export const mistralEmbeddings: ProviderApi = {
  ...embeddings,
  adjustBody: (body) => only('model', 'input', 'output_dimension')(renamed(body, 'dimensions', 'output_dimension')),
};

/** Rerank in Cohere's form, under the path that most of those give it who serve OpenAI's dialect. */
export const rerank: ProviderApi = { wire: cohereRerank, path: () => '/rerank' };

/** OpenAI's images under OpenAI's path. */
export const images: ProviderApi = { wire: openaiImages, path: () => '/images/generations' };

/** OpenAI's speech under OpenAI's path. */
export const speech: ProviderApi = { wire: openaiSpeech, path: () => '/audio/speech' };

/** OpenAI's transcriptions under OpenAI's path. */
export const transcription: ProviderApi = { wire: openaiTranscriptions, path: () => '/audio/transcriptions' };
