import { type Citation, type GenerationEvent, isJsonObject, type JsonObject } from '@bourse/generation';

function citationOf(source: unknown): Citation | null {
  if (typeof source === 'string') return { url: source, start: -1, end: -1 };
  if (!isJsonObject(source) || typeof source['url'] !== 'string') return null;
  const { url, title } = source;
  return { url, ...(typeof title === 'string' && title !== '' ? { title } : {}), start: -1, end: -1 };
}

/**
 * The sources that stand beside the choices and not in them: Perplexity's `search_results`, and the bare `citations` before them
 * (https://docs.perplexity.ai/api-reference, read 2026-11). They come again with every chunk; each is told once.
 */
export function createSources(): (root: JsonObject) => GenerationEvent[] {
  const told = new Set<string>();
  return ({ search_results: results, citations: urls }) => {
    const listed: readonly unknown[] =
      Array.isArray(results) && results.length > 0 ? results : Array.isArray(urls) ? urls : [];
    return listed.flatMap((source): GenerationEvent[] => {
      const citation = citationOf(source);
      if (citation === null || citation.url === '' || told.has(citation.url)) return [];
      told.add(citation.url);
      return [{ type: 'citation', choice: 0, citation }];
    });
  };
}
