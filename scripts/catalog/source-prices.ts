import { readFileSync } from 'node:fs';
import { calcPrice, type ModelPrice, TieredPrices } from '@pydantic/genai-prices';
import { type GenaiPrices, installedGenaiPrices } from './sources/genai-prices.ts';

/** The release whose prices are taken, and the day on which npm published it: the prices are at least that old. */
export const SOURCE = { name: '@pydantic/genai-prices', version: '0.1.8', publishedOn: '2026-09-23' } as const;

/** The lists of that release. */
export const installed = installedGenaiPrices({
  package: `${SOURCE.name}@${SOURCE.version}`,
  publishedOn: SOURCE.publishedOn,
});

/** Exact decimal strings by meter: dollars per million tokens, dollars each for `request`, `web_search` and `audio_second`. */
export type PriceStrings = Readonly<Record<string, string>>;

/** Base prices and the tiers that replace them above so many input tokens. */
export interface SourcePrices {
  readonly prices: PriceStrings;
  readonly tiers: readonly { readonly aboveInputTokens: number; readonly prices: PriceStrings }[];
}

const meterOfKey: Readonly<Record<string, string>> = {
  input_mtok: 'input',
  cache_read_mtok: 'input_cache_read',
  cache_write_mtok: 'input_cache_write',
  cache_write_1h_mtok: 'input_cache_write_1h',
  input_audio_mtok: 'input_audio',
  input_image_mtok: 'input_image',
  output_mtok: 'output',
  output_reasoning_mtok: 'output_reasoning',
  output_audio_mtok: 'output_audio',
  output_image_mtok: 'output_image',
  requests_kcount: 'request',
  web_searches_kcount: 'web_search',
  input_audio_hours: 'audio_second',
};
/** Priced by the provider, but never counted by us: searches in stored files, sound and pictures read from a cache. */
const uncounted: ReadonlySet<string> = new Set([
  'storage_searches_kcount',
  'cache_audio_read_mtok',
  'cache_image_read_mtok',
  // Beside `input_audio_hours`, and the same.
  'audio_hours',
]);

/**
 * What the price list printed, as long as that has at most twelve digits, as a plain decimal of at most six places. Further places, which a
 * source that calculates in floating point makes up, are rounded up: never sell below cost. Throws for what is no price.
 */
export function decimal(value: number): string {
  if (!Number.isFinite(value) || value < 0) throw new Error(`not a price: ${value}`);
  const [whole = '0', fraction = ''] = Number(value.toPrecision(12)).toFixed(12).split('.');
  const micros = BigInt(whole + fraction.slice(0, 6)) + (/[1-9]/.test(fraction.slice(6)) ? 1n : 0n);
  const digits = micros.toString().padStart(7, '0');
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`.replace(/\.?0+$/, '');
}

/** Moves the point three places to the left: a price per thousand becomes a price each. */
function perThousandToEach(text: string): string {
  const [whole = '0', fraction = ''] = text.split('.');
  const digits = whole.padStart(4, '0');
  return `${digits.slice(0, -3)}.${digits.slice(-3)}${fraction}`.replace(/\.?0+$/, '');
}

/** A price per hour as one per second, rounded up to a picodollar: never sell below cost. */
function perHourToSecond(value: number): string {
  const picodollars = (BigInt(Math.round(value * 1e9)) * 1_000n + 3_599n) / 3_600n;
  return `0.${picodollars.toString().padStart(12, '0')}`.replace(/0+$/, '');
}

function priceString(key: string, value: number): string {
  if (key.endsWith('_hours')) return perHourToSecond(value);
  return key.endsWith('_kcount') ? perThousandToEach(decimal(value)) : decimal(value);
}

/** The prices of one model at one moment. Throws for a kind of price that it does not know: unknown is not zero. */
function pricesOf(price: ModelPrice): SourcePrices {
  const base: Record<string, string> = {};
  const tiers = new Map<number, Record<string, string>>();
  for (const [key, value] of Object.entries(price)) {
    const meter = meterOfKey[key];
    if (value === undefined || uncounted.has(key)) continue;
    if (meter === undefined) throw new Error(`unknown kind of price: ${key}`);
    const isTiered = value instanceof TieredPrices || typeof value === 'object';
    base[meter] = priceString(key, isTiered ? value.base : value);
    for (const tier of isTiered ? value.tiers : []) {
      tiers.set(tier.start, { ...tiers.get(tier.start), [meter]: priceString(key, tier.price) });
    }
  }
  const sorted = [...tiers].toSorted(([a], [b]) => a - b);
  return { prices: base, tiers: sorted.map(([aboveInputTokens, prices]) => ({ aboveInputTokens, prices })) };
}

/** Our sheets know no hours of the day, so a price that depends on them is taken at its dearest: never sell below cost. */
function dearest(candidates: readonly SourcePrices[]): SourcePrices {
  const [first, ...others] = candidates.toSorted((a, b) => Number(b.prices['output']) - Number(a.prices['output']));
  if (first === undefined) throw new Error('no price at any hour');
  for (const other of others) {
    for (const [meter, price] of Object.entries(other.prices)) {
      if (Number(price) > Number(first.prices[meter]))
        throw new Error(`no hour is the dearest for every meter (${meter})`);
    }
  }
  return first;
}

/**
 * What the source says that a model costs at a provider on the day the source was published, or null when it does not
 * know the model or its price for what it reads.
 */
export function sourcePrices(providerId: string, model: string, source: GenaiPrices = installed): SourcePrices | null {
  const provider = source.providerOf(providerId);
  if (provider === undefined) throw new Error(`${source.package} has no provider ${providerId}`);
  const byHour = new Map<string, SourcePrices>();
  for (let hour = 0; hour < 24; hour += 1) {
    const timestamp = new Date(`${source.publishedOn}T${String(hour).padStart(2, '0')}:45:00Z`);
    const found = calcPrice({ input_tokens: 1, output_tokens: 1 }, model, { provider, timestamp });
    // A source that falls back to another provider's price list has not seen this one's.
    if (found === null || found.provider.id !== providerId) return null;
    const prices = pricesOf(found.model_price);
    if (prices.prices['input'] === undefined && prices.prices['audio_second'] === undefined) return null;
    byHour.set(JSON.stringify(prices), prices);
  }
  return dearest([...byHour.values()]);
}

/** Throws when another version is installed than the one that `SOURCE` dates. */
export function assertInstalledVersion(): void {
  const path = new URL('../../node_modules/@pydantic/genai-prices/package.json', import.meta.url);
  const installed = String(JSON.parse(readFileSync(path, 'utf8')).version);
  if (installed !== SOURCE.version) {
    throw new Error(`${SOURCE.name} ${installed} is installed: put it and its day of release on npm into SOURCE.`);
  }
}
