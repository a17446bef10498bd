/**
 * @bourse/providers — floor 2. One file per provider: configuration that names a wire format. HTTP itself is the gateway's.
 */
export type { Credential, Provider, ProviderRequest } from './provider.ts';
