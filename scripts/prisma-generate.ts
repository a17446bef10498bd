import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// `pnpm db:generate`: writes the Prisma client to packages/db/src/generated from prisma/schema. Works without a network: the CLI
// wants to download its schema engine even though generating does not use it, unless it is told that it has one already.

const root = fileURLToPath(new URL('..', import.meta.url));
const cli = join(dirname(createRequire(import.meta.url).resolve('prisma/package.json')), 'build', 'index.js');

const { status, error } = spawnSync(process.execPath, [cli, 'generate', '--schema', join(root, 'prisma', 'schema')], {
  cwd: root,
  stdio: ['ignore', 'pipe', 'inherit'],
  env: {
    ...process.env,
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    CHECKPOINT_DISABLE: '1',
  },
});
if (error) console.error(error.message);
process.exitCode = status ?? 1;
