import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = 'registry.generated.ts';
const DEFINITION = /^export const (\w+) = defineProvider\(/m;

/** What a folder with provider files registers: every file that exports one, in the order of their names. */
export function renderRegistry(folder: string): string {
  const entries = readdirSync(folder)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== FILE)
    .sort()
    .flatMap((name) => {
      const exported = DEFINITION.exec(readFileSync(join(folder, name), 'utf8'))?.[1];
      return exported === undefined ? [] : [{ name, exported }];
    });
  const imports = entries.map(({ name, exported }) => `import { ${exported} } from './${name}';`);
  return [
    '// Written by `pnpm generate` from the files beside it that define a provider. Do not edit.',
    ...imports,
    "import type { Provider } from './provider.ts';",
    '',
    '/** The providers of this folder. */',
    'export const registeredProviders: readonly Provider[] = [',
    ...entries.map(({ exported }) => `  ${exported},`),
    '];',
    '',
  ].join('\n');
}

/** Writes the registry of a folder. */
export function writeRegistry(folder: string): void {
  writeFileSync(join(folder, FILE), renderRegistry(folder));
}

/** Whether the registry of a folder is what would be written now. */
export function isRegistryFresh(folder: string): boolean {
  return readFileSync(join(folder, FILE), 'utf8') === renderRegistry(folder);
}
