import { dearestPrice } from '@bourse/billing';
import type { Endpoint, Model, ModelVariant } from '@bourse/catalog';
import { AppError } from '@bourse/errors';
import type { ContentPart, Meter, Prompt } from '@bourse/generation';
import { type PicodollarsPerUnit, picodollarsFromUsdPerMillion, picodollarsFromUsdPerUnit } from '@bourse/money';
import { isNamed } from './name-match.ts';
import type { ExclusionReason } from './types.ts';

/** What the hard filters look at: one endpoint under one prompt. */
export interface EndpointInQuestion {
  readonly endpoint: Endpoint;
  readonly model: Model;
  readonly variant: ModelVariant | null;
  readonly prompt: Prompt;
  /** The kinds of content in the prompt. */
  readonly contentTypes: ReadonlySet<ContentPart['type']>;
  readonly markupBps: number;
  readonly isSandboxProvider: boolean;
  readonly isConfigured: boolean;
  readonly isStopped: boolean;
  /** What the prompt asks for and the provider's dialect cannot say. */
  readonly lacking: string | null;
}

/**
 * No text is longer than this per token on average. Bytes bound tokens from above, which must never refuse a prompt;
 * only a prompt that is too long even at this density is refused here, the rest is the provider's to judge.
 */
const CHARACTERS_PER_TOKEN_MAX = 8;

/** The formats of lower precision that a family name stands for. */
const quantizationFamilies: Readonly<Record<string, readonly string[]>> = {
  fp4: ['fp4', 'mxfp4', 'nvfp4'],
  fp8: ['fp8', 'mxfp8'],
};

/** The kinds of content in a prompt: what a model must be able to read. */
export function contentTypesOf(prompt: Prompt): ReadonlySet<ContentPart['type']> {
  const types = new Set<ContentPart['type']>();
  for (const message of prompt.messages) {
    for (const part of message.content) types.add(part.type);
  }
  return types;
}

function isQuantizationAllowed({ endpoint, prompt }: EndpointInQuestion): boolean {
  const wanted = prompt.preferences.quantizations;
  const actual = endpoint.quantization ?? 'unknown';
  return wanted === undefined || wanted.some((name) => (quantizationFamilies[name] ?? [name]).includes(actual));
}

const TEXT_ALONE: NonNullable<Prompt['outputModalities']> = ['text'];

function hasModalities({ model, prompt, contentTypes }: EndpointInQuestion): boolean {
  const wanted = prompt.outputModalities ?? TEXT_ALONE;
  if (!wanted.every((modality) => model.outputModalities.includes(modality))) return false;
  // What cannot say a word holds no conversation, also where only its pictures are wanted.
  if (prompt.operation === undefined && !model.outputModalities.includes('text')) return false;
  for (const type of contentTypes) {
    if (!model.inputModalities.includes(type)) return false;
  }
  return true;
}

/** A provider that takes one of the two names of the output limit takes the other: the encoder picks the right one. */
function supportsParameter(endpoint: Endpoint, name: string): boolean {
  const names = name === 'max_completion_tokens' ? ['max_completion_tokens', 'max_tokens'] : [name];
  return names.some((known) => endpoint.supportedParameters.includes(known));
}

const ceilings = [
  { key: 'prompt', meter: 'input', parse: picodollarsFromUsdPerMillion },
  { key: 'completion', meter: 'output', parse: picodollarsFromUsdPerMillion },
  { key: 'request', meter: 'request', parse: picodollarsFromUsdPerUnit },
  { key: 'image', meter: 'input_image', parse: picodollarsFromUsdPerUnit },
  { key: 'audio', meter: 'input_audio', parse: picodollarsFromUsdPerUnit },
] as const satisfies readonly { key: string; meter: Meter; parse: (usd: string) => PicodollarsPerUnit }[];

function parseCeiling(key: string, text: string, parse: (usd: string) => PicodollarsPerUnit): PicodollarsPerUnit {
  try {
    return parse(text);
  } catch (cause) {
    // A customer's number, so the customer's error: the parser's RangeError would surface as ours.
    throw new AppError('invalid_request', `provider.max_price.${key} is not a price: ${JSON.stringify(text)}.`, {
      cause,
      metadata: { path: `provider.max_price.${key}` },
    });
  }
}

/** Ceilings hold for what the customer pays, markup included, at the dearest tier that the prompt may reach. */
function isWithinMaxPrice({ endpoint, prompt, markupBps }: EndpointInQuestion): boolean {
  const maxPrice = prompt.preferences.maxPrice;
  if (maxPrice === undefined) return true;
  return ceilings.every(({ key, meter, parse }) => {
    const text = maxPrice[key];
    if (text === undefined) return true;
    const ceiling = parseCeiling(key, text, parse);
    const price = dearestPrice(endpoint.prices, meter, prompt.inputBytes);
    return price === null || price * BigInt(10_000 + markupBps) <= ceiling * 10_000n;
  });
}

/** Fewer tokens than the prompt's text can have, whatever the tokenizer. */
export function inputTokensAtLeast(prompt: Prompt): number {
  let characters = 0;
  for (const message of prompt.messages) {
    for (const part of message.content) characters += part.type === 'text' ? part.text.length : 0;
  }
  return Math.floor(characters / CHARACTERS_PER_TOKEN_MAX);
}

function fitsContext({ endpoint, prompt }: EndpointInQuestion): boolean {
  const outputTokens = prompt.outputTokensMax ?? 1;
  const room = endpoint.contextTokensMax - outputTokens;
  // Bytes are known and text must be walked; most prompts are settled by the first comparison.
  return room >= 0 && (prompt.inputBytes / CHARACTERS_PER_TOKEN_MAX <= room || inputTokensAtLeast(prompt) <= room);
}

function isOutputCapEnough({ endpoint, prompt }: EndpointInQuestion): boolean {
  return (prompt.outputTokensMax ?? 0) <= (endpoint.outputTokensMax ?? Number.POSITIVE_INFINITY);
}

/** No provider's data policy is on record yet, and unknown counts as "keeps and trains"; the sandbox keeps nothing. */
function isDataPolicyMet({ prompt, isSandboxProvider }: EndpointInQuestion): boolean {
  const { dataCollection, zdr } = prompt.preferences;
  return isSandboxProvider || (dataCollection !== 'deny' && zdr !== true);
}

function isZeroPriced(endpoint: Endpoint): boolean {
  return endpoint.prices.lines.every((line) => line.price === 0n);
}

/** An empty list is what clients send for "no wish", so it allows everybody. */
function isAmong(endpoint: Endpoint, names: readonly string[] = []): boolean {
  return names.length === 0 || isNamed(endpoint, names);
}

const rules: readonly (readonly [ExclusionReason, (question: EndpointInQuestion) => boolean])[] = [
  ['disabled', ({ endpoint }) => endpoint.isEnabled],
  ['not_free', ({ endpoint, variant }) => variant !== 'free' || isZeroPriced(endpoint)],
  ['not_in_only', ({ endpoint, prompt: { preferences } }) => isAmong(endpoint, preferences.only)],
  ['provider_ignored', ({ endpoint, prompt: { preferences } }) => !isNamed(endpoint, preferences.ignore ?? [])],
  [
    'not_in_order',
    ({ endpoint, prompt: { preferences } }) =>
      preferences.allowFallbacks !== false || isAmong(endpoint, preferences.order),
  ],
  ['data_policy', isDataPolicyMet],
  ['quantization', isQuantizationAllowed],
  ['modality', hasModalities],
  ['feature_unsupported', ({ lacking }) => lacking === null],
  ['tools_unsupported', ({ endpoint, prompt }) => prompt.tools.length === 0 || supportsParameter(endpoint, 'tools')],
  [
    'require_parameters',
    ({ endpoint, prompt }) =>
      prompt.preferences.requireParameters !== true ||
      prompt.parameters.every((name) => supportsParameter(endpoint, name)),
  ],
  ['max_price', isWithinMaxPrice],
  ['output_cap', isOutputCapEnough],
  ['context_length', fitsContext],
  // Last on purpose: whoever is left out only for these would serve the prompt once configured, or as soon as it is let go.
  ['provider_not_configured', ({ isConfigured }) => isConfigured],
  ['stopped', ({ isStopped }) => !isStopped],
];

/** The first hard filter that an endpoint fails, or null when it may serve the prompt. */
export function exclusionReasonOf(question: EndpointInQuestion): ExclusionReason | null {
  return rules.find(([, isPassed]) => !isPassed(question))?.[0] ?? null;
}

/**
 * A soft filter: when the prompt wants a structured answer, endpoints that can give one are kept alone, if there are any.
 * A parameter that nobody supports is no reason to refuse.
 */
export function supportsResponseFormat(endpoint: Endpoint, prompt: Prompt): boolean {
  if (prompt.responseFormat === undefined || prompt.responseFormat.type === 'text') return true;
  const needed = prompt.responseFormat.type === 'json_schema' ? 'structured_outputs' : 'response_format';
  return endpoint.supportedParameters.includes(needed);
}
