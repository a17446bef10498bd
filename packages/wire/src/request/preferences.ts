import { AppError } from '@bourse/errors';
import type { ProviderPreferences } from '@bourse/generation';
import type { MarketPreferences } from './market-schema.ts';

/** A number as a decimal string, never in exponent form. Twelve decimals are a picodollar. */
function decimalString(amount: string | number): string {
  if (typeof amount === 'string') return amount;
  return amount.toFixed(12).replace(/\.?0+$/, '');
}

function maxPriceOf(
  maxPrice: NonNullable<MarketPreferences['max_price']>,
): NonNullable<ProviderPreferences['maxPrice']> {
  const decimals: Partial<Record<'prompt' | 'completion' | 'request' | 'image' | 'audio', string>> = {};
  for (const kind of ['prompt', 'completion', 'request', 'image', 'audio'] as const) {
    const amount = maxPrice[kind];
    if (amount !== undefined && amount !== null) decimals[kind] = decimalString(amount);
  }
  return decimals;
}

/**
 * The `provider` object without its nulls. Throws AppError('invalid_request') for `enforce_distillable_text`: it is a
 * promise about licenses, and to accept it without keeping it would be worse than to refuse. The soft wishes
 * `preferred_min_throughput` and `preferred_max_latency` and the `partition` of a sort are accepted without effect.
 */
export function decodePreferences(provider: MarketPreferences): ProviderPreferences {
  if (provider.enforce_distillable_text) {
    const path = 'provider.enforce_distillable_text';
    throw new AppError('invalid_request', `${path} is not supported: licenses are not in the catalog.`, {
      metadata: { path },
    });
  }
  const sort = typeof provider.sort === 'object' ? provider.sort?.by : provider.sort;
  return {
    ...(provider.order ? { order: provider.order } : {}),
    ...(provider.only ? { only: provider.only } : {}),
    ...(provider.ignore ? { ignore: provider.ignore } : {}),
    ...(typeof provider.allow_fallbacks === 'boolean' ? { allowFallbacks: provider.allow_fallbacks } : {}),
    ...(typeof provider.require_parameters === 'boolean' ? { requireParameters: provider.require_parameters } : {}),
    ...(provider.data_collection ? { dataCollection: provider.data_collection } : {}),
    ...(typeof provider.zdr === 'boolean' ? { zdr: provider.zdr } : {}),
    ...(provider.quantizations ? { quantizations: provider.quantizations } : {}),
    ...(sort ? { sort } : {}),
    ...(provider.max_price ? { maxPrice: maxPriceOf(provider.max_price) } : {}),
  };
}
