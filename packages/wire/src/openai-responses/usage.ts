import { isJsonObject, type JsonObject, type JsonValue, type Meter, type Usage, usageTotals } from '@bourse/generation';
import { costMembers } from '../cost-members.ts';
import { claimsUsage as claimsChatUsage, decodeUsage as decodeChatUsage } from '../openai-chat/usage.ts';
import type { UsageReport } from '../wire-format.ts';

/** The counts under the names that they have in OpenAI's other API: what they mean, and what cannot be true, is the same. */
function inChatWords(value: JsonObject, webSearches: number): JsonObject {
  const { input_tokens_details: input, output_tokens_details: output, server_tool_use_details: tools } = value;
  const said = isJsonObject(tools) ? tools['web_search_requests'] : undefined;
  return {
    prompt_tokens: value['input_tokens'] ?? null,
    completion_tokens: value['output_tokens'] ?? null,
    total_tokens: value['total_tokens'] ?? null,
    prompt_tokens_details: input ?? null,
    completion_tokens_details: output ?? null,
    server_tool_use_details: { web_search_requests: said ?? webSearches },
  };
}

/** Searches that a provider made while it answered: they are priced one by one, and its usage does not count them. */
function webSearchesIn(output: JsonValue | undefined): number {
  if (!Array.isArray(output)) return 0;
  const searches = output.filter((item: JsonValue) => {
    if (!isJsonObject(item) || item['type'] !== 'web_search_call') return false;
    const { action } = item;
    // Opening a page that was found is not charged (https://platform.openai.com/docs/pricing, read 2026-11).
    return !isJsonObject(action) || action['type'] === undefined || action['type'] === 'search';
  });
  return searches.length;
}

/**
 * A response's `usage` as disjoint meters: `input_tokens` contain the cached ones and `output_tokens` the reasoning. Null when it is absent
 * or cannot be true.
 */
export function decodeUsage(response: JsonObject): Usage | null {
  const { usage, output } = response;
  return isJsonObject(usage) ? decodeChatUsage(inChatWords(usage, webSearchesIn(output))) : null;
}

/** True when both counts are given, whatever they are: where `decodeUsage` is null then, a provider claimed what cannot be. */
export function claimsUsage({ usage }: JsonObject): boolean {
  return isJsonObject(usage) && claimsChatUsage(inChatWords(usage, 0));
}

/** OpenRouter's `usage` of this dialect as JSON text. The exact decimal of the cost is written digit by digit and never passes through a float. */
export function encodeUsage(report: UsageReport): string {
  const { usage } = report;
  const { inputTokens, outputTokens } = usageTotals(usage);
  const at = (meter: Meter) => usage[meter] ?? 0;
  const written = at('input_cache_write') + at('input_cache_write_1h');
  const searches = at('web_search');
  return (
    `{"input_tokens":${inputTokens},` +
    `"input_tokens_details":{"cached_tokens":${at('input_cache_read')},"cache_write_tokens":${written}},` +
    `"output_tokens":${outputTokens},"output_tokens_details":{"reasoning_tokens":${at('output_reasoning')}},` +
    `"total_tokens":${inputTokens + outputTokens},` +
    (searches > 0 ? `"server_tool_use_details":{"web_search_requests":${searches}},` : '') +
    `${costMembers(report, { input: 'input', output: 'output' })}}`
  );
}
