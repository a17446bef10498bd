import { invariant } from '@bourse/errors';
import type { Meter } from '@bourse/generation';
import type { Author, CatalogSnapshot, Endpoint, Modality, Model, ModelAlias, ProviderInfo } from './types.ts';

/** A whole catalog as flat lists: what the maintained data holds and what a database stores. */
export interface CatalogData {
  readonly authors: readonly Author[];
  readonly providers: readonly ProviderInfo[];
  readonly models: readonly Model[];
  readonly endpoints: readonly Endpoint[];
  readonly aliases: readonly ModelAlias[];
}

function bySlug<Entry extends { readonly slug: string }>(kind: string, entries: readonly Entry[]): Map<string, Entry> {
  const sorted = entries.toSorted((a, b) => (a.slug < b.slug ? -1 : 1));
  const map = new Map(sorted.map((entry) => [entry.slug, entry]));
  invariant(map.size === entries.length, `the catalog has two ${kind} of the same slug`);
  return map;
}

/** What else than tokens in and out a model may be sold by; the first is what it lacks when it has none of them. */
const soldBy: Readonly<Partial<Record<Modality, readonly Meter[]>>> = {
  embeddings: ['input'],
  rerank: ['search_unit', 'input'],
  speech: ['spoken_character'],
  transcription: ['audio_second'],
  image: ['image_made'],
};

function assertPrices({ id, prices }: Endpoint, { outputModalities }: Model): void {
  const hasBase = (meter: Meter) => prices.lines.some((line) => line.meter === meter && line.aboveInputTokens === 0);
  const [modality, ...others] = outputModalities;
  const isSoldByUnit = modality !== undefined && others.length === 0 && soldBy[modality]?.some(hasBase) === true;
  for (const meter of isSoldByUnit ? [] : (['input', 'output'] as const)) {
    invariant(hasBase(meter), `endpoint ${id} has no base price for ${meter}: what has no price is not sold`);
  }
  const keys = new Set(prices.lines.map((line) => `${line.meter} above ${line.aboveInputTokens}`));
  invariant(keys.size === prices.lines.length, `endpoint ${id} has two prices for the same meter and tier`);
}

/**
 * An immutable picture of the catalog: slugs as keys, endpoints per model sorted by id. Throws a masked invariant
 * failure when an endpoint lacks its model, provider, a base price for what it is sold by, or a unique id, and when a model
 * lacks its author. `version` names the contents, e.g. in notices of change.
 */
export function buildSnapshot(data: CatalogData, version: string): CatalogSnapshot {
  const authors = bySlug('authors', data.authors);
  const providers = bySlug('providers', data.providers);
  const models = bySlug('models', data.models);
  for (const model of models.values()) {
    invariant(authors.has(model.authorSlug), `model ${model.slug} has the unknown author ${model.authorSlug}`);
    invariant(model.slug.startsWith(`${model.authorSlug}/`), `model ${model.slug} is not under ${model.authorSlug}/`);
  }
  const endpointsByModel = new Map<string, Endpoint[]>();
  const ids = new Set<string>();
  for (const endpoint of data.endpoints.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    invariant(!ids.has(endpoint.id), `the catalog has two endpoints ${endpoint.id}`);
    const model = models.get(endpoint.modelSlug);
    invariant(model !== undefined, `endpoint ${endpoint.id} has the unknown model ${endpoint.modelSlug}`);
    invariant(
      providers.has(endpoint.providerSlug),
      `endpoint ${endpoint.id} has the unknown provider ${endpoint.providerSlug}`,
    );
    assertPrices(endpoint, model);
    ids.add(endpoint.id);
    endpointsByModel.set(endpoint.modelSlug, [...(endpointsByModel.get(endpoint.modelSlug) ?? []), endpoint]);
  }
  const aliases = new Map(data.aliases.map((alias) => [alias.alias, alias]));
  for (const { alias, modelSlug } of aliases.values()) {
    invariant(models.has(modelSlug), `the alias ${alias} names the unknown model ${modelSlug}`);
    invariant(!models.has(alias), `the alias ${alias} is the slug of a model`);
  }
  return { version, authors, providers, models, aliases, endpointsByModel };
}
