import type { Provider } from './provider.ts';
import { registeredProviders } from './registry.generated.ts';
import { sandboxProviders } from './sandbox.ts';

/** Every provider that we can call, by id. A provider is routable when a credential is configured for it as well. */
export const providerRegistry: ReadonlyMap<string, Provider> = new Map(
  [...registeredProviders, ...sandboxProviders].map((provider) => [provider.id, provider]),
);
