import { loadCatalogData } from '@bourse/catalog/data';
import { providerRegistry } from '@bourse/providers';
import { expect, test } from 'vitest';

test('a provider that we can call has the same name in its answers as in the catalog', () => {
  const names = new Map(loadCatalogData().providers.map(({ slug, name }) => [slug, name]));
  for (const { id, name } of providerRegistry.values()) {
    if (names.has(id)) expect(name).toBe(names.get(id));
  }
});
