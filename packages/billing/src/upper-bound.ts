import type { Endpoint, PriceSheet } from '@bourse/catalog';
import { invariant } from '@bourse/errors';
import type { ContentPart, Meter, Prompt } from '@bourse/generation';
import { type ChargeLine, chargeTotal, type Nanodollars, type PicodollarsPerUnit } from '@bourse/money';
import { isTierReached, linesBySource } from './price-lines.ts';

/** The most that a generation can count and cost at one endpoint. */
export interface UpperBound {
  /** Markup included: what to hold. */
  readonly holdAmount: Nanodollars;
  readonly inputTokensBound: number;
  /** Of one alternative; the hold covers `choiceCount` of them. */
  readonly outputTokensBound: number;
}

/** What a bound depends on. `outputTokensMax` narrows the prompt's own limit (a clamp), it never widens it. */
export interface BoundInput {
  readonly prompt: Prompt;
  readonly endpoint: Endpoint;
  /** Basis points, 0..100000. */
  readonly markupBps: number;
  readonly outputTokensMax?: number;
}

/** Role markers and separators of a chat template; the longest public ones take fewer than 16 tokens a message. */
const TOKENS_PER_MESSAGE_MAX = 16;
/** Hidden preambles: the opening of the template and the instructions that providers add when there are tools. */
const TOKENS_PER_PROMPT_MAX = 64;
const TOKENS_FOR_TOOLS_MAX = 1024;
/** The dearest public image formula: 8 tiles of a small OpenAI model, 2,833 + 8 x 5,667 tokens. */
const TOKENS_PER_IMAGE_MAX = 48_169;
const TOKENS_PER_SMALL_IMAGE_MAX = 2_833;

const plainInputMeters = [
  'input',
  'input_cache_read',
  'input_cache_write',
  'input_cache_write_1h',
] as const satisfies readonly Meter[];
const outputMeters = ['output', 'output_reasoning', 'output_audio', 'output_image'] as const satisfies readonly Meter[];

function partsOf(prompt: Prompt): readonly ContentPart[] {
  return prompt.messages.flatMap((message) => message.content);
}

function imageTokensMax(parts: readonly ContentPart[]): number {
  let tokens = 0;
  for (const part of parts) {
    if (part.type === 'image') tokens += part.detail === 'low' ? TOKENS_PER_SMALL_IMAGE_MAX : TOKENS_PER_IMAGE_MAX;
  }
  return tokens;
}

function inputTokensBoundOf(prompt: Prompt, endpoint: Endpoint): number {
  const overhead =
    TOKENS_PER_PROMPT_MAX +
    TOKENS_PER_MESSAGE_MAX * (prompt.messages.length + prompt.tools.length) +
    (prompt.tools.length > 0 ? TOKENS_FOR_TOOLS_MAX : 0);
  // A provider refuses what does not fit its context, so the context bounds every prompt that costs anything.
  return Math.min(prompt.inputBytes + overhead + imageTokensMax(partsOf(prompt)), endpoint.contextTokensMax);
}

function outputTokensBoundOf({ prompt, endpoint, outputTokensMax }: BoundInput): number {
  return Math.min(
    endpoint.contextTokensMax,
    endpoint.outputTokensMax ?? Number.POSITIVE_INFINITY,
    prompt.outputTokensMax ?? Number.POSITIVE_INFINITY,
    outputTokensMax ?? Number.POSITIVE_INFINITY,
  );
}

/**
 * The highest price that a meter can reach in a request of at most so many input tokens, over all tiers that such a
 * request may fall into. Null when the sheet prices neither the meter nor what it falls back to.
 */
export function dearestPrice(sheet: PriceSheet, meter: Meter, inputTokensBound: number): PicodollarsPerUnit | null {
  let dearest: PicodollarsPerUnit | null = null;
  for (const line of linesBySource(sheet, meter).flat()) {
    if (isTierReached(line, inputTokensBound) && (dearest === null || line.price > dearest)) dearest = line.price;
  }
  return dearest;
}

function dearestOf(sheet: PriceSheet, meters: readonly Meter[], inputTokensBound: number): PicodollarsPerUnit {
  let dearest: PicodollarsPerUnit | null = null;
  for (const meter of meters) {
    const price = dearestPrice(sheet, meter, inputTokensBound);
    if (price !== null && (dearest === null || price > dearest)) dearest = price;
  }
  invariant(dearest !== null, `${sheet.id} has no price for ${meters.join(', ')}`);
  return dearest;
}

/** Prices once, then answers for any cap: what `n` tokens of output per alternative would hold. */
function holdByOutputTokens({ prompt, endpoint, markupBps }: BoundInput): (outputTokens: number) => Nanodollars {
  const sheet = endpoint.prices;
  const inputTokens = inputTokensBoundOf(prompt, endpoint);
  const parts = partsOf(prompt);
  const inputMeters: Meter[] = [...plainInputMeters];
  if (parts.some((part) => part.type === 'audio')) inputMeters.push('input_audio');
  if (parts.some((part) => part.type === 'image')) inputMeters.push('input_image');
  const inputLine: ChargeLine = { quantity: inputTokens, price: dearestOf(sheet, inputMeters, inputTokens) };
  const outputPrice = dearestOf(sheet, outputMeters, inputTokens);
  const requestPrice = dearestPrice(sheet, 'request', inputTokens);
  const fixed = requestPrice === null ? [inputLine] : [inputLine, { quantity: 1, price: requestPrice }];
  return (outputTokens) =>
    chargeTotal([...fixed, { quantity: outputTokens * prompt.choiceCount, price: outputPrice }], markupBps);
}

/**
 * A strict upper bound of what a generation can cost at an endpoint: no sane usage is charged more. Input tokens are at
 * most the bytes of the prompt plus template, tools and images, and at most the context; output tokens are at most the
 * smallest of what was asked for, what the endpoint gives and the context. Both at the dearest price that can apply,
 * once the request price, and with markup. Web searches are not in it: their number is not known before.
 */
export function estimateUpperBound(input: BoundInput): UpperBound {
  const outputTokensBound = outputTokensBoundOf(input);
  return {
    holdAmount: holdByOutputTokens(input)(outputTokensBound),
    inputTokensBound: inputTokensBoundOf(input.prompt, input.endpoint),
    outputTokensBound,
  };
}

/**
 * The largest number of output tokens (per alternative) whose upper bound fits into `available`, never more than was
 * asked for; null when not even one token fits. Searched by bisection over the bound itself, so that the two can
 * never disagree by a rounding.
 */
export function affordableOutputTokens(input: BoundInput & { readonly available: Nanodollars }): number | null {
  const holdFor = holdByOutputTokens(input);
  let fitting = 0;
  let tooMany = outputTokensBoundOf(input) + 1;
  while (tooMany - fitting > 1) {
    const middle = Math.floor((fitting + tooMany) / 2);
    if (holdFor(middle) <= input.available) fitting = middle;
    else tooMany = middle;
  }
  return fitting === 0 ? null : fitting;
}
