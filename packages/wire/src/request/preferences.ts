import type { PercentileBounds, ProviderPreferences } from '@bourse/generation';
import type { MarketPreferences, MarketRequest } from './market-schema.ts';

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

/** A bare number is a bound on the median. Null when nothing is bounded. */
function boundsOf(bounds: MarketPreferences['preferred_max_latency']): PercentileBounds | null {
  if (typeof bounds === 'number') return { p50: bounds };
  if (!bounds) return null;
  const entries = Object.entries(bounds).filter(([, bound]) => typeof bound === 'number');
  return entries.length === 0 ? null : Object.fromEntries(entries);
}

/** The hard limits of a `provider` object without its nulls. */
function limitsOf(provider: MarketPreferences): ProviderPreferences {
  const { regions } = provider;
  return {
    ...(provider.only ? { only: provider.only } : {}),
    ...(provider.ignore ? { ignore: provider.ignore } : {}),
    ...(typeof provider.require_parameters === 'boolean' ? { requireParameters: provider.require_parameters } : {}),
    ...(provider.data_collection ? { dataCollection: provider.data_collection } : {}),
    ...(typeof provider.zdr === 'boolean' ? { zdr: provider.zdr } : {}),
    ...(provider.enforce_distillable_text ? { isDistillableOnly: true } : {}),
    ...(regions && regions.length > 0 ? { regions: regions.map((region) => region.toUpperCase()) } : {}),
    ...(provider.quantizations ? { quantizations: provider.quantizations } : {}),
    ...(provider.max_price ? { maxPrice: maxPriceOf(provider.max_price) } : {}),
  };
}

/** What a `provider` object says of the order, and the old `route` beside it: its partition where `provider.sort` names none. */
function orderOf(provider: MarketPreferences, route: MarketRequest['route']): ProviderPreferences {
  const { sort: asked } = provider;
  const sort = typeof asked === 'object' ? asked?.by : asked;
  const named = typeof asked === 'object' ? asked?.partition : undefined;
  const partition = named ?? (route === 'sort' ? 'none' : undefined);
  const throughputMin = boundsOf(provider.preferred_min_throughput);
  const latencyMax = boundsOf(provider.preferred_max_latency);
  return {
    ...(provider.order ? { order: provider.order } : {}),
    ...(typeof provider.allow_fallbacks === 'boolean' ? { allowFallbacks: provider.allow_fallbacks } : {}),
    ...(sort ? { sort } : {}),
    ...(partition ? { partition } : {}),
    ...(throughputMin ? { throughputMin } : {}),
    ...(latencyMax ? { latencyMax } : {}),
  };
}

const NO_WISH: ProviderPreferences = {};

/** The `provider` object of a request without its nulls. */
export function decodePreferences({ provider, route }: MarketRequest): ProviderPreferences {
  if (!provider && route !== 'sort') return NO_WISH;
  const asked = provider ?? {};
  return { ...limitsOf(asked), ...orderOf(asked, route) };
}
