import 'server-only';
import type { AppRank, AuthorShare, ModelRank, ModelUsageDay, RankingPeriod, TokensInBucket } from '@bourse/db';
import { currentTime } from '../clock.ts';
import { cachedFor, cachedForEach } from './cached-for.ts';
import { database } from './database.ts';

/** An application and its place. */
export type RankedApp = AppRank;

/** A model and its place. */
export type RankedModel = ModelRank;

/** An author and its share. */
export type RankedAuthor = AuthorShare;

/** Everything that the page of rankings shows for one period. Tokens are input plus output. */
export type Rankings = {
  models: readonly ModelRank[];
  /** The eight largest models and `other`, in buckets of an hour (day) or a day (week, month). */
  overTime: readonly TokensInBucket[];
  authors: readonly AuthorShare[];
  apps: readonly AppRank[];
};

/** How a model is used: days, and the applications that use it. */
export type ModelUsage = { days: readonly ModelUsageDay[]; apps: readonly AppRank[] };

const KEPT_MS = 5_000;
const LEADERBOARD_ROWS = 50;
const CHART_MODELS = 8;
const USAGE_DAYS = 30;

/** The rankings of a period that ends now. */
export const getRankings: (period: RankingPeriod) => Promise<Rankings> = cachedForEach(KEPT_MS, async (period) => {
  const now = currentTime();
  const { rankings } = database();
  const [models, overTime, authors, apps] = await Promise.all([
    rankings.topModels({ period, now, limit: LEADERBOARD_ROWS }),
    rankings.tokensByModelOverTime({ period, now, limit: CHART_MODELS }),
    rankings.marketShareByAuthor({ period, now }),
    rankings.topApps({ period, now, limit: 20 }),
  ]);
  return { models, overTime, authors, apps };
});

/** Tokens of the last seven days per model slug; a model that was not used is absent. */
export const tokensThisWeekByModel: () => Promise<ReadonlyMap<string, number>> = cachedFor(KEPT_MS, async () => {
  const ranks = await database().rankings.topModels({ period: 'week', now: currentTime(), limit: 1_000 });
  return new Map(ranks.map((rank) => [rank.modelSlug, rank.tokens]));
});

/** How a model of the catalog was used in the last 30 days, oldest day first, and who used it this week. */
export const getModelUsage: (modelSlug: string) => Promise<ModelUsage> = cachedForEach(KEPT_MS, async (modelSlug) => {
  const now = currentTime();
  const { rankings } = database();
  const [days, apps] = await Promise.all([
    rankings.modelUsage({ modelSlug, now, days: USAGE_DAYS }),
    rankings.topApps({ period: 'week', now, limit: 10, modelSlug }),
  ]);
  return { days: days.toSorted((a, b) => a.date.localeCompare(b.date)), apps };
});
