import type { CatalogSnapshot } from './types.ts';

/**
 * Suffixes that change how a model is routed, not which model it is. `free`, `extended` and `thinking` are that only where the catalog has
 * no model of its own under the whole name.
 */
export type ModelVariant = 'free' | 'extended' | 'thinking' | 'nitro' | 'floor' | 'exacto' | 'online';

/** A model that the snapshot has, and the routing suffixes that were asked for with it. */
export interface ResolvedModel {
  readonly slug: string;
  /** In the order in which they were written; empty for none. */
  readonly variants: readonly ModelVariant[];
  /** What the name without its suffixes is: the model's slug, its dated form, or an alias. */
  readonly via: 'slug' | 'canonical' | 'alias';
}

const variants: ReadonlySet<string> = new Set<ModelVariant>([
  'free',
  'extended',
  'thinking',
  'nitro',
  'floor',
  'exacto',
  'online',
]);
const NO_VARIANTS: readonly ModelVariant[] = [];

/** True for a suffix that a model's name may have. */
export function isVariant(text: string): text is ModelVariant {
  return variants.has(text);
}

/** Snapshots never change, so that each is walked once. */
const slugsByCanonical = new WeakMap<CatalogSnapshot, ReadonlyMap<string, string>>();

function canonicalSlugs(snapshot: CatalogSnapshot): ReadonlyMap<string, string> {
  const known = slugsByCanonical.get(snapshot);
  if (known !== undefined) return known;
  const slugs = new Map<string, string>();
  for (const model of snapshot.models.values()) slugs.set(model.canonicalSlug, model.slug);
  slugsByCanonical.set(snapshot, slugs);
  return slugs;
}

function exactly(snapshot: CatalogSnapshot, name: string): Omit<ResolvedModel, 'variants'> | null {
  if (snapshot.models.has(name)) return { slug: name, via: 'slug' };
  const canonical = canonicalSlugs(snapshot).get(name);
  if (canonical !== undefined) return { slug: canonical, via: 'canonical' };
  const alias = snapshot.aliases.get(name);
  return alias === undefined ? null : { slug: alias.modelSlug, via: 'alias' };
}

/** Where the catalog has `author/slug:free` as a model of its own, the suffix names that and is used up. */
function withOwnModel(snapshot: CatalogSnapshot, found: ResolvedModel): ResolvedModel {
  for (const variant of found.variants) {
    const slug = `${found.slug}:${variant}`;
    if (snapshot.models.has(slug))
      return { ...found, slug, variants: found.variants.filter((each) => each !== variant) };
  }
  return found;
}

/**
 * Finds what a customer named: `author/slug`, its dated canonical form, or an alias such as `~author/family-latest`, with any number of
 * the suffixes of `ModelVariant`. A slug that itself ends in such a suffix wins over the suffix. Null when there is no such model or no
 * such suffix.
 */
export function resolveModelSlug(snapshot: CatalogSnapshot, name: string): ResolvedModel | null {
  let base = name;
  const found: ModelVariant[] = [];
  for (;;) {
    const exact = exactly(snapshot, base);
    if (exact !== null && found.length === 0) return { ...exact, variants: NO_VARIANTS };
    if (exact !== null) return withOwnModel(snapshot, { ...exact, variants: found.toReversed() });
    const colon = base.lastIndexOf(':');
    const suffix = base.slice(colon + 1);
    if (colon < 0 || !isVariant(suffix)) return null;
    if (!found.includes(suffix)) found.push(suffix);
    base = base.slice(0, colon);
  }
}
