import 'server-only';
import { type PriceLine, withMarkup } from '@bourse/catalog';
import type { CatalogChange, CatalogChangeKind, EndpointHealthHour, ModelAge } from '@bourse/db';
import { currentTime } from '../clock.ts';
import { env } from '../env.ts';
import { cachedFor, cachedForEach } from './cached-for.ts';
import { catalogSnapshot } from './catalog.ts';
import { database } from './database.ts';

/** The prices of an endpoint for as long as they hold: what a customer pays with the markup of today. */
export type PricePeriod = {
  endpointId: string;
  providerName: string;
  prices: readonly PriceLine[];
  from: Date;
  /** Null = they hold. */
  to: Date | null;
};

/** What may change. */
export type ChangeKind = CatalogChangeKind;

/** Something that changed, with prices as a customer pays them. */
export type Change = Omit<CatalogChange, 'pricesBefore' | 'pricesAfter'> & {
  before: readonly PriceLine[] | null;
  after: readonly PriceLine[] | null;
};

const KEPT_MS = 10_000;
const HOUR_MS = 3_600_000;
/** Three days. */
export const HEALTH_HOURS = 72;

/** The markup of an endpoint now; for one that has left, the market's. */
async function markups(): Promise<(modelSlug: string, endpointId: string | null) => number> {
  const { endpointsByModel } = await catalogSnapshot();
  return (modelSlug, endpointId) =>
    endpointsByModel.get(modelSlug)?.find(({ id }) => id === endpointId)?.markupBps ?? env().BOURSE_MARKUP_BPS;
}

const paid = (lines: readonly PriceLine[], markupBps: number): readonly PriceLine[] =>
  lines.map((line) => ({ ...line, price: withMarkup(line.price, markupBps) }));

/** Every price that a model of the catalog has had, newest first. */
export const getPriceHistory: (modelSlug: string) => Promise<readonly PricePeriod[]> = cachedForEach(
  KEPT_MS,
  async (modelSlug) => {
    const [periods, markupOf, { providers }] = await Promise.all([
      database().catalogHistory.priceHistory({ modelSlug, limit: 1_000 }),
      markups(),
      catalogSnapshot(),
    ]);
    return periods.map((period) => ({
      endpointId: period.endpointId,
      providerName: providers.get(period.providerSlug)?.name ?? period.providerSlug,
      prices: paid(period.prices.lines, markupOf(modelSlug, period.endpointId)),
      from: period.prices.effectiveFrom,
      to: period.effectiveTo,
    }));
  },
);

/** How the endpoints of a model of the catalog did in the last three days, hour by hour, oldest first. */
export const getHealthHours: (modelSlug: string) => Promise<readonly EndpointHealthHour[]> = cachedForEach(
  KEPT_MS,
  async (modelSlug) => {
    const { endpointsByModel } = await catalogSnapshot();
    const endpointIds = (endpointsByModel.get(modelSlug) ?? []).map(({ id }) => id);
    const now = currentTime().getTime();
    const from = new Date(Math.floor(now / HOUR_MS) * HOUR_MS - (HEALTH_HOURS - 1) * HOUR_MS);
    return database().endpointHealth.hours({ endpointIds, from, to: new Date(now + HOUR_MS) });
  },
);

/** A page of what changed, newest first. `before` is the id of the last change of the page before. */
export async function listChanges(query: {
  kinds: readonly ChangeKind[];
  before: string | null;
  limit: number;
}): Promise<readonly Change[]> {
  const { before, ...rest } = query;
  const [changes, markupOf] = await Promise.all([
    database().catalogHistory.changes({ ...rest, ...(before === null ? {} : { before }) }),
    markups(),
  ]);
  return changes.map(({ pricesBefore, pricesAfter, ...change }) => {
    const markupBps = markupOf(change.modelSlug, change.endpointId);
    return {
      ...change,
      before: pricesBefore && paid(pricesBefore.lines, markupBps),
      after: pricesAfter && paid(pricesAfter.lines, markupBps),
    };
  });
}

const NEWEST_SHOWN = 12;
const NEWEST_READ = 500;

/** The models that came out last; those whose day nobody told are there only where there are too few others. */
export const newestModels: () => Promise<readonly ModelAge[]> = cachedFor(KEPT_MS, async () => {
  const models = await database().catalogHistory.newestModels({ limit: NEWEST_READ });
  const unknownLast = models.toSorted((a, b) => Number(a.releasedOn === null) - Number(b.releasedOn === null));
  return unknownLast.slice(0, NEWEST_SHOWN);
});
