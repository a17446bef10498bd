import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The ids of every provider that has a file of its own in packages/providers: those can be called. */
export function listCallableProviders(
  sources: readonly { readonly path: string; readonly text: string }[],
): Set<string> {
  const files = sources.filter(({ path }) => /^packages\/providers\/src\/.*(?<!\.test)\.ts$/.test(path));
  return new Set(files.flatMap(({ text }) => [...text.matchAll(/\bid: '([a-z0-9-]+)'/g)].map(([, id = '']) => id)));
}

/** The ids of every provider in the catalog, callable or only listed. */
export function listCatalogProviders(rootDir: string): Set<string> {
  const path = join(rootDir, 'packages/catalog/data/providers.json');
  if (!existsSync(path)) return new Set();
  const providers: unknown = JSON.parse(readFileSync(path, 'utf8'));
  const slugs = Array.isArray(providers) ? providers.map((each: object) => Reflect.get(each, 'slug')) : [];
  return new Set(slugs.filter((slug): slug is string => typeof slug === 'string'));
}
