import { isJsonObject, type JsonObject, type JsonValue, type Usage } from '@bourse/generation';

/** Counts above this are a provider's mistake: ten times the largest context there is. */
const COUNT_MAX = 100_000_000;

/** A count that may be missing; NaN for what is none. */
function countAt(usage: JsonObject, key: string): number | null {
  const value = usage[key];
  if (value === undefined || value === null) return null;
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= COUNT_MAX ? value : Number.NaN;
}

/** Tokens written to the cache for an hour; NaN for details that cannot be read. */
function writtenForAnHour(details: JsonValue | undefined): number {
  let written = 0;
  for (const detail of Array.isArray(details) ? details : []) {
    if (isJsonObject(detail) && detail['ttl'] === '1h') written += countAt(detail, 'inputTokens') ?? 0;
  }
  return written;
}

/**
 * Converse's usage as disjoint meters (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html, read 2026-11):
 * `inputTokens` leaves out what was read from or written to the cache, `outputTokens` includes what was thought. Null when it is absent or
 * cannot be true.
 */
export function decodeUsage(value: JsonValue | undefined): Usage | null {
  if (!isJsonObject(value)) return null;
  const [input, output, total] = ['inputTokens', 'outputTokens', 'totalTokens'].map((key) => countAt(value, key));
  if (typeof input !== 'number' || typeof output !== 'number') return null;
  const read = countAt(value, 'cacheReadInputTokens') ?? 0;
  const written = countAt(value, 'cacheWriteInputTokens') ?? 0;
  const forAnHour = writtenForAnHour(value['cacheDetails']);
  const counts = [input, output, read, written, forAnHour, total ?? 0];
  const isContradictory = forAnHour > written || (typeof total === 'number' && total < input + output);
  if (counts.some(Number.isNaN) || isContradictory) return null;
  return {
    input,
    output,
    ...(read > 0 ? { input_cache_read: read } : {}),
    ...(written > forAnHour ? { input_cache_write: written - forAnHour } : {}),
    ...(forAnHour > 0 ? { input_cache_write_1h: forAnHour } : {}),
  };
}

/** True when both counts are given, whatever they are: where `decodeUsage` is null then, a provider claimed what cannot be. */
export function claimsUsage(value: JsonValue | undefined): boolean {
  if (!isJsonObject(value)) return false;
  return countAt(value, 'inputTokens') !== null && countAt(value, 'outputTokens') !== null;
}
