import { resolveModelSlug } from '@bourse/catalog';
import { AppError } from '@bourse/errors';
import { closeSlugs } from '@bourse/routing';
import type { ListedModel, Listing } from './listing.ts';

/** What a customer's name for a model means. */
export interface FoundModel {
  readonly listed: ListedModel;
  /** The name ends in `:free` without being a model of its own: only its free endpoints are meant. */
  readonly isFreeOnly: boolean;
}

/**
 * The model behind a slug, a dated slug, an alias or one of them with a suffix. Throws `not_found` with up to three names that are close,
 * also in `metadata.suggestions`.
 */
export function findModel({ catalog, byId }: Listing, name: string): FoundModel {
  const exact = byId.get(name);
  if (exact !== undefined) return { listed: exact, isFreeOnly: false };
  const resolved = resolveModelSlug(catalog, name);
  const colon = name.lastIndexOf(':');
  const base = resolved?.slug ?? (colon > 0 ? name.slice(0, colon) : name);
  const listed = resolved === null ? undefined : byId.get(base);
  if (listed !== undefined) return { listed, isFreeOnly: resolved?.variants.includes('free') === true };
  const suggestions = closeSlugs(name, byId.keys());
  const close = suggestions.length === 0 ? '' : ` Did you mean ${suggestions.join(' or ')}?`;
  throw new AppError('not_found', `There is no model ${name.slice(0, 200)}.${close} GET /api/v1/models lists them.`, {
    metadata: { suggestions },
  });
}
