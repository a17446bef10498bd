import type { CatalogSnapshot } from './types.ts';

/** Suffixes that change how a model is routed, not which model it is. */
export type ModelVariant = 'free' | 'nitro' | 'floor';

/** A model that the snapshot has, and the routing suffix that was asked for with it. */
export interface ResolvedModel {
  readonly slug: string;
  readonly variant: ModelVariant | null;
}

const variants: ReadonlySet<string> = new Set<ModelVariant>(['free', 'nitro', 'floor']);

function isVariant(text: string): text is ModelVariant {
  return variants.has(text);
}

function slugOf(snapshot: CatalogSnapshot, name: string): string | null {
  if (snapshot.models.has(name)) return name;
  for (const model of snapshot.models.values()) {
    if (model.canonicalSlug === name) return model.slug;
  }
  return null;
}

/**
 * Finds what a customer named: `author/slug` or its dated canonical form, with or without `:free`, `:nitro`, `:floor`.
 * A slug that itself ends in such a suffix wins over the suffix. Null when there is no such model or no such suffix.
 */
export function resolveModelSlug(snapshot: CatalogSnapshot, name: string): ResolvedModel | null {
  const exact = slugOf(snapshot, name);
  if (exact !== null) return { slug: exact, variant: null };
  const colon = name.lastIndexOf(':');
  const suffix = name.slice(colon + 1);
  if (colon < 0 || !isVariant(suffix)) return null;
  const slug = slugOf(snapshot, name.slice(0, colon));
  return slug === null ? null : { slug, variant: suffix };
}
