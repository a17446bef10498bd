import type { EndpointFacts } from './facts.ts';

/** Names as a customer wrote them, in small letters: letters' case does not matter. */
export function lowerCased(names: readonly string[] | undefined): readonly string[] {
  return names === undefined || names.length === 0 ? NO_NAMES : names.map((name) => name.toLowerCase());
}

const NO_NAMES: readonly string[] = [];

/**
 * A tag names one endpoint. A provider's slug, or its name as people read it, names all its endpoints but those of another service tier:
 * their prices differ, so that they are only meant by their tag (reference: OpenRouter's provider routing guide, 2026-08).
 */
export function isNamedBy(facts: EndpointFacts, name: string): boolean {
  return (
    name === facts.tag || (facts.tier === 'default' && (name === facts.providerSlug || name === facts.providerName))
  );
}

/** The place of the first of the names that means the endpoint; -1 for none. */
export function placeAmong(facts: EndpointFacts, names: readonly string[]): number {
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index];
    if (name !== undefined && isNamedBy(facts, name)) return index;
  }
  return -1;
}

/** True when any of the names means the endpoint or its provider, of whatever tier: who avoids a provider avoids all of it. */
export function isAvoidedBy(facts: EndpointFacts, names: readonly string[]): boolean {
  return names.some((name) => name === facts.tag || name === facts.providerSlug || name === facts.providerName);
}
