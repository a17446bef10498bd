import { findProvider, type Provider } from '@pydantic/genai-prices';
import { z } from 'zod';
import { literalList } from './literal.ts';
import type { PackageFiles } from './package-files.ts';

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

const price = z.number().finite().nonnegative();
const prices = z.record(
  z.string(),
  z.union([price, z.strictObject({ base: price, tiers: z.array(z.strictObject({ start: z.number(), price })) })]),
);
const provider = z.looseObject({
  id: z.string(),
  name: z.string(),
  api_pattern: z.string(),
  models: z.array(
    z.looseObject({
      id: z.string(),
      match: z.looseObject({}),
      prices: z.union([prices, z.array(z.looseObject({ prices }))]),
      context_window: z.number().optional(),
      deprecated: z.boolean().optional(),
    }),
  ),
});

/** The lists of a version that is not installed, read out of its bundle; the installed version's code finds its way in them. */
export function genaiPricesFrom(
  files: PackageFiles,
  version: { readonly package: string; readonly publishedOn: string },
): GenaiPrices {
  const list = literalList(files.read('dist/index.js'), (beginning) => beginning.includes('api_pattern'));
  const providers = new Map(
    z
      .array(provider)
      .parse(list)
      .map((each) => [each.id, each]),
  );
  return {
    ...version,
    // Looked at as far as prices go; the rest is passed to the code that knows it.
    providerOf: (id) => providers.get(id) as unknown as Provider | undefined,
  };
}
