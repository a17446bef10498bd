import { loadCatalogData } from '@bourse/catalog/data';

// `pnpm catalog:count`: how much is on sale in the maintained data, the sandbox market apart. Documents quote it.

const { endpoints, providers, models, aliases } = loadCatalogData();
const sandbox = new Set(providers.filter(({ isSandbox }) => isSandbox).map(({ slug }) => slug));
const real = endpoints.filter(({ providerSlug }) => !sandbox.has(providerSlug));
const count = (values: readonly string[]): number => new Set(values).size;
const modelsOf = (list: typeof real): number => count(list.map(({ modelSlug }) => modelSlug));

const byProvider = Map.groupBy(real, ({ providerSlug }) => providerSlug);
for (const [slug, sold] of [...byProvider].toSorted((a, b) => b[1].length - a[1].length))
  console.log(`  ${slug}: ${sold.length} endpoints`);
const direct = real.filter(({ providerSlug }) => providerSlug !== 'openrouter' && providerSlug !== 'huggingface');
console.log(
  `${modelsOf(real)} models of ${count(real.map(({ modelSlug }) => modelSlug.slice(0, modelSlug.indexOf('/'))))} authors, ` +
    `${real.length} endpoints of ${byProvider.size} providers; ${modelsOf(direct)} models without the providers that resell others; ` +
    `${aliases.length} aliases; ${models.filter(({ variant }) => variant !== null).length} static variants`,
);
