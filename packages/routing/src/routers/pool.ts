import type { CatalogSnapshot } from '@bourse/catalog';
import { type EndpointFacts, factsOf, type ModelFacts } from '../facts.ts';

/** The models that a router may choose from, in the order of the snapshot. */
export interface Pool {
  readonly conversational: readonly ModelFacts[];
  readonly free: readonly ModelFacts[];
}

function modelsWith(all: readonly ModelFacts[], isServed: (facts: EndpointFacts) => boolean): readonly ModelFacts[] {
  const served = all.filter(({ endpoints }) => endpoints.some(isServed));
  // What is only simulated stands in where there is nothing real, as on a machine without any key.
  const real = served.filter(({ model }) => !model.isSandbox);
  return real.length > 0 ? real : served;
}

function buildPool(catalog: CatalogSnapshot, configured: ReadonlySet<string>): Pool {
  const all: ModelFacts[] = [];
  for (const { slug, outputModalities } of catalog.models.values()) {
    const facts = outputModalities.includes('text') ? factsOf(catalog, slug) : null;
    if (facts !== null) all.push(facts);
  }
  const isUsable = ({ endpoint }: EndpointFacts) => endpoint.isEnabled && configured.has(endpoint.providerSlug);
  return {
    conversational: modelsWith(
      all.filter(({ model }) => model.variant === null),
      isUsable,
    ),
    free: modelsWith(all, (facts) => facts.isZeroPriced && isUsable(facts)),
  };
}

const pools = new WeakMap<CatalogSnapshot, WeakMap<ReadonlySet<string>, Pool>>();

/** The pool of a market: what some provider serves that we hold a credential for. Found out once per snapshot. */
export function poolOf(catalog: CatalogSnapshot, configured: ReadonlySet<string>): Pool {
  const ofCatalog = pools.get(catalog) ?? new WeakMap<ReadonlySet<string>, Pool>();
  pools.set(catalog, ofCatalog);
  const known = ofCatalog.get(configured);
  if (known !== undefined) return known;
  const pool = buildPool(catalog, configured);
  ofCatalog.set(configured, pool);
  return pool;
}
