/**
 * Everything that is counted. Token meters are disjoint: a cached token is never also an `input` token, a reasoning token
 * never also an `output` token, so price lines add up.
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
] as const;

/** A counted thing. */
export type Meter = (typeof meters)[number];

/** Counts per meter: non-negative integers. An absent meter was not reported or is zero; a null Usage is unknown. */
export type Usage = Readonly<Partial<Record<Meter, number>>>;

/** The two totals that every client format shows: all input tokens and all output tokens. */
export function usageTotals(usage: Usage): { readonly inputTokens: number; readonly outputTokens: number } {
  const sum = (...names: Meter[]) => names.reduce((total, name) => total + (usage[name] ?? 0), 0);
  return {
    inputTokens: sum(
      'input',
      'input_cache_read',
      'input_cache_write',
      'input_cache_write_1h',
      'input_audio',
      'input_image',
    ),
    outputTokens: sum('output', 'output_reasoning', 'output_audio', 'output_image'),
  };
}
