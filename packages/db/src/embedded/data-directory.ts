import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { OsUser } from './os-user.ts';

const run = promisify(execFile);

/** What `initialise` needs. `dataDir` is absolute. */
export interface DataDirectoryOptions {
  readonly dataDir: string;
  readonly initdb: string;
  readonly user: OsUser;
  readonly superuser: string;
  readonly password: string;
  readonly isEphemeral: boolean;
}

async function listing(directory: string): Promise<readonly string[] | null> {
  try {
    return await readdir(directory);
  } catch {
    return null; // not there
  }
}

/** Only a cluster whose control file exists was finished by initdb; anything less is begun anew. */
async function isFinished(dataDir: string): Promise<boolean> {
  const files = await listing(dataDir);
  if (files === null || files.length === 0) return false;
  if (!files.includes('PG_VERSION')) throw new Error(`${dataDir} is not empty and not a PostgreSQL data directory.`);
  return (await listing(join(dataDir, 'global')))?.includes('pg_control') ?? false;
}

async function runInitdb(options: DataDirectoryOptions, target: string): Promise<void> {
  const passwordFile = `${target}.password`;
  await writeFile(passwordFile, options.password, { mode: 0o600 });
  try {
    if (options.user.uid !== undefined && options.user.gid !== undefined) {
      await chown(passwordFile, options.user.uid, options.user.gid);
      await chown(target, options.user.uid, options.user.gid);
    }
    const flags = [
      '--encoding=UTF8',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
      '--auth=scram-sha-256',
    ];
    const where = [`--pgdata=${target}`, `--username=${options.superuser}`, `--pwfile=${passwordFile}`];
    const sync = options.isEphemeral ? ['--no-sync', '--set', 'autovacuum=off'] : [];
    await run(options.initdb, [...where, ...flags, ...sync], { ...options.user, cwd: dirname(target) });
  } catch (cause) {
    const reason = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : String(cause);
    throw new Error(`PostgreSQL could not create its data directory ${options.dataDir}: ${reason}`, { cause });
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/**
 * Makes sure that a finished cluster is at `dataDir`. A new one is made beside it and renamed into place, so that an interrupted
 * start leaves nothing that looks like a cluster; what such a start left behind is removed.
 */
export async function initialise(options: DataDirectoryOptions): Promise<void> {
  const parent = dirname(options.dataDir);
  const scratchPrefix = `${basename(options.dataDir)}.init-`;
  await mkdir(parent, { recursive: true });
  for (const leftover of (await listing(parent)) ?? []) {
    if (leftover.startsWith(scratchPrefix)) await rm(join(parent, leftover), { recursive: true, force: true });
  }
  if (await isFinished(options.dataDir)) return;
  const scratch = join(parent, `${scratchPrefix}${randomBytes(4).toString('hex')}`);
  await mkdir(scratch, { mode: 0o700 });
  try {
    await runInitdb(options, scratch);
    await rm(options.dataDir, { recursive: true, force: true });
    await rename(scratch, options.dataDir);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
