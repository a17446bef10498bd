import 'server-only';
import { cachedFor } from './cached-for.ts';
import { listModels } from './catalog.ts';
import { database } from './database.ts';
import { listProviders } from './providers.ts';

/** The market in numbers. Sandbox models are simulated, so they are counted apart and their providers not at all. */
export type MarketNumbers = {
  models: number;
  providers: number;
  endpoints: number;
  /** Through all models, in the last seven days. */
  tokensThisWeek: number;
  /** Of `models`, those that can be called here now; null = unknown. */
  callableModels: number | null;
  simulatedModels: number;
};

/** The market as it is now. */
export async function marketNumbers(): Promise<MarketNumbers> {
  const [models, providers] = await Promise.all([listModels(), listProviders()]);
  const real = models.filter((model) => !model.isSandbox);
  const sellers = providers.filter((provider) => !provider.isSandbox);
  const isUnknown = models.some((model) => model.isRoutable === null);
  return {
    models: real.length,
    providers: sellers.length,
    endpoints: sellers.reduce((sum, provider) => sum + provider.endpointCount, 0),
    tokensThisWeek: models.reduce((sum, model) => sum + model.tokensThisWeek, 0),
    callableModels: isUnknown ? null : real.filter((model) => model.isRoutable).length,
    simulatedModels: models.length - real.length,
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
