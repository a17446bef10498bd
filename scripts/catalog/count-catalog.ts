import type { CatalogData, Endpoint } from '@bourse/catalog';

/** Providers whose endpoints are other companies' in turn. */
const RESELLERS: ReadonlySet<string> = new Set(['openrouter', 'huggingface']);

function count(values: readonly string[]): number {
  return new Set(values).size;
}

function realEndpoints({ endpoints, providers }: CatalogData): readonly Endpoint[] {
  const sandbox = new Set(providers.filter(({ isSandbox }) => isSandbox).map(({ slug }) => slug));
  return endpoints.filter(({ providerSlug }) => !sandbox.has(providerSlug));
}

/** Providers with the number of their endpoints, most first; the sandbox market apart. */
export function endpointsByProvider(data: CatalogData): readonly (readonly [string, number])[] {
  const groups = Map.groupBy(realEndpoints(data), ({ providerSlug }) => providerSlug);
  return [...groups].map(([slug, sold]) => [slug, sold.length] as const).toSorted((a, b) => b[1] - a[1]);
}

/** How much is on sale, in one line; the sandbox market apart. Documents quote it. */
export function countCatalog(data: CatalogData): string {
  const real = realEndpoints(data);
  const models = real.map(({ modelSlug }) => modelSlug);
  const authors = models.map((slug) => slug.slice(0, slug.indexOf('/')));
  const direct = real.filter(({ providerSlug }) => !RESELLERS.has(providerSlug)).map(({ modelSlug }) => modelSlug);
  return (
    `${count(models)} models of ${count(authors)} authors, ${real.length} endpoints of ${endpointsByProvider(data).length} providers; ` +
    `${count(direct)} models without the providers that resell others; ${data.aliases.length} aliases; ` +
    `${data.models.filter(({ variant }) => variant !== null).length} static variants`
  );
}
