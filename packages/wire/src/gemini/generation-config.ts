import type { ContentPart, JsonObject, JsonValue, Prompt, ReasoningRequest } from '@bourse/generation';
import { outputCap } from '../request/decode-market.ts';
import { effortShares } from '../request/effort-shares.ts';
import type { CallTarget } from '../wire-format.ts';
import { isGemini3, type ModelFamily, takesJsonSchema } from './model-family.ts';
import { toOpenApi } from './to-openapi.ts';

type Effort = NonNullable<ReasoningRequest['effort']>;

/** The budgets that the 2.5 models accept (thinking guide, read 2026-11). Pro cannot be told not to think. */
const BUDGETS: Readonly<Record<ModelFamily['size'], { readonly min: number; readonly max: number; off: number }>> = {
  pro: { min: 128, max: 32_768, off: 128 },
  flash: { min: 1, max: 24_576, off: 0 },
  'flash-lite': { min: 512, max: 24_576, off: 0 },
};

/** What the 2.5 models can write at most, where the catalog does not say. */
const OUTPUT_TOKENS = 65_536;
const SEED_RANGE = 2 ** 31;
/** More are refused (API reference, read 2026-11). */
const STOP_SEQUENCES_MAX = 5;
const THINKS_FROM = 2.5;

function budgetOf(effort: Effort, family: ModelFamily, outputTokens: number): number {
  const { min, max, off } = BUDGETS[family.size];
  if (effort === 'none') return off;
  return Math.min(Math.max(Math.floor(outputTokens * effortShares[effort]), min), max);
}

/** The nearest level that the model has: Pro has neither `minimal` nor, in its first version, `medium` (Gemini 3 guide, read 2026-11). */
function levelOf(effort: Effort, { size, version }: ModelFamily): string {
  if (effort === 'none' || effort === 'minimal') return size === 'pro' ? 'low' : 'minimal';
  if (effort === 'low') return 'low';
  if (effort === 'medium') return size === 'pro' && version < 3.1 ? 'high' : 'medium';
  return 'high';
}

function thinkingConfig(prompt: Prompt, family: ModelFamily, outputTokens: number): JsonObject | undefined {
  const { reasoning } = prompt;
  if (reasoning === undefined || family.version < THINKS_FROM) return undefined;
  const { effort, tokensMax, isExcluded } = reasoning;
  const includeThoughts = isExcluded !== true && effort !== 'none';
  if (tokensMax !== undefined) {
    const { min, max } = BUDGETS[family.size];
    return { thinkingBudget: Math.min(Math.max(tokensMax, min), max), includeThoughts };
  }
  if (effort === undefined) return { includeThoughts };
  if (isGemini3(family)) return { thinkingLevel: levelOf(effort, family), includeThoughts };
  return { thinkingBudget: budgetOf(effort, family, outputTokens), includeThoughts };
}

/** Models before Gemini 3 refuse JSON answers together with tools: then the form is asked for in words (see `formInWords`). */
function isFormInWords(prompt: Prompt, family: ModelFamily): boolean {
  return prompt.tools.length > 0 && !isGemini3(family);
}

function responseForm({ responseFormat: format }: Prompt, family: ModelFamily): JsonObject {
  if (format === undefined || format.type === 'text') return {};
  if (format.type !== 'json_schema' || format.schema === undefined) return { responseMimeType: 'application/json' };
  const schema = takesJsonSchema(family)
    ? { responseJsonSchema: format.schema }
    : { responseSchema: toOpenApi(format.schema) };
  return { responseMimeType: 'application/json', ...schema };
}

/** What the model is told of the form of its answer where the API cannot be; null where it can, or nothing is asked for. */
export function formInWords(prompt: Prompt, family: ModelFamily): string | null {
  const { responseFormat: format } = prompt;
  if (format === undefined || format.type === 'text' || !isFormInWords(prompt, family)) return null;
  const schema = format.type === 'json_schema' ? format.schema : undefined;
  const form = schema === undefined ? '' : ` that matches this JSON Schema: ${JSON.stringify(schema)}`;
  return `When you answer without calling a function, answer with JSON alone${form}`;
}

/** The detail of the pictures is one for all of them here; the highest wish counts. */
function mediaResolution(prompt: Prompt): string | undefined {
  const isImage = (part: ContentPart) => part.type === 'image';
  const details = prompt.messages.flatMap(({ content }) =>
    content.filter(isImage).map((part) => ('detail' in part ? part.detail : undefined)),
  );
  if (details.includes('high')) return 'MEDIA_RESOLUTION_HIGH';
  return details.includes('low') ? 'MEDIA_RESOLUTION_LOW' : undefined;
}

function samplingConfig({ sampling }: Prompt): Record<string, JsonValue | undefined> {
  const { seed, stop, topK, topLogprobs } = sampling;
  return {
    temperature: sampling.temperature,
    topP: sampling.topP,
    // Zero means "no limit" elsewhere, and nothing here.
    topK: topK === 0 ? undefined : topK,
    frequencyPenalty: sampling.frequencyPenalty,
    presencePenalty: sampling.presencePenalty,
    // 32 bits wide; a larger seed is folded, and stays the same for the same request.
    seed: seed === undefined ? undefined : seed % SEED_RANGE,
    stopSequences: stop?.filter((sequence) => sequence !== '').slice(0, STOP_SEQUENCES_MAX),
    responseLogprobs: sampling.logprobs,
    logprobs: sampling.logprobs === true ? topLogprobs : undefined,
  };
}

/**
 * `generationConfig`. What has no word here (min_p, logit_bias, repetition_penalty ...) is left out, as are stop sequences beyond the
 * fifth. Null when there is nothing to say.
 */
export function generationConfig(prompt: Prompt, target: CallTarget, family: ModelFamily): JsonObject | null {
  const cap = outputCap(prompt, target);
  const { audioOutput, outputModalities } = prompt;
  const voice = { voiceConfig: { prebuiltVoiceConfig: { voiceName: audioOutput?.voice ?? '' } } };
  const all: Record<string, JsonValue | undefined> = {
    ...samplingConfig(prompt),
    maxOutputTokens: cap,
    candidateCount: prompt.choiceCount > 1 ? prompt.choiceCount : undefined,
    responseModalities: outputModalities?.map((modality) => modality.toUpperCase()),
    speechConfig: audioOutput === undefined ? undefined : voice,
    mediaResolution: mediaResolution(prompt),
    thinkingConfig: thinkingConfig(prompt, family, cap ?? target.endpointOutputTokensMax ?? OUTPUT_TOKENS),
    ...(isFormInWords(prompt, family) ? {} : responseForm(prompt, family)),
  };
  const config = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return Object.keys(config).length === 0 ? null : config;
}
