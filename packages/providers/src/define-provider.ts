import type { Credential, Provider, ProviderRequest } from './provider.ts';

/** Every OpenAI-compatible API takes its key like this. The key is added last, so that no earlier step can see it. */
export function bearer(request: ProviderRequest, credential: Credential): ProviderRequest {
  return { ...request, headers: { ...request.headers, authorization: `Bearer ${credential.apiKey}` } };
}

/** What a provider file says; the rest is what nearly all of them share. */
export type ProviderConfig = Omit<Provider, 'path' | 'authorize'> & Partial<Pick<Provider, 'path' | 'authorize'>>;

/** A provider from its configuration: `POST <base>/chat/completions` with a bearer key unless it says otherwise. */
export function defineProvider(config: ProviderConfig): Provider {
  return { path: () => '/chat/completions', authorize: bearer, ...config };
}
