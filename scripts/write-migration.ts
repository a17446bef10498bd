import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { migrate } from '@bourse/db';
import { startEmbeddedPostgres } from '@bourse/db/embedded';
import { freePort } from '@bourse/testing';
import { diffToSchema } from './migration/diff.ts';

// `pnpm db:migration <name>` writes the SQL that prisma/schema needs beyond prisma/migrations as a new migration.
// `pnpm db:migration --check` exits 1 and prints that SQL when there is any. Both apply the migrations to a database of their own first.

const root = fileURLToPath(new URL('..', import.meta.url));

async function missingSql(): Promise<string> {
  const dataDir = join(tmpdir(), `bourse-migration-${process.pid}`);
  const postgres = await startEmbeddedPostgres({ dataDir, port: await freePort(), isEphemeral: true });
  try {
    await migrate({ url: postgres.url });
    return await diffToSchema(postgres.url, join(root, 'prisma', 'schema'));
  } finally {
    await postgres.stop();
  }
}

async function write(name: string, sql: string): Promise<void> {
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const directory = join(root, 'prisma', 'migrations', `${stamp}_${name}`);
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'migration.sql'), `${sql}\n`);
  console.log(`Wrote ${directory}/migration.sql. Read it, then add what Prisma cannot say.`);
}

const [argument] = process.argv.slice(2);
if (argument === undefined || !/^(--check|[a-z0-9_]+)$/.test(argument)) {
  console.error('Usage: pnpm db:migration <name_in_snake_case> | --check');
  process.exit(2);
}
const sql = await missingSql();
if (argument !== '--check' && sql !== '') await write(argument, sql);
else if (sql === '') console.log('The migrations and the schema agree.');
else {
  console.error(`The schema is ahead of the migrations:\n${sql}`);
  process.exitCode = 1;
}
