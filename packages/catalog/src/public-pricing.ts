import type { Meter } from '@bourse/generation';
import { formatUsdPerUnit, type PicodollarsPerUnit, picodollarsPerUnit } from '@bourse/money';
import type { PriceLine, PriceSheet } from './types.ts';

/** OpenRouter's price keys, and ours where it has none: decimal strings in dollars per single unit. */
export type PublicPriceKey =
  | 'prompt'
  | 'completion'
  | 'request'
  | 'audio'
  | 'image_token'
  | 'audio_output'
  | 'image_output'
  | 'internal_reasoning'
  | 'web_search'
  | 'input_cache_read'
  | 'input_cache_write'
  | 'input_cache_write_1h'
  | 'spoken_character'
  | 'audio_second'
  | 'search_unit'
  | 'image_made';

const keyOfMeter: Readonly<Record<Meter, PublicPriceKey>> = {
  input: 'prompt',
  input_cache_read: 'input_cache_read',
  input_cache_write: 'input_cache_write',
  input_cache_write_1h: 'input_cache_write_1h',
  input_audio: 'audio',
  input_image: 'image_token',
  output: 'completion',
  output_reasoning: 'internal_reasoning',
  output_audio: 'audio_output',
  output_image: 'image_output',
  request: 'request',
  web_search: 'web_search',
  plugin_web: 'web_search',
  spoken_character: 'spoken_character',
  audio_second: 'audio_second',
  search_unit: 'search_unit',
  image_made: 'image_made',
};

/** Prices under a condition. They replace the prices above them for requests of more than so many prompt tokens. */
export type PublicPriceOverride = Readonly<Partial<Record<PublicPriceKey, string>>> & {
  readonly min_prompt_tokens: number;
};

/** `pricing` of a model or an endpoint: what the customer pays, markup included. */
export type PublicPricing = Readonly<Partial<Record<PublicPriceKey, string>>> & {
  readonly prompt: string;
  readonly completion: string;
  readonly overrides?: readonly PublicPriceOverride[];
};

/** What the customer pays per unit: the provider's price and `markupBps` basis points on it, rounded up to a picodollar. */
export function withMarkup(price: PicodollarsPerUnit, markupBps: number): PicodollarsPerUnit {
  const scaled = price * BigInt(10_000 + markupBps);
  // Shown per unit, so rounded up per unit; the charge itself is rounded once per generation and is never more.
  return picodollarsPerUnit((scaled + 9_999n) / 10_000n);
}

function priceStrings(lines: readonly PriceLine[], markupBps: number): Partial<Record<PublicPriceKey, string>> {
  return Object.fromEntries(
    lines.map(({ meter, price }) => [keyOfMeter[meter], formatUsdPerUnit(withMarkup(price, markupBps))]),
  );
}

/**
 * A price sheet in OpenRouter's words, in dollars per unit as exact strings, markup included and rounded up to a
 * picodollar per unit. Tiers become `overrides`, ascending: the last that matches wins.
 */
export function publicPricing({ lines }: PriceSheet, markupBps: number): PublicPricing {
  const base = priceStrings(
    lines.filter((line) => line.aboveInputTokens === 0),
    markupBps,
  );
  const thresholds = [...new Set(lines.map((line) => line.aboveInputTokens))].filter((tokens) => tokens > 0);
  const overrides = thresholds
    .toSorted((a, b) => a - b)
    .map((tokens) => ({
      min_prompt_tokens: tokens,
      ...priceStrings(
        lines.filter((line) => line.aboveInputTokens === tokens),
        markupBps,
      ),
    }));
  const { prompt = '0', completion = '0', ...others } = base;
  return { prompt, completion, ...others, ...(overrides.length > 0 ? { overrides } : {}) };
}
