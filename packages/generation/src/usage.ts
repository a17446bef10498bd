/**
 * Everything that is counted. Token meters are disjoint: a cached token is never also an `input` token, a reasoning token
 * never also an `output` token, so price lines add up. `web_search` is a search that the model's provider made; `plugin_web` is one of ours, at our
 * own price and on no price sheet.
 */
export const meters = [
  'input',
  'input_cache_read',
  'input_cache_write',
  'input_cache_write_1h',
  'input_audio',
  'input_image',
  'output',
  'output_reasoning',
  'output_audio',
  'output_image',
  'request',
  'web_search',
  'plugin_web',
  'spoken_character',
  'audio_second',
  'search_unit',
  'image_made',
] as const;

/** A counted thing. */
export type Meter = (typeof meters)[number];

/**
 * What operations are billed by where it is not tokens: characters that are spoken, begun seconds of sound that are read, search units of
 * a rerank (as its provider cuts queries and documents), pictures that are made. A model that is priced by one of them includes its tokens.
 */
export const unitMeters = [
  'spoken_character',
  'audio_second',
  'search_unit',
  'image_made',
] as const satisfies readonly Meter[];

/** A meter of an operation. */
export type UnitMeter = (typeof unitMeters)[number];

/** Meters whose prices are told in dollars each. All others, characters included, are priced by the million, as price lists print them. */
export const metersPricedEach: ReadonlySet<Meter> = new Set([
  'request',
  'web_search',
  'plugin_web',
  'audio_second',
  'search_unit',
  'image_made',
]);

/** Counts per meter: non-negative integers. An absent meter was not reported or is zero; a null Usage is unknown. */
export type Usage = Readonly<Partial<Record<Meter, number>>>;

const inputTokenMeters = [
  'input',
  'input_cache_read',
  'input_cache_write',
  'input_cache_write_1h',
  'input_audio',
  'input_image',
] as const satisfies readonly Meter[];
const outputTokenMeters = [
  'output',
  'output_reasoning',
  'output_audio',
  'output_image',
] as const satisfies readonly Meter[];

function total(usage: Usage, names: readonly Meter[]): number {
  let sum = 0;
  for (const name of names) sum += usage[name] ?? 0;
  return sum;
}

/** The two totals that every client format shows: all input tokens and all output tokens. */
export function usageTotals(usage: Usage): { readonly inputTokens: number; readonly outputTokens: number } {
  return { inputTokens: total(usage, inputTokenMeters), outputTokens: total(usage, outputTokenMeters) };
}
