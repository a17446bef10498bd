import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type Meter,
  meters,
  type Usage,
  usageTotals,
} from '@bourse/generation';
import { costMembers } from '../cost-members.ts';
import { scanMembers } from '../json-members.ts';
import type { UsageReport } from '../wire-format.ts';

/** Counts above this are a provider's mistake: ten times the largest context there is. */
const COUNT_MAX = 100_000_000;

/** A count; 0 where it is absent; null where it cannot be one. */
function countAt(object: JsonObject, key: string): number | null {
  const value = object[key];
  if (value === undefined || value === null) return 0;
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= COUNT_MAX ? value : null;
}

function detailsAt(usage: JsonObject, key: string): JsonObject {
  const details = usage[key];
  return isJsonObject(details) ? details : {};
}

/** Tokens that one pass of a model read and wrote; null when a count cannot be one, or the parts exceed their whole. */
function tokensOf(usage: JsonObject): Partial<Record<Meter, number>> | null {
  const [input, output] = [countAt(usage, 'input_tokens'), countAt(usage, 'output_tokens')];
  const [read, written] = [countAt(usage, 'cache_read_input_tokens'), countAt(usage, 'cache_creation_input_tokens')];
  const lives = detailsAt(usage, 'cache_creation');
  const [short, long] = [countAt(lives, 'ephemeral_5m_input_tokens'), countAt(lives, 'ephemeral_1h_input_tokens')];
  const thought = countAt(detailsAt(usage, 'output_tokens_details'), 'thinking_tokens');
  if (input === null || output === null || read === null || written === null) return null;
  if (short === null || long === null || thought === null || thought > output) return null;
  // The sum is absent where only its parts are given; writes of unknown life are of the shorter one.
  const all = usage['cache_creation_input_tokens'] === undefined ? short + long : written;
  if (short + long > all) return null;
  return {
    input,
    input_cache_read: read,
    input_cache_write: all - long,
    input_cache_write_1h: long,
    output: output - thought,
    output_reasoning: thought,
  };
}

/** What compactions read and wrote: the totals leave them out, and they are billed (compaction, read 2026-11). */
function compactions({ iterations }: JsonObject): JsonObject[] {
  if (!Array.isArray(iterations)) return [];
  return iterations.filter(isJsonObject).filter((iteration) => iteration['type'] === 'compaction');
}

/**
 * A provider's `usage` as disjoint meters: Anthropic's input tokens leave out what its cache read and wrote. Null when it is absent or
 * cannot be true. `input` and `output` are always present, other meters only when they are not zero.
 */
export function decodeUsage(value: unknown): Usage | null {
  if (!claimsUsage(value) || !isJsonObject(value)) return null;
  const searches = countAt(detailsAt(value, 'server_tool_use'), 'web_search_requests');
  const passes = [value, ...compactions(value)].map(tokensOf);
  if (searches === null) return null;
  const usage: Partial<Record<Meter, number>> = {
    input: 0,
    output: 0,
    ...(searches > 0 ? { web_search: searches } : {}),
  };
  for (const pass of passes) {
    if (pass === null) return null;
    for (const meter of meters) {
      const count = pass[meter] ?? 0;
      if (count > 0) usage[meter] = (usage[meter] ?? 0) + count;
    }
  }
  return usage;
}

/** True when both counts are given, whatever they are: where `decodeUsage` is null then, a provider claimed what cannot be. */
export function claimsUsage(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  const { input_tokens: input, output_tokens: output } = value;
  return input !== undefined && input !== null && output !== undefined && output !== null;
}

/** Usage as a stream tells it: input at the start, output at the end, either of them again. What is absent takes nothing away. */
export function mergeUsage(known: JsonObject, told: JsonValue | undefined): JsonObject {
  if (!isJsonObject(told)) return known;
  const merged: Record<string, JsonValue | undefined> = { ...known };
  for (const [key, value] of Object.entries(told)) if (value !== null && value !== undefined) merged[key] = value;
  return merged;
}

/** OpenRouter's extensions of a usage object, as JSON text. */
function moneyText(report: UsageReport): string {
  return costMembers(report, { input: 'prompt', output: 'completions' });
}

/** The same, one by one, to be put into a usage object that a provider wrote. */
export function moneyMembers(report: UsageReport): ReadonlyMap<string, string> {
  const text = `{${moneyText(report)}}`;
  return new Map(scanMembers(text).map(({ key, valueStart, valueEnd }) => [key, text.slice(valueStart, valueEnd)]));
}

/** Members of a usage object that must be there, and of which a translated answer knows nothing. */
export const unsaid = { inference_geo: null, server_tool_use: null, service_tier: null };

/** The whole usage object as JSON text. */
export function encodeUsage(report: UsageReport): string {
  const { usage } = report;
  const at = (meter: Meter) => usage[meter] ?? 0;
  const [short, long] = [at('input_cache_write'), at('input_cache_write_1h')];
  const searches = at('web_search');
  const counts = {
    ...unsaid,
    input_tokens: at('input') + at('input_audio') + at('input_image'),
    output_tokens: usageTotals(usage).outputTokens,
    cache_creation_input_tokens: short + long,
    cache_read_input_tokens: at('input_cache_read'),
    cache_creation: { ephemeral_5m_input_tokens: short, ephemeral_1h_input_tokens: long },
    output_tokens_details: { thinking_tokens: at('output_reasoning') },
    ...(searches > 0 ? { server_tool_use: { web_search_requests: searches, web_fetch_requests: 0 } } : {}),
  };
  return `${JSON.stringify(counts).slice(0, -1)},${moneyText(report)}}`;
}
