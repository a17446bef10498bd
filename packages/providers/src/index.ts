/**
 * @bourse/providers — floor 2. One file per provider: configuration that names a wire format, and its documented quirks.
 * Refuses: HTTP itself (the gateway's), models and prices (the catalog's), reading the environment by itself.
 */
export { AuthorizationFailed } from './authorization-failed.ts';
export { buildProviderRequest, type ProviderCall } from './build-provider-request.ts';
export { credentialsFromEnvironment, environmentPrefix } from './credentials.ts';
export { bearer, defineProvider, type ProviderConfig } from './define-provider.ts';
export type { Credential, Provider, ProviderApi, ProviderRequest } from './provider.ts';
export { providerRegistry } from './registry.ts';
export { sandboxProviders } from './sandbox.ts';
