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

const textMeters = [
  'input',
  'input_cache_read',
  'input_cache_write',
  'input_cache_write_1h',
] as const satisfies readonly Meter[];
const outputMeters = ['output', 'output_reasoning', 'output_audio', 'output_image'] as const satisfies readonly Meter[];

function imageTokensOf(part: ContentPart): number {
  if (part.type !== 'image') return 0;
  return part.detail === 'low' ? TOKENS_PER_SMALL_IMAGE_MAX : TOKENS_PER_IMAGE_MAX;
}

function imageTokensMax(prompt: Prompt): number {
  let tokens = 0;
  for (const message of prompt.messages) {
    for (const part of message.content) tokens += imageTokensOf(part);
  }
  return tokens;
}

function hasPart(prompt: Prompt, type: ContentPart['type']): boolean {
  return prompt.messages.some((message) => message.content.some((part) => part.type === type));
}

function inputTokensBoundOf(prompt: Prompt, endpoint: Endpoint): number {
  const overhead =
    TOKENS_PER_PROMPT_MAX +
    TOKENS_PER_MESSAGE_MAX * (prompt.messages.length + prompt.tools.length) +
    (prompt.tools.length > 0 ? TOKENS_FOR_TOOLS_MAX : 0);
  // A provider refuses what does not fit its context, so the context bounds every prompt that costs anything.
  return Math.min(prompt.inputBytes + overhead + imageTokensMax(prompt), endpoint.contextTokensMax);
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

/** The dearest prices that a request can meet on a sheet, by what its prompt holds. */
interface Ceilings {
  readonly text: PicodollarsPerUnit;
  readonly audio: PicodollarsPerUnit;
  readonly image: PicodollarsPerUnit;
  readonly output: PicodollarsPerUnit;
  readonly request: PicodollarsPerUnit | null;
}

/** A sheet never changes and each request asks the same of it: ceilings are kept with the sheet, one set per tier. */
const ceilingsOfSheets = new WeakMap<PriceSheet, Map<number, Ceilings>>();

function ceilingsOf(sheet: PriceSheet, inputTokensBound: number): Ceilings {
  const ofSheet = ceilingsOfSheets.get(sheet) ?? new Map<number, Ceilings>();
  ceilingsOfSheets.set(sheet, ofSheet);
  let tier = 0;
  for (const line of sheet.lines) {
    if (isTierReached(line, inputTokensBound)) tier = Math.max(tier, line.aboveInputTokens);
  }
  const known = ofSheet.get(tier);
  if (known !== undefined) return known;
  const ceilings: Ceilings = {
    text: dearestOf(sheet, textMeters, inputTokensBound),
    audio: dearestOf(sheet, ['input_audio'], inputTokensBound),
    image: dearestOf(sheet, ['input_image'], inputTokensBound),
    output: dearestOf(sheet, outputMeters, inputTokensBound),
    request: dearestPrice(sheet, 'request', inputTokensBound),
  };
  ofSheet.set(tier, ceilings);
  return ceilings;
}

/** Prices once, then answers for any cap: what `n` tokens of output per alternative would hold. */
function holdByOutputTokens({ prompt, endpoint, markupBps }: BoundInput): (outputTokens: number) => Nanodollars {
  const inputTokens = inputTokensBoundOf(prompt, endpoint);
  const ceilings = ceilingsOf(endpoint.prices, inputTokens);
  let inputPrice = ceilings.text;
  if (ceilings.audio > inputPrice && hasPart(prompt, 'audio')) inputPrice = ceilings.audio;
  if (ceilings.image > inputPrice && hasPart(prompt, 'image')) inputPrice = ceilings.image;
  const fixed: ChargeLine[] = [{ quantity: inputTokens, price: inputPrice }];
  if (ceilings.request !== null) fixed.push({ quantity: 1, price: ceilings.request });
  return (outputTokens) =>
    chargeTotal([...fixed, { quantity: outputTokens * prompt.choiceCount, price: ceilings.output }], markupBps);
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
