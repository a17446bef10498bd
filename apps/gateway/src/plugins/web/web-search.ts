import { picodollarsFromUsdPerUnit } from '@bourse/money';
import type { Env } from '../../env.ts';
import type { Transport } from '../../http/transport.ts';
import { exaSearch } from './exa.ts';
import type { SearchProvider, WebSearch } from './search-provider.ts';

function providerOf(env: Env, transport: Transport): SearchProvider | null {
  const { EXA_API_KEY: apiKey, EXA_BASE_URL: baseUrl, BOURSE_SANDBOX_URL: sandboxUrl } = env;
  if (apiKey !== undefined) return exaSearch({ apiKey, baseUrl: baseUrl.replace(/\/$/, ''), transport });
  if (sandboxUrl === undefined) return null;
  return exaSearch({ apiKey: 'sk-sandbox-exa', baseUrl: `${sandboxUrl.replace(/\/$/, '')}/exa`, transport });
}

/** The search that the environment names: Exa where there is a key, else the sandbox's, else none. */
export function webSearch(env: Env, transport: Transport): WebSearch {
  const pricePicodollars = picodollarsFromUsdPerUnit(env.GATEWAY_WEB_SEARCH_USD);
  return { provider: providerOf(env, transport), surcharge: { meter: 'plugin_web', quantity: 1, pricePicodollars } };
}
