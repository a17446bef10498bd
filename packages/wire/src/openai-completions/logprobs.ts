import { isJsonObject, type JsonObject, type JsonValue } from '@bourse/generation';

function tokenOf(entry: JsonObject): string {
  return typeof entry['token'] === 'string' ? entry['token'] : '';
}

function logprobOf(entry: JsonObject): number | null {
  return typeof entry['logprob'] === 'number' ? entry['logprob'] : null;
}

/** The alternatives of a token by their text; the likeliest of two that look the same. */
function alternatives({ top_logprobs: listed }: JsonObject): JsonObject {
  const byToken: Record<string, JsonValue> = Object.create(null);
  for (const entry of Array.isArray(listed) ? listed.filter(isJsonObject) : []) {
    const token = tokenOf(entry);
    if (!(token in byToken)) byToken[token] = logprobOf(entry);
  }
  return byToken;
}

/** Probabilities in the form of this API: lists side by side. `offset` is where their text begins in the answer, in characters. */
export function encodeLogprobs(entries: readonly JsonObject[], offset: number): JsonObject {
  const offsets: number[] = [];
  let at = offset;
  for (const entry of entries) {
    offsets.push(at);
    at += tokenOf(entry).length;
  }
  return {
    tokens: entries.map(tokenOf),
    token_logprobs: entries.map(logprobOf),
    top_logprobs: entries.map(alternatives),
    text_offset: offsets,
  };
}
