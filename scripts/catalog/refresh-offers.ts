import { installed, type SourcePrices, sourcePrices } from './source-prices.ts';
import type { GenaiPrices } from './sources/genai-prices.ts';

/** An endpoint entry of a data file. Everything but the prices is curated and passed through as it is. */
interface OfferEndpoint {
  readonly [key: string]: unknown;
  readonly model: string;
  readonly upstreamModel: string;
  readonly sourceModel?: string;
  readonly prices: Readonly<Record<string, string>>;
}

/** The parts of a provider's data file that matter here. packages/catalog validates the whole. */
interface Offer {
  readonly [key: string]: unknown;
  readonly provider: string;
  readonly source: { readonly package: string; readonly providerId: string };
  readonly endpoints: readonly OfferEndpoint[];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isOfferEndpoint(value: unknown): value is OfferEndpoint {
  if (!isRecord(value) || !isRecord(value['prices'])) return false;
  const { model, upstreamModel, sourceModel } = value;
  const isNamed = typeof model === 'string' && typeof upstreamModel === 'string';
  const isPriced = Object.values(value['prices']).every((price) => typeof price === 'string');
  return isNamed && isPriced && (sourceModel === undefined || typeof sourceModel === 'string');
}

/** True for a data file whose prices come from the source package; false for the files that are curated whole. */
export function isSourcedOffer(file: unknown): file is Offer {
  if (!isRecord(file) || !isRecord(file['source']) || !Array.isArray(file['endpoints'])) return false;
  const names = [file['provider'], file['source']['package'], file['source']['providerId']];
  return names.every((name) => typeof name === 'string') && file['endpoints'].every(isOfferEndpoint);
}

/** Prices that moved by more than half, or vanished: errors more often than news. */
function suspiciousMoves(before: Readonly<Record<string, string>>, after: SourcePrices): readonly string[] {
  return Object.entries(before).flatMap(([meter, old]) => {
    const price = after.prices[meter];
    if (price === undefined) return [`${meter} ${old} -> none`];
    const change = Math.abs(Number(price) - Number(old)) / (Number(old) || 1);
    return change > 0.5 ? [`${meter} ${old} -> ${price}`] : [];
  });
}

/** The file with today's prices of the source, how many endpoints changed, and what a person has to look at. */
export function refreshOffers(
  offer: Offer,
  options: {
    readonly isAccepted: boolean;
    readonly source?: GenaiPrices;
    /** Leaves out what the source no longer prices, instead of naming it as a problem. */
    readonly dropsUnknown?: boolean;
  },
) {
  const { source: genai = installed, dropsUnknown = false } = options;
  const problems: string[] = [];
  let changedCount = 0;
  const endpoints = offer.endpoints.flatMap((endpoint) => {
    const found = sourcePrices(offer.source.providerId, endpoint.sourceModel ?? endpoint.upstreamModel, genai);
    if (found === null && dropsUnknown) return [];
    if (found === null) {
      problems.push(`${endpoint.model}: the source has no price for ${endpoint.sourceModel ?? endpoint.upstreamModel}`);
      return endpoint;
    }
    const moves = suspiciousMoves(endpoint.prices, found);
    if (moves.length > 0 && !options.isAccepted) problems.push(`${endpoint.model}: ${moves.join(', ')} (--accept?)`);
    const { tiers: _replaced, ...curated } = endpoint;
    const fresh = { ...curated, prices: found.prices, ...(found.tiers.length > 0 ? { tiers: found.tiers } : {}) };
    if (JSON.stringify(fresh) !== JSON.stringify(endpoint)) changedCount += 1;
    return fresh;
  });
  const source = { ...offer.source, checkedOn: genai.publishedOn, package: genai.package };
  return { offer: { ...offer, source, endpoints }, problems, changedCount };
}
