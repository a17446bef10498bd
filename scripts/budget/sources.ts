import { globSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';

/** One TypeScript file of the repository. `path` is relative to the root, with forward slashes. */
export type Source = { readonly path: string; readonly text: string };

const roots = ['apps', 'packages', 'prisma', 'scripts', 'bench', 'chaos', 'e2e', 'tooling', 'docker'];
const skipped = new Set(['node_modules', '.next', 'dist', 'generated', '.bourse', 'test-results']);

/** Every hand-written TypeScript file below `rootDir`; generated and installed ones are left out. */
export function listSources(rootDir: string): Source[] {
  return globSync([`{${roots.join(',')}}/**/*.{ts,tsx,mts}`, '*.{ts,mts}'], {
    cwd: rootDir,
    exclude: (path) => path.split(/[\\/]/).some((part) => skipped.has(part)),
  })
    .filter((path) => !path.endsWith('.d.ts'))
    .map((path) => ({ path: path.split(sep).join('/'), text: readFileSync(join(rootDir, path), 'utf8') }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Tests, fixtures and harnesses: they may be long, cast and read the clock. */
export function isTest(path: string): boolean {
  return /\.test(-d)?\.tsx?$|(^|\/)(test|__fixtures__)\/|^(e2e|packages\/testing)\/|\.fixture\.tsx?$/.test(path);
}

/** Programs and configuration that run on a developer's machine or at start, never inside a request. */
export function isTool(path: string): boolean {
  return /^(scripts|bench|chaos|tooling|prisma|docker|packages\/db\/src\/cli)\/|\.config\.(ts|mts)$/.test(path);
}
