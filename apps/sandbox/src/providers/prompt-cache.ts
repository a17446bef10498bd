/** Prompts shorter than this are never cached, and a cached part grows in steps: OpenAI's rule since 2024-10. */
const TOKENS_MIN = 1_024;
const TOKENS_STEP = 128;
/** Bounds memory: about 3 MB of hashes. The oldest are forgotten first. */
const ENTRIES_MAX = 50_000;

/** Remembers the beginnings of prompts. `lookup` says how many leading tokens were seen before under the same scope. */
export type PromptCache = { readonly lookup: (scope: string, tokens: readonly number[]) => number };

/** An empty cache, as a provider has after a restart. A scope is whatever must not share: provider, key and model. */
export function createPromptCache(): PromptCache {
  const seen = new Set<string>();

  const lookup = (scope: string, tokens: readonly number[]): number => {
    let cached = 0;
    let low = 0x811c9dc5;
    let high = 0x9e3779b9;
    for (const [index, token] of tokens.entries()) {
      low = Math.imul(low ^ token, 0x01000193);
      high = Math.imul(high ^ token ^ (low >>> 7), 0x85ebca6b);
      const length = index + 1;
      if (length < TOKENS_MIN || (length - TOKENS_MIN) % TOKENS_STEP !== 0) continue;
      const key = `${scope} ${length} ${low >>> 0} ${high >>> 0}`;
      if (seen.has(key)) cached = length;
      else seen.add(key);
    }
    for (const oldest of seen) {
      if (seen.size <= ENTRIES_MAX) break;
      seen.delete(oldest);
    }
    return cached;
  };

  return { lookup };
}
