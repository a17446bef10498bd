import type { JsonObject } from '@bourse/generation';
import type { ResponseHead } from '../wire-format.ts';

/** The bytes of a chunk. */
export function frame(data: string): string {
  return `data: ${data}\n\n`;
}

/** An answer, or a piece of one, which looks the same. `usage` is the JSON text of `usageMetadata`. */
export function answerText(candidates: readonly JsonObject[], head: ResponseHead, usage: string | null): string {
  const { model, id } = head;
  const body = JSON.stringify({ candidates, modelVersion: model, responseId: id });
  return usage === null ? body : `${body.slice(0, -1)},"usageMetadata":${usage}}`;
}
