import type { PriceLine, PriceSheet } from '@bourse/catalog';
import { invariant } from '@bourse/errors';
import { type Meter, meters, type Surcharge, type Usage, unitMeters, usageTotals } from '@bourse/generation';
import { type PicodollarsPerUnit, picodollarsPerUnit } from '@bourse/money';

/** One counted quantity with the price that was picked for it: what a receipt shows. */
export interface PricedLine {
  readonly meter: Meter;
  /** A positive safe integer. */
  readonly quantity: number;
  /** Without markup. */
  readonly price: PicodollarsPerUnit;
  /** The tier the price comes from: it holds above this many input tokens; 0 is the base tier. */
  readonly tier: number;
}

/**
 * Where the price of a meter comes from when the sheet has no line of its own for it. Providers that publish no price for
 * a kind of token bill it as the plain kind: cache reads and writes, audio and images as input, reasoning as output.
 */
const priceSources: Readonly<Record<Meter, readonly Meter[]>> = {
  input: ['input'],
  input_cache_read: ['input_cache_read', 'input'],
  input_cache_write: ['input_cache_write', 'input'],
  input_cache_write_1h: ['input_cache_write_1h', 'input_cache_write', 'input'],
  input_audio: ['input_audio', 'input'],
  input_image: ['input_image', 'input'],
  output: ['output'],
  output_reasoning: ['output_reasoning', 'output'],
  output_audio: ['output_audio', 'output'],
  output_image: ['output_image', 'output'],
  request: ['request'],
  web_search: ['web_search'],
  plugin_web: [],
  spoken_character: ['spoken_character'],
  audio_second: ['audio_second'],
  search_unit: ['search_unit'],
  image_made: ['image_made'],
};

/** Events, not tokens: a sheet that does not price them includes them. */
const events: ReadonlySet<Meter> = new Set(['request', 'web_search', 'plugin_web', ...unitMeters]);

/** A token without a price is our own failure, unless the model is sold by a unit of its operation: that includes its tokens. */
function isIncluded(sheet: PriceSheet, meter: Meter): boolean {
  return events.has(meter) || isPricedByUnit(sheet);
}

/** True for the sheet of a model that is sold by a unit of its operation, such as a second of sound, and not by tokens. */
export function isPricedByUnit({ lines }: PriceSheet): boolean {
  return !lines.some(({ meter }) => meter === 'input');
}

type LinesBySource = readonly (readonly PriceLine[])[];

/** A sheet never changes and every charge asks the same of it: what was looked up is kept with the sheet. */
const linesOfSheets = new WeakMap<PriceSheet, Map<Meter, LinesBySource>>();

function findLines(sheet: PriceSheet, meter: Meter): LinesBySource {
  const sources = priceSources[meter].map((source) =>
    sheet.lines.filter((line) => line.meter === source).toSorted((a, b) => b.aboveInputTokens - a.aboveInputTokens),
  );
  const lastUseful = sources.findIndex((lines) => lines.some((line) => line.aboveInputTokens === 0));
  return lastUseful < 0 ? sources : sources.slice(0, lastUseful + 1);
}

/**
 * The lines of a sheet that can apply to a meter, in order of preference: its own, then those of its fallbacks, each from the highest
 * tier down. Lines behind a base tier can never apply and are left out.
 */
export function linesBySource(sheet: PriceSheet, meter: Meter): LinesBySource {
  const ofSheet = linesOfSheets.get(sheet) ?? new Map<Meter, LinesBySource>();
  const known = ofSheet.get(meter);
  if (known !== undefined) return known;
  const lines = findLines(sheet, meter);
  linesOfSheets.set(sheet, ofSheet.set(meter, lines));
  return lines;
}

/** True when a line holds for a request of so many input tokens. The base tier (0) always holds. */
export function isTierReached(line: PriceLine, inputTokens: number): boolean {
  return line.aboveInputTokens === 0 || line.aboveInputTokens < inputTokens;
}

function pickLine(sheet: PriceSheet, meter: Meter, inputTokens: number): PriceLine | undefined {
  for (const lines of linesBySource(sheet, meter)) {
    const highest = lines.find((line) => isTierReached(line, inputTokens));
    if (highest !== undefined) return highest;
  }
  return undefined;
}

/** What plugins cost, as lines of a receipt. Their prices are ours and on no sheet. */
export function surchargeLines(surcharges: readonly Surcharge[]): readonly PricedLine[] {
  return surcharges.map(({ meter, quantity, pricePicodollars }) => ({
    meter,
    quantity,
    price: picodollarsPerUnit(pricePicodollars),
    tier: 0,
  }));
}

/**
 * The price line of every counted meter, in the order of `meters`; zero counts give no line. The highest tier whose
 * threshold lies strictly below the total of input tokens (cached ones included) prices the whole request.
 * Unpriced events are included in the other prices and give no line. Throws a masked invariant
 * failure for a token meter without a usable price and for a count that is not a non-negative safe integer:
 * unknown is not zero.
 */
export function priceLinesFor(sheet: PriceSheet, usage: Usage): readonly PricedLine[] {
  const lines: PricedLine[] = [];
  const { inputTokens } = usageTotals(usage);
  for (const meter of meters) {
    const quantity = usage[meter] ?? 0;
    if (quantity === 0) continue;
    const isCount = Number.isSafeInteger(quantity) && quantity > 0;
    invariant(isCount, () => `usage of ${meter} is ${quantity} (${sheet.id})`);
    const line = pickLine(sheet, meter, inputTokens);
    if (line === undefined && isIncluded(sheet, meter)) continue;
    invariant(line !== undefined, () => `${sheet.id} has no price for ${meter}`);
    lines.push({ meter, quantity, price: line.price, tier: line.aboveInputTokens });
  }
  return lines;
}
