import type { Endpoint } from '@bourse/catalog';

/** A provider's slug names all its endpoints, a tag names one. Letters' case does not matter. */
export function isNamedBy(endpoint: Endpoint, name: string): boolean {
  const lower = name.toLowerCase();
  return lower === endpoint.providerSlug.toLowerCase() || lower === endpoint.tag.toLowerCase();
}

/** True when any of the names means the endpoint. */
export function isNamed(endpoint: Endpoint, names: readonly string[]): boolean {
  return names.some((name) => isNamedBy(endpoint, name));
}
