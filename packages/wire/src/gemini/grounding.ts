import { type Citation, isJsonObject, type JsonObject, type JsonValue } from '@bourse/generation';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Google counts bytes of UTF-8, everybody else characters. */
function characterAt(bytes: Uint8Array, offset: number): number {
  return decoder.decode(bytes.subarray(0, Math.min(offset, bytes.length))).length;
}

function objectsIn(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

interface Source {
  readonly url: string;
  readonly title?: string;
}

function sourceOf(chunk: JsonObject): Source | null {
  const { web, retrievedContext } = chunk;
  const place = isJsonObject(web) ? web : isJsonObject(retrievedContext) ? retrievedContext : {};
  const { uri, title } = place;
  if (typeof uri !== 'string' || uri === '') return null;
  return { url: uri, ...(typeof title === 'string' && title !== '' ? { title } : {}) };
}

function numberAt(object: JsonObject, key: string): number {
  const value = object[key];
  return typeof value === 'number' && value >= 0 ? value : 0;
}

/**
 * The sources of an answer: one citation for each passage and source, and one without a place for each source that no passage names
 * (https://ai.google.dev/api/generate-content#GroundingMetadata, read 2026-11). `text` is the whole text of the candidate.
 */
export function citationsOf(grounding: JsonObject, text: string): Citation[] {
  const chunks: readonly JsonValue[] = Array.isArray(grounding['groundingChunks']) ? grounding['groundingChunks'] : [];
  const sources = chunks.map((chunk) => (isJsonObject(chunk) ? sourceOf(chunk) : null));
  const bytes = encoder.encode(text);
  const used = new Set<number>();
  const citations: Citation[] = [];
  for (const { segment, groundingChunkIndices: indices } of objectsIn(grounding['groundingSupports'])) {
    if (!isJsonObject(segment)) continue;
    const { text: content } = segment;
    const place = {
      ...(typeof content === 'string' && content !== '' ? { content } : {}),
      start: characterAt(bytes, numberAt(segment, 'startIndex')),
      end: characterAt(bytes, numberAt(segment, 'endIndex')),
    };
    for (const index of Array.isArray(indices) ? indices : []) {
      const source = typeof index === 'number' ? (sources[index] ?? null) : null;
      if (source === null || typeof index !== 'number') continue;
      used.add(index);
      citations.push({ ...source, ...place });
    }
  }
  for (const [index, source] of sources.entries()) {
    if (source !== null && !used.has(index)) citations.push({ ...source, start: -1, end: -1 });
  }
  return citations;
}

/** Citations as Google shows them, with places in bytes of UTF-8. `text` is the whole text of the candidate. */
export function groundingOf(citations: readonly Citation[], text: string): JsonObject {
  const urls = [...new Set(citations.map(({ url }) => url))];
  const titles = new Map(citations.map(({ url, title }) => [url, title]));
  const bytesUntil = (character: number) => encoder.encode(text.slice(0, character)).length;
  const supports = citations
    .filter(({ start }) => start >= 0)
    .map(({ url, content, start, end }) => ({
      segment: {
        startIndex: bytesUntil(start),
        endIndex: bytesUntil(end),
        ...(content === undefined ? {} : { text: content }),
      },
      groundingChunkIndices: [urls.indexOf(url)],
    }));
  return {
    groundingChunks: urls.map((uri) => {
      const title = titles.get(uri);
      return { web: { uri, ...(title === undefined ? {} : { title }) } };
    }),
    ...(supports.length > 0 ? { groundingSupports: supports } : {}),
  };
}
