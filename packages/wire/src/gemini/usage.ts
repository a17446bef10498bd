import { invariant } from '@bourse/errors';
import { isJsonObject, type JsonObject, type JsonValue, type Meter, type Usage, usageTotals } from '@bourse/generation';
import type { UsageReport } from '../wire-format.ts';

/** Counts above this are a provider's mistake: ten times the largest context there is. */
const COUNT_MAX = 100_000_000;

/** A count; a zero is left out of Google's JSON. Null for what is none. */
function countAt(object: JsonObject, key: string): number | null {
  const value = object[key] ?? 0;
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= COUNT_MAX ? value : null;
}

/** Tokens of one kind in a list such as `promptTokensDetails`; null for a count that is none. */
function countOf(usage: JsonObject, key: string, modality: string): number | null {
  const { [key]: details } = usage;
  let sum = 0;
  for (const detail of Array.isArray(details) ? details : []) {
    if (!isJsonObject(detail) || detail['modality'] !== modality) continue;
    const count = countAt(detail, 'tokenCount');
    if (count === null) return null;
    sum += count;
  }
  return sum;
}

/** Fresh tokens of one kind on the way in: what is cached counts at the cache's price, whatever it is. */
function freshOf(usage: JsonObject, modality: string): number | null {
  const [prompt, tool, cached] = ['promptTokensDetails', 'toolUsePromptTokensDetails', 'cacheTokensDetails'].map(
    (key) => countOf(usage, key, modality),
  );
  if (typeof prompt !== 'number' || typeof tool !== 'number' || typeof cached !== 'number') return null;
  return Math.max(prompt + tool - cached, 0);
}

type Counts = Partial<Record<Meter, number>>;

function inputMeters(usage: JsonObject): Counts | null {
  const prompt = countAt(usage, 'promptTokenCount');
  const tool = countAt(usage, 'toolUsePromptTokenCount');
  const cached = countAt(usage, 'cachedContentTokenCount');
  const [audio, image] = [freshOf(usage, 'AUDIO'), freshOf(usage, 'IMAGE')];
  if (prompt === null || tool === null || cached === null || audio === null || image === null) return null;
  // The cached tokens are part of the prompt's; those that tools brought are not.
  if (cached > prompt) return null;
  const fresh = prompt - cached + tool;
  const freshAudio = Math.min(audio, fresh);
  const freshImage = Math.min(image, fresh - freshAudio);
  return {
    input: fresh - freshAudio - freshImage,
    input_cache_read: cached,
    input_audio: freshAudio,
    input_image: freshImage,
  };
}

function outputMeters(usage: JsonObject): Counts | null {
  const candidates = countAt(usage, 'candidatesTokenCount');
  const thoughts = countAt(usage, 'thoughtsTokenCount');
  const [audio, image] = ['AUDIO', 'IMAGE'].map((kind) => countOf(usage, 'candidatesTokensDetails', kind));
  if (candidates === null || thoughts === null || typeof audio !== 'number' || typeof image !== 'number') return null;
  if (audio + image > candidates) return null;
  return {
    output: candidates - audio - image,
    output_reasoning: thoughts,
    output_audio: audio,
    output_image: image,
  };
}

/** True when tokens are counted in it, rightly or not: Google also sends the object with nothing but the kind of traffic. */
export function claimsUsage(value: JsonValue | undefined): value is JsonObject {
  if (!isJsonObject(value)) return false;
  return ['promptTokenCount', 'candidatesTokenCount', 'totalTokenCount'].some((key) => (value[key] ?? null) !== null);
}

/**
 * `usageMetadata` as disjoint meters (https://ai.google.dev/api/generate-content#UsageMetadata, read 2026-11). Thoughts are not part of the
 * candidates' tokens, cached tokens are part of the prompt's, and those of tools' results come on top. Null when it is absent or cannot be
 * true; an answer without a prompt is not true.
 */
export function decodeUsage(value: JsonValue | undefined): Usage | null {
  if (!claimsUsage(value) || (value['promptTokenCount'] ?? null) === null) return null;
  const [input, output] = [inputMeters(value), outputMeters(value)];
  if (input === null || output === null) return null;
  const all = { ...input, ...output };
  const usage: Counts = { input: all.input ?? 0, output: all.output ?? 0 };
  for (const [meter, count] of Object.entries(all)) if (count > 0) Object.assign(usage, { [meter]: count });
  return usage;
}

/** What is known after another report: the last word on each count stands, and what a report leaves out it does not take back. */
export function laterUsage(earlier: JsonObject | null, value: JsonObject): JsonObject {
  const present = Object.entries(value).filter(([key, count]) => count !== null && key !== '__proto__');
  return { ...earlier, ...Object.fromEntries(present) };
}

const DECIMAL = /^-?\d+(\.\d+)?$/;

function dollars(text: string): string {
  invariant(DECIMAL.test(text), `not a decimal dollar amount: ${text}`);
  return text;
}

function details(key: string, counts: Readonly<Record<string, number>>): string {
  const listed = Object.entries(counts).filter(([, count]) => count > 0);
  if (listed.length === 0) return '';
  return `,"${key}":${JSON.stringify(listed.map(([modality, tokenCount]) => ({ modality, tokenCount })))}`;
}

/** The members that are ours: the exact decimal of the cost is written as a JSON number digit by digit and never passes through a float. */
export function costMembers(report: UsageReport): ReadonlyMap<string, string> {
  const upstream = report.upstreamCostUsd === null ? 'null' : dollars(report.upstreamCostUsd);
  return new Map([
    ['cost', dollars(report.costUsd)],
    ['costDetails', `{"upstreamInferenceCost":${upstream}}`],
    ...(report.isEstimated ? [['isEstimated', 'true'] as const] : []),
  ]);
}

/** `usageMetadata` as JSON text, with what the answer costs. */
export function encodeUsage(report: UsageReport): string {
  const { usage } = report;
  const { inputTokens, outputTokens } = usageTotals(usage);
  const at = (meter: Meter) => usage[meter] ?? 0;
  const thoughts = at('output_reasoning');
  const ours = [...costMembers(report)].map(([key, text]) => `,"${key}":${text}`).join('');
  return (
    `{"promptTokenCount":${inputTokens},"candidatesTokenCount":${outputTokens - thoughts},` +
    `"totalTokenCount":${inputTokens + outputTokens}` +
    (thoughts > 0 ? `,"thoughtsTokenCount":${thoughts}` : '') +
    (at('input_cache_read') > 0 ? `,"cachedContentTokenCount":${at('input_cache_read')}` : '') +
    details('promptTokensDetails', { AUDIO: at('input_audio'), IMAGE: at('input_image') }) +
    details('candidatesTokensDetails', { AUDIO: at('output_audio'), IMAGE: at('output_image') }) +
    `${ours}}`
  );
}
