import { findProvider, type Provider } from '@pydantic/genai-prices';

/** The price lists of `@pydantic/genai-prices`, of one version. */
export interface GenaiPrices {
  /** `@pydantic/genai-prices@0.1.8`. */
  readonly package: string;
  /** The day on which that version was published, ISO: its prices are at least that old. */
  readonly publishedOn: string;
  /** By the source's name of the provider; undefined when there is no such list. */
  readonly providerOf: (id: string) => Provider | undefined;
}

/** The lists of the installed version. */
export function installedGenaiPrices(version: { readonly package: string; readonly publishedOn: string }): GenaiPrices {
  return { ...version, providerOf: (providerId) => findProvider({ providerId }) };
}
