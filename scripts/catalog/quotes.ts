import type { Quote } from './plausible.ts';
import type { Shelf } from './shelves.ts';
import { modelKey, plainName, slugOfHub } from './slugs.ts';
import { decimal, type SourcePrices, sourcePrices } from './source-prices.ts';
import type { GenaiPrices } from './sources/genai-prices.ts';
import type { PiLists, PiModel } from './sources/pi-ai.ts';

/** What a provider offers, by a source: one line of a shelf. */
export interface Offered {
  readonly shelf: Shelf;
  readonly upstreamModel: string;
  readonly prices: SourcePrices;
  readonly quote: Quote;
  /** Null where the source prices a model and describes none. */
  readonly model: PiModel | null;
  readonly contextTokensMax: number | null;
}

function piPrices(cost: Omit<PiModel['cost'], 'tiers'>): Readonly<Record<string, string>> {
  return {
    input: decimal(cost.input),
    ...(cost.cacheRead > 0 ? { input_cache_read: decimal(cost.cacheRead) } : {}),
    ...(cost.cacheWrite > 0 ? { input_cache_write: decimal(cost.cacheWrite) } : {}),
    output: decimal(cost.output),
  };
}

function offeredByPi(shelf: Shelf, model: PiModel): Offered {
  const { tiers = [], ...base } = model.cost;
  const sorted = tiers.toSorted((a, b) => a.inputTokensAbove - b.inputTokensAbove);
  const prices = {
    prices: piPrices(base),
    tiers: sorted.map((tier) => ({ aboveInputTokens: tier.inputTokensAbove, prices: piPrices(tier) })),
  };
  return { shelf, upstreamModel: model.id, prices, quote: base, model, contextTokensMax: model.contextWindow };
}

/** The quote in a price map; what is missing is zero. */
export function quoteOf(prices: Readonly<Record<string, string>>): Quote {
  const { input = '0', output = '0', input_cache_read: cacheRead = '0' } = prices;
  return { input: Number(input), output: Number(output), cacheRead: Number(cacheRead) };
}

function offeredByGenai(shelf: Shelf, genai: GenaiPrices): readonly Offered[] {
  const models = genai.providerOf(shelf.list)?.models ?? [];
  return models.flatMap((model) => {
    if (model.deprecated === true) return [];
    const prices = sourcePrices(shelf.list, model.id, genai);
    if (prices?.prices['output'] === undefined) return [];
    const quote = quoteOf(prices.prices);
    const contextTokensMax = model.context_window ?? null;
    return { shelf, upstreamModel: model.id, prices, quote, model: null, contextTokensMax };
  });
}

/** Everything that a shelf offers, in the order of the source. A list that is missing or empty throws: a source that lost a provider is broken. */
export function offeredOn(
  shelf: Shelf,
  sources: { readonly pi: PiLists; readonly genai: GenaiPrices },
): readonly Offered[] {
  const all =
    shelf.source === 'pi-ai'
      ? (sources.pi.get(shelf.list) ?? []).map((model) => offeredByPi(shelf, model))
      : offeredByGenai(shelf, sources.genai);
  if (all.length === 0) throw new Error(`${shelf.source} has no list of ${shelf.list}`);
  return all.filter(({ upstreamModel }) => shelf.leavesOut?.test(upstreamModel) !== true);
}

/** The slug of what is offered: named by hand, found by its key, or its own where a hub names the author. Null = it is not sold. */
export function slugOf({ shelf, upstreamModel }: Offered, byKey: ReadonlyMap<string, string>): string | null {
  const bare = upstreamModel.replace(/^(global|us)\./, '');
  const named = shelf.slugs?.[upstreamModel] ?? shelf.slugs?.[bare];
  if (named !== undefined) return named;
  const found = byKey.get(modelKey(plainName(upstreamModel, shelf.names)));
  if (found !== undefined) return found;
  if (shelf.provider === 'openrouter') return upstreamModel;
  return shelf.isHub === true ? slugOfHub(upstreamModel) : null;
}
