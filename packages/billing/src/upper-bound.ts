import type { Endpoint, PriceSheet } from '@bourse/catalog';
import { type Meter, type Prompt, unitMeters } from '@bourse/generation';
import {
  type ChargeLine,
  chargeTotal,
  type Nanodollars,
  type PicodollarsPerUnit,
  picodollarsPerUnit,
} from '@bourse/money';
import { calibratedInputTokens, reads, strictInputTokens } from './input-bound.ts';
import { isTierReached, linesBySource, surchargeLines } from './price-lines.ts';

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

const textMeters = [
  'input',
  'input_cache_read',
  'input_cache_write',
  'input_cache_write_1h',
] as const satisfies readonly Meter[];
const outputMeters = ['output', 'output_reasoning', 'output_audio', 'output_image'] as const satisfies readonly Meter[];

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

const NOTHING = picodollarsPerUnit(0n);

/** The dearest of several meters. Nothing for those of which a catalog guarantees that the sheet includes or never counts them. */
function dearestOf(sheet: PriceSheet, meters: readonly Meter[], inputTokensBound: number): PicodollarsPerUnit {
  let dearest: PicodollarsPerUnit | null = null;
  for (const meter of meters) {
    const price = dearestPrice(sheet, meter, inputTokensBound);
    if (price !== null && (dearest === null || price > dearest)) dearest = price;
  }
  return dearest ?? NOTHING;
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

/** What the units of an operation can come to. */
function unitLines({ units = {} }: Prompt, sheet: PriceSheet): ChargeLine[] {
  return unitMeters.flatMap((meter) => {
    const quantity = units[meter] ?? 0;
    const price = quantity === 0 ? null : dearestPrice(sheet, meter, 0);
    return price === null ? [] : [{ quantity, price }];
  });
}

/** The terms on which an endpoint answers a prompt. */
export type Terms = Pick<BoundInput, 'prompt' | 'endpoint' | 'markupBps'>;

/** Prices once, then answers for any cap: what `n` tokens of output per alternative would hold. */
function holdByOutputTokens(terms: Terms, inputTokens: number): (outputTokens: number) => Nanodollars {
  const { prompt, endpoint, markupBps } = terms;
  const ceilings = ceilingsOf(endpoint.prices, inputTokens);
  let inputPrice = ceilings.text;
  if (ceilings.audio > inputPrice && reads(prompt, 'audio')) inputPrice = ceilings.audio;
  if (ceilings.image > inputPrice && reads(prompt, 'image')) inputPrice = ceilings.image;
  const fixed: ChargeLine[] = [{ quantity: inputTokens, price: inputPrice }];
  if (ceilings.request !== null) fixed.push({ quantity: 1, price: ceilings.request });
  if (prompt.units !== undefined) fixed.push(...unitLines(prompt, endpoint.prices));
  if (prompt.plugged !== undefined) fixed.push(...surchargeLines(prompt.plugged.surcharges));
  return (outputTokens) =>
    chargeTotal([...fixed, { quantity: outputTokens * prompt.choiceCount, price: ceilings.output }], markupBps);
}

/**
 * A strict upper bound of what a generation can cost at an endpoint: no sane usage is charged more. Input tokens are at
 * most the bytes of the prompt plus template, tools and images, and at most the context; output tokens are at most the
 * smallest of what was asked for, what the endpoint gives and the context. Both at the dearest price that can apply,
 * once the request price, the units of an operation, what plugins cost, and with markup. Web searches of a provider are not in it: their number is
 * not known before.
 */
export function estimateUpperBound(input: BoundInput): UpperBound {
  const inputTokensBound = strictInputTokens(input.prompt, input.endpoint);
  const outputTokensBound = outputTokensBoundOf(input);
  return {
    holdAmount: holdByOutputTokens(input, inputTokensBound)(outputTokensBound),
    inputTokensBound,
    outputTokensBound,
  };
}

/** What an amount buys at an endpoint when the prompt is taken at its calibrated size. */
export interface CalibratedBound {
  /** What so many output tokens per alternative would hold. */
  readonly holdFor: (outputTokens: number) => Nanodollars;
  /** All output tokens that may be asked for: the smallest of the request's cap, the endpoint's and the context. */
  readonly outputTokensBound: number;
  /** What the context has left beside the prompt, at least 1: a cap above it is refused by some providers. */
  readonly outputTokensRoom: number;
}

/** The calibrated bound of a generation at an endpoint: lower than the strict one, and exceeded by the densest of prompts only. */
export function calibratedBound(terms: Terms): CalibratedBound {
  const inputTokens = calibratedInputTokens(terms.prompt, terms.endpoint);
  return {
    holdFor: holdByOutputTokens(terms, inputTokens),
    outputTokensBound: outputTokensBoundOf(terms),
    outputTokensRoom: Math.max(terms.endpoint.contextTokensMax - inputTokens, 1),
  };
}

/**
 * The largest number of tokens in 0..`most` whose hold fits into `amount`; null when not even the hold for none does. Searched by
 * bisection over the hold itself, so that the two can never disagree by a rounding.
 */
export function mostTokensWithin(
  holdFor: (outputTokens: number) => Nanodollars,
  amount: Nanodollars,
  most: number,
): number | null {
  if (holdFor(0) > amount) return null;
  let fitting = 0;
  let tooMany = most + 1;
  while (tooMany - fitting > 1) {
    const middle = Math.floor((fitting + tooMany) / 2);
    if (holdFor(middle) <= amount) fitting = middle;
    else tooMany = middle;
  }
  return fitting;
}
