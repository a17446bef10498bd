import type { RankingStore } from '@bourse/db';

const KEPT_MS = 60_000;
const MODELS_MAX = 1_000;

/** Tokens of the last seven days by model. */
export type Popularity = () => Promise<ReadonlyMap<string, number>>;

/**
 * Popularity from the rankings, read at most once a minute. While the database does not answer, what was known goes on holding; rejects
 * when nothing is known yet.
 */
export function createPopularity(rankings: Pick<RankingStore, 'topModels'>, now: () => number): Popularity {
  let known: ReadonlyMap<string, number> | null = null;
  let freshUntil = 0;
  let flight: Promise<ReadonlyMap<string, number>> | null = null;
  async function read(): Promise<ReadonlyMap<string, number>> {
    freshUntil = now() + KEPT_MS;
    const ranks = await rankings.topModels({ period: 'week', now: new Date(now()), limit: MODELS_MAX });
    known = new Map(ranks.map(({ modelSlug, tokens }) => [modelSlug, tokens]));
    return known;
  }
  return async () => {
    if (known !== null && now() < freshUntil) return known;
    flight ??= read().finally(() => {
      flight = null;
    });
    try {
      return await flight;
    } catch (error) {
      if (known === null) throw error;
      return known;
    }
  };
}
