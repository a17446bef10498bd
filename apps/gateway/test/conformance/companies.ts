import { loadCatalogData } from '@bourse/catalog/data';
import { sandboxProviders } from '@bourse/providers';
import { openaiChat } from '@bourse/wire';

const anyPrompt = openaiChat.decodePrompt({ model: 'a/b', messages: [{ role: 'user', content: 'Hi' }] });

/** One company of the sandbox for each dialect of providers, by the dialect. */
export const companies: ReadonlyMap<string, string> = new Map(
  sandboxProviders.toReversed().map(({ id, apiFor }) => [apiFor(anyPrompt, 'atlas-instant')?.wire.id ?? id, id]),
);

/** The company's model of a family, `instant` or `reason`. */
export function modelOf(company: string, family: string): string {
  const { endpoints } = loadCatalogData();
  const slugs = endpoints.filter(({ providerSlug }) => providerSlug === company).map(({ modelSlug }) => modelSlug);
  return slugs.find((slug) => slug.endsWith(`-${family}`)) ?? `${company} has no model "${family}"`;
}
