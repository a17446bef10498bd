import type { Operation } from '@bourse/generation';
import type { Credential, Provider, ProviderApi, ProviderRequest } from './provider.ts';

/** Every OpenAI-compatible API takes its key like this. The key is added last, so that no earlier step can see it. */
export function bearer(request: ProviderRequest, credential: Credential): ProviderRequest {
  return { ...request, headers: { ...request.headers, authorization: `Bearer ${credential.apiKey}` } };
}

/** What a provider file says; the rest is what nearly all of them share. */
export interface ProviderConfig
  extends Omit<Provider, 'apiFor' | 'authorize'>,
    Omit<ProviderApi, 'path'>,
    Partial<Pick<ProviderApi, 'path'>>,
    Partial<Pick<Provider, 'authorize'>> {
  /** What else than conversations it does, and through which API. */
  readonly operations?: Readonly<Partial<Record<Operation, ProviderApi>>>;
  /** Models that converse through another API than the others. */
  readonly apiOfModel?: (upstreamModel: string) => ProviderApi | null;
  /** Further APIs for conversations. A client that speaks the dialect of one is answered through it, and loses nothing on the way. */
  readonly otherApis?: readonly ProviderApi[];
}

/** A provider from its configuration: `POST <base>/chat/completions` with a bearer key unless it says otherwise. */
export function defineProvider(config: ProviderConfig): Provider {
  const {
    wire,
    isRebuilt,
    path,
    adjustBody,
    headersFor,
    operations = {},
    apiOfModel,
    otherApis = [],
    ...rest
  } = config;
  const conversation: ProviderApi = {
    wire,
    path: path ?? (() => '/chat/completions'),
    ...(isRebuilt === undefined ? {} : { isRebuilt }),
    ...(adjustBody === undefined ? {} : { adjustBody }),
    ...(headersFor === undefined ? {} : { headersFor }),
  };
  return {
    authorize: bearer,
    ...rest,
    apiFor({ operation, source }, upstreamModel) {
      if (operation !== undefined) return operations[operation] ?? null;
      const named = apiOfModel?.(upstreamModel) ?? null;
      return named ?? otherApis.find((api) => api.wire.id === source.wire) ?? conversation;
    },
  };
}
