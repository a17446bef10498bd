import { metersPricedEach } from '@bourse/generation';
import { formatUsdPerMillion, formatUsdPerUnit } from '@bourse/money';
import type { CatalogData } from './build-snapshot.ts';
import type { CatalogEdit } from './catalog-edit.ts';
import type { Endpoint, PriceLine, PriceSheet } from './types.ts';

/** Prices may move by so much before a person has to look: reliability.md P54 asks for it of rises, the issue of every jump. Percent. */
const JUMP_PERCENT = 20n;
/** A new endpoint may differ by so many times from the middle of what others ask for its model. */
const STRANGE_TIMES = 5n;
/** Nothing costs a thousand dollars per million tokens: a price per thousand was read as one per million, or cents as dollars. Picodollars per token. */
const DEAREST_TOKEN = 1_000_000_000n;
/** A window that grows or shrinks more is a slip of a digit. */
const WINDOW_TIMES = 4;

type Price = PriceLine['price'];

function dollars(line: PriceLine): string {
  return metersPricedEach.has(line.meter) ? formatUsdPerUnit(line.price) : formatUsdPerMillion(line.price);
}

function nameOf({ meter, aboveInputTokens }: PriceLine): string {
  return aboveInputTokens === 0 ? meter : `${meter} above ${aboveInputTokens} tokens`;
}

function find(lines: readonly PriceLine[], wanted: PriceLine): PriceLine | undefined {
  return lines.find((line) => line.meter === wanted.meter && line.aboveInputTokens === wanted.aboveInputTokens);
}

/** What a meter without a line of its own was paid by: a tier by its base, kinds of input by input, kinds of output by output. */
function standIn(lines: readonly PriceLine[], line: PriceLine): PriceLine | undefined {
  const base = find(lines, { ...line, aboveInputTokens: 0 });
  if (base !== undefined) return base;
  const meter = line.meter.startsWith('input_') ? 'input' : line.meter.startsWith('output_') ? 'output' : null;
  return meter === null ? undefined : find(lines, { ...line, meter, aboveInputTokens: 0 });
}

function jump(from: Price, to: Price): string | null {
  const difference = to - from;
  const size = difference < 0n ? -difference : difference;
  if (size * 100n <= from * JUMP_PERCENT) return null;
  if (from === 0n) return 'from nothing';
  const percent = (size * 100n) / from;
  return difference < 0n ? `-${percent} %` : `+${percent} %`;
}

/** Why each line of a new sheet needs a person, and each line that is missing from it. */
function priceReasons(before: readonly PriceLine[], after: readonly PriceLine[], isGift: boolean): readonly string[] {
  const changed = after.flatMap((line) => {
    const old = find(before, line);
    const from = old ?? standIn(before, line);
    if (line.price === 0n && !isGift) return `${nameOf(line)} costs nothing`;
    if (from === undefined) return `${nameOf(line)} had no price`;
    const size = jump(from.price, line.price);
    // A cache that becomes cheaper than the prompt is what caches are for.
    if (size === null || (old === undefined && line.price < from.price)) return [];
    return `${nameOf(line)} ${dollars(from)} -> ${dollars(line)} (${size})`;
  });
  const vanished = before.filter((line) => find(after, line) === undefined);
  return [...changed, ...vanished.map((line) => `${nameOf(line)} ${dollars(line)} -> none`)];
}

function middle(prices: readonly Price[]): Price | null {
  const sorted = prices.toSorted((a, b) => (a < b ? -1 : 1));
  return sorted.length < 2 ? null : (sorted[Math.floor(sorted.length / 2)] ?? null);
}

function sheetReasons({ lines }: PriceSheet, isGift: boolean): readonly string[] {
  return lines.flatMap((line) => {
    if (line.price === 0n && !isGift) return `${nameOf(line)} costs nothing`;
    const isAbsurd = !metersPricedEach.has(line.meter) && line.price >= DEAREST_TOKEN;
    return isAbsurd ? `${nameOf(line)} costs ${dollars(line)} per million` : [];
  });
}

function strangeReasons(endpoint: Endpoint, live: CatalogData): readonly string[] {
  const others = live.endpoints.filter(({ modelSlug, id }) => modelSlug === endpoint.modelSlug && id !== endpoint.id);
  return endpoint.prices.lines.flatMap((line) => {
    if (line.aboveInputTokens > 0 || (line.meter !== 'input' && line.meter !== 'output')) return [];
    const usual = middle(others.flatMap(({ prices }) => find(prices.lines, line)?.price ?? []));
    if (usual === null || usual === 0n) return [];
    const isStrange = line.price > usual * STRANGE_TIMES || line.price * STRANGE_TIMES < usual;
    return isStrange
      ? `${line.meter} costs ${dollars(line)} where others ask ${dollars({ ...line, price: usual })}`
      : [];
  });
}

function windowReasons(name: string, before: number | null, after: number | null): readonly string[] {
  if (before === null || after === null) return [];
  const times = Math.max(before / after, after / before);
  return times > WINDOW_TIMES ? [`${name} ${before} -> ${after} tokens`] : [];
}

/** A model that is called free may cost nothing; nothing else may. */
const isFree = (modelSlug: string): boolean => modelSlug.endsWith(':free');

/**
 * Why a person must look at an edit before it goes live; empty = it may. Removals are judged together, by `compareCatalogs`. `live` is the catalog that the
 * edit would change.
 */
export function judgeEdit(edit: CatalogEdit, live: CatalogData): readonly string[] {
  if (edit.kind === 'change_prices') {
    const isGift = isFree(live.endpoints.find(({ id }) => id === edit.endpointId)?.modelSlug ?? '');
    return [...priceReasons(edit.before.lines, edit.after.lines, isGift), ...sheetReasons(edit.after, true)];
  }
  if (edit.kind === 'add_endpoint') {
    const { endpoint, provider } = edit;
    const isKnown = live.providers.some(({ slug }) => slug === provider.slug);
    return [
      ...sheetReasons(endpoint.prices, isFree(endpoint.modelSlug)),
      ...strangeReasons(endpoint, live),
      ...(isKnown ? [] : [`the provider ${provider.slug} is new`]),
    ];
  }
  if (edit.kind === 'change_endpoint') {
    const { endpoint } = edit;
    const before = live.endpoints.find(({ id }) => id === endpoint.id);
    return windowReasons('the context', before?.contextTokensMax ?? null, endpoint.contextTokensMax);
  }
  if (edit.kind === 'change_model') {
    const before = live.models.find(({ slug }) => slug === edit.model.slug);
    return windowReasons('the context', before?.contextTokensMax ?? null, edit.model.contextTokensMax);
  }
  return [];
}
