/** What the name of a model tells about what its API understands. */
export interface ModelFamily {
  /** 2, 2.5, 3, 3.1 ... */
  readonly version: number;
  readonly size: 'pro' | 'flash' | 'flash-lite';
}

/** Names without a version (`gemini-flash-latest`, a tuned model) stand for the newest models. */
const VERSION_NEWEST = 3;
/** Gemma has neither thinking nor plain JSON Schema. */
const VERSION_OF_GEMMA = 1;

/** Reads names such as `gemini-2.5-flash-lite-preview-09-2025` (https://ai.google.dev/gemini-api/docs/models, read 2026-11). */
export function modelFamily(upstreamModel: string): ModelFamily {
  const name = upstreamModel.toLowerCase();
  const version = /gemini-(\d{1,2}(?:\.\d{1,2})?)(?![\d.])/.exec(name)?.[1];
  const size = name.includes('flash-lite') ? 'flash-lite' : name.includes('flash') ? 'flash' : 'pro';
  if (version !== undefined) return { version: Number(version), size };
  return { version: name.includes('gemma') ? VERSION_OF_GEMMA : VERSION_NEWEST, size };
}

/** Plain JSON Schema is understood from 2.5 on, the OpenAPI subset by all (structured output guide, read 2026-11). */
export function takesJsonSchema({ version }: ModelFamily): boolean {
  return version >= 2.5;
}

/** From Gemini 3 on: signatures are checked, calls have ids, results may hold pictures, and JSON answers go together with tools. */
export function isGemini3({ version }: ModelFamily): boolean {
  return version >= 3;
}
