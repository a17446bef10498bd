import { type CatalogSnapshot, type PriceSheet, type PublicPricing, publicPricing } from '@bourse/catalog';
import type { CatalogChange, EndpointHealthHour, PricePeriod } from '@bourse/db';

/** For endpoints that are in the catalog no more the market's default holds. */
interface Markups {
  readonly catalog: CatalogSnapshot;
  readonly markupBpsDefault: number;
}

type MarkupOf = (about: { readonly modelSlug: string; readonly endpointId: string | null }) => number;

/** Prices of the past are shown with today's markup: what is compared is what the provider asked. */
function markupsOf({ catalog, markupBpsDefault }: Markups): MarkupOf {
  return ({ modelSlug, endpointId }) => {
    const endpoint = catalog.endpointsByModel.get(modelSlug)?.find(({ id }) => id === endpointId);
    return endpoint?.markupBps ?? markupBpsDefault;
  };
}

const providerName = (catalog: CatalogSnapshot, slug: string): string => catalog.providers.get(slug)?.name ?? slug;

/** The prices of one model's endpoints by the time in which they held, newest first. */
export function publicPriceHistory(periods: readonly PricePeriod[], markups: Markups) {
  const markupOf = markupsOf(markups);
  const byEndpoint = Map.groupBy(periods, ({ endpointId }) => endpointId);
  return [...byEndpoint].map(([id, own]) => {
    const [first] = own;
    const providerSlug = first?.providerSlug ?? '';
    return {
      id,
      provider_slug: providerSlug,
      provider_name: providerName(markups.catalog, providerSlug),
      tag: first?.tag ?? '',
      is_listed: first?.isListed ?? false,
      periods: own.map((period) => ({
        from: period.prices.effectiveFrom.toISOString(),
        to: period.effectiveTo?.toISOString() ?? null,
        pricing: publicPricing(period.prices, markupOf(period)),
        price_source: period.prices.sourceUrl,
        price_checked_on: period.prices.checkedOn,
      })),
    };
  });
}

/** Something that changed in the catalog, in public words. */
export interface PublicChange {
  readonly id: string;
  readonly at: string;
  readonly kind: CatalogChange['kind'];
  readonly model_id: string;
  readonly model_name: string;
  readonly endpoint_id: string | null;
  readonly provider_slug: string | null;
  readonly provider_name: string | null;
  readonly pricing_before: PublicPricing | null;
  readonly pricing_after: PublicPricing | null;
}

/** Changes in public words. */
export function publicChanges(changes: readonly CatalogChange[], markups: Markups): readonly PublicChange[] {
  const markupOf = markupsOf(markups);
  return changes.map((change) => {
    const pricing = (sheet: PriceSheet | null) => (sheet === null ? null : publicPricing(sheet, markupOf(change)));
    return {
      id: change.id,
      at: change.at.toISOString(),
      kind: change.kind,
      model_id: change.modelSlug,
      model_name: change.modelName,
      endpoint_id: change.endpointId,
      provider_slug: change.providerSlug,
      provider_name: change.providerName,
      pricing_before: pricing(change.pricesBefore),
      pricing_after: pricing(change.pricesAfter),
    };
  });
}

const PERCENT = 100;

/** How endpoints did hour by hour, oldest first; hours without attempts are left out. */
export function publicHours(hours: readonly EndpointHealthHour[]) {
  return hours.map((hour) => ({
    hour: hour.hourAt.toISOString(),
    attempts: hour.ok + hour.failed,
    uptime: hour.uptime === null ? null : hour.uptime * PERCENT,
    latency: hour.latencyMs,
    throughput: hour.tokensPerSecond,
    tool_success_rate: hour.toolErrorRate === null ? null : 1 - hour.toolErrorRate,
  }));
}
