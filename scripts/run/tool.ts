import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootDir } from './root-dir.ts';

type Manifest = { readonly bin?: string | Readonly<Record<string, string>> };

/**
 * The command and first argument that run an installed tool with this Node. The shims in node_modules/.bin are shell
 * scripts that start whatever `node` comes first on the PATH, and signals stop at the shell.
 */
export function tool(packageName: string, binName = packageName): { command: string; args: readonly string[] } {
  const folder = join(rootDir, 'node_modules', packageName);
  // package.json of an installed package: npm itself guarantees the shape of `bin`.
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  const path = typeof bin === 'string' ? bin : bin?.[binName];
  if (!path) throw new Error(`${packageName} has no program called ${binName}.`);
  return { command: process.execPath, args: [join(folder, path)] };
}
