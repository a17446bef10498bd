import { isJsonObject, type JsonObject, type Meter, meters, type Usage, usageTotals } from '@bourse/generation';
import { costMembers } from '../cost-members.ts';
import type { UsageReport } from '../wire-format.ts';

/** Counts above this are a provider's mistake: ten times the largest context there is. */
const COUNT_MAX = 100_000_000;

type Count = number | 'absent' | 'wrong';

function countAt(object: JsonObject, key: string): Count {
  const value = object[key];
  if (value === undefined || value === null) return 'absent';
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= COUNT_MAX ? value : 'wrong';
}

function detailsAt(usage: JsonObject, key: string): JsonObject {
  const details = usage[key];
  return isJsonObject(details) ? details : {};
}

/** The first of the candidates that is not absent. */
function firstOf(...counts: readonly Count[]): Count {
  return counts.find((count) => count !== 'absent') ?? 'absent';
}

/** The input side, disjoint; null when its parts exceed their whole. */
function inputMeters(usage: JsonObject, promptTokens: number): Partial<Record<Meter, number>> | null {
  const details = detailsAt(usage, 'prompt_tokens_details');
  // DeepSeek reports prompt_cache_hit_tokens, Moonshot a bare cached_tokens, LiteLLM Anthropic's name for writes (2026-11).
  const cached = firstOf(
    countAt(details, 'cached_tokens'),
    countAt(usage, 'prompt_cache_hit_tokens'),
    countAt(usage, 'cached_tokens'),
  );
  const written = firstOf(countAt(details, 'cache_write_tokens'), countAt(usage, 'cache_creation_input_tokens'));
  const audio = countAt(details, 'audio_tokens');
  const image = countAt(details, 'image_tokens');
  const [read, write, audioCount, imageCount] = [cached, written, audio, image].map((c) => (c === 'absent' ? 0 : c));
  if (typeof read !== 'number' || typeof write !== 'number') return null;
  if (typeof audioCount !== 'number' || typeof imageCount !== 'number') return null;
  const fresh = promptTokens - read - write;
  if (fresh < 0) return null;
  // A cached token may be an audio or image token as well: it counts once, at the cache's price.
  const freshAudio = Math.min(audioCount, fresh);
  const freshImage = Math.min(imageCount, fresh - freshAudio);
  return {
    input: fresh - freshAudio - freshImage,
    input_cache_read: read,
    input_cache_write: write,
    input_audio: freshAudio,
    input_image: freshImage,
  };
}

/** The output side, disjoint; null when its parts exceed their whole. */
function outputMeters(usage: JsonObject, promptTokens: number, completionTokens: number) {
  const details = detailsAt(usage, 'completion_tokens_details');
  const counts = ['reasoning_tokens', 'audio_tokens', 'image_tokens'].map((key) => countAt(details, key));
  const [reasoning, audio, image] = counts.map((count) => (count === 'absent' ? 0 : count));
  if (typeof reasoning !== 'number' || typeof audio !== 'number' || typeof image !== 'number') return null;
  // xAI leaves reasoning out of completion_tokens; its total gives that away (seen in LiteLLM's xAI adapter, 2026).
  const isReasoningExtra =
    reasoning > 0 && countAt(usage, 'total_tokens') === promptTokens + completionTokens + reasoning;
  const output = completionTokens - (isReasoningExtra ? 0 : reasoning) - audio - image;
  if (output < 0) return null;
  return { output, output_reasoning: reasoning, output_audio: audio, output_image: image };
}

function webSearches(usage: JsonObject): Count {
  const count = firstOf(
    countAt(detailsAt(usage, 'server_tool_use_details'), 'web_search_requests'),
    countAt(detailsAt(usage, 'server_tool_use'), 'web_search_requests'),
  );
  return count;
}

/**
 * A provider's `usage` as disjoint meters. Null when it is absent or cannot be true (negative, fractional, huge, parts
 * larger than their whole): unknown is not zero, and the caller estimates. `input` and `output` are always present, other
 * meters only when they are not zero.
 */
export function decodeUsage(value: unknown): Usage | null {
  if (!isJsonObject(value)) return null;
  const promptTokens = countAt(value, 'prompt_tokens');
  const completionTokens = countAt(value, 'completion_tokens');
  if (typeof promptTokens !== 'number' || typeof completionTokens !== 'number') return null;
  const input = inputMeters(value, promptTokens);
  const output = outputMeters(value, promptTokens, completionTokens);
  const searches = webSearches(value);
  if (!input || !output || searches === 'wrong') return null;
  const counts: Partial<Record<Meter, number>> = {
    ...input,
    ...output,
    web_search: searches === 'absent' ? 0 : searches,
  };
  const usage: Partial<Record<Meter, number>> = { input: counts.input ?? 0, output: counts.output ?? 0 };
  for (const meter of meters) {
    const count = counts[meter] ?? 0;
    if (count > 0) usage[meter] = count;
  }
  return usage;
}

/** True when both counts are given, whatever they are: where `decodeUsage` is null then, a provider claimed what cannot be. */
export function claimsUsage(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  return countAt(value, 'prompt_tokens') !== 'absent' && countAt(value, 'completion_tokens') !== 'absent';
}

/**
 * OpenRouter's `usage` object as JSON text. The exact decimal of the cost is written as a JSON number digit by digit: it
 * never passes through a float. `is_estimated` appears only when the provider told us no counts.
 */
export function encodeUsage(report: UsageReport): string {
  const { usage } = report;
  const { inputTokens, outputTokens } = usageTotals(usage);
  const at = (meter: Meter) => usage[meter] ?? 0;
  const written = at('input_cache_write') + at('input_cache_write_1h');
  return (
    `{"prompt_tokens":${inputTokens},"completion_tokens":${outputTokens},"total_tokens":${inputTokens + outputTokens},` +
    `"prompt_tokens_details":{"cached_tokens":${at('input_cache_read')},"cache_write_tokens":${written},` +
    `"audio_tokens":${at('input_audio')},"image_tokens":${at('input_image')}},` +
    `"completion_tokens_details":{"reasoning_tokens":${at('output_reasoning')},"audio_tokens":${at('output_audio')},` +
    `"image_tokens":${at('output_image')}},` +
    (at('web_search') > 0 ? `"server_tool_use_details":{"web_search_requests":${at('web_search')}},` : '') +
    `${costMembers(report)}}`
  );
}
