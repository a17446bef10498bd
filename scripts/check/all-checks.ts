import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isRegistryFresh } from '../registry/provider-registry.ts';
import { rootDir } from '../run/root-dir.ts';
import { runCommand } from '../run/run-command.ts';
import { tool } from '../run/tool.ts';
import { generatePrismaClient } from '../start/prisma-client.ts';
import type { Check } from './check.ts';
import { checkEnvExample } from './env-example.ts';
import { checkMarkdownLinks } from './markdown-links.ts';

const sources = ['apps', 'packages', 'prisma', 'scripts', 'bench', 'chaos', 'e2e', 'docker'];

/** Everything that can be said about the repository without running it. The generated client comes first: types rest on it. */
export function listChecks(): Check[] {
  return [
    {
      name: 'Prisma client',
      run: async (signal) => ({ isOk: true, output: String(await generatePrismaClient(signal)) }),
    },
    byTool('format and lint (biome)', tool('@biomejs/biome', 'biome'), ['check', '--max-diagnostics=50', '.']),
    byTool('promises and switches (oxlint --type-aware)', tool('oxlint'), ['--type-aware', '--deny-warnings']),
    byTool('import rules (dependency-cruiser)', tool('dependency-cruiser', 'depcruise'), [
      '--config',
      'tooling/dependency-cruiser.cjs',
      ...sources,
    ]),
    byTool('budgets', { command: process.execPath, args: ['scripts/budget.ts'] }, []),
    byTool('dead code and unused dependencies (knip)', tool('knip'), ['--no-progress']),
    {
      name: 'provider registry is fresh',
      run: async () => ({
        isOk: isRegistryFresh(join(rootDir, 'packages/providers/src')),
        output: 'A provider file was added or removed: run `pnpm generate`.',
      }),
    },
    { name: '.env.example is complete', run: async () => checkEnvExample(rootDir) },
    { name: 'links in documents', run: async () => checkMarkdownLinks(rootDir) },
    ...listTypechecks(),
  ];
}

/** One check per tsconfig.json; without a cache, as TypeScript 7 takes half a second for most of them. */
function listTypechecks(): Check[] {
  return globSync(['tsconfig.json', '{apps,packages}/*/tsconfig.json'], { cwd: rootDir })
    .map((path) => dirname(path))
    .sort()
    .map((folder) =>
      byTool(`types in ${folder === '.' ? 'scripts and tests' : folder}`, tool('typescript', 'tsc'), [
        '--noEmit',
        '--project',
        folder,
      ]),
    );
}

function byTool(name: string, { command, args }: ReturnType<typeof tool>, more: readonly string[]): Check {
  return {
    name,
    run: async (signal) => {
      const { code, output } = await runCommand({ command, args: [...args, ...more], signal, timeoutMs: 300_000 });
      return { isOk: code === 0, output };
    },
  };
}
