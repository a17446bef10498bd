import 'server-only';
import { cachedFor } from './cached-for.ts';
import { listModels, listProviders } from './catalog.ts';
import { database } from './database.ts';

/** The market in five numbers. */
export type MarketNumbers = {
  models: number;
  providers: number;
  endpoints: number;
  tokensThisWeek: number;
  /** Models that can be called here now; null = unknown. */
  routableModels: number | null;
};

/** The market as it is now. Sandbox models are play money and play models: they count in none of the numbers but tokens. */
export async function marketNumbers(): Promise<MarketNumbers> {
  const [models, providers] = await Promise.all([listModels(), listProviders()]);
  const real = models.filter((model) => !model.isSandbox);
  return {
    models: real.length,
    providers: providers.filter((provider) => !provider.isSandbox).length,
    endpoints: providers.filter((provider) => !provider.isSandbox).reduce((sum, row) => sum + row.endpointCount, 0),
    tokensThisWeek: models.reduce((sum, model) => sum + model.tokensThisWeek, 0),
    routableModels: models.some((model) => model.isRoutable === null)
      ? null
      : models.filter((model) => model.isRoutable).length,
  };
}

const KEPT_MS = 30_000;

const askDatabase = cachedFor(KEPT_MS, () => database().rankings.isDemoMarket());

/**
 * Whether the rankings contain demo traffic, which every page must say. False when the database does not answer: the shell still
 * stands, and the page inside it shows the failure.
 */
export async function isDemoMarket(): Promise<boolean> {
  try {
    return await askDatabase();
  } catch {
    return false; // Decided above: the ribbon is not worth the page.
  }
}
