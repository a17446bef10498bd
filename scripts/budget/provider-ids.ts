import type { Source } from './sources.ts';

/** The ids of every provider that has a file of its own in packages/providers. */
export function listProviderIds(sources: readonly Source[]): Set<string> {
  const files = sources.filter(({ path }) => /^packages\/providers\/src\/.*(?<!\.test)\.ts$/.test(path));
  return new Set(files.flatMap(({ text }) => [...text.matchAll(/\bid: '([a-z0-9-]+)'/g)].map(([, id = '']) => id)));
}
