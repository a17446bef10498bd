import { createHash } from 'node:crypto';
import { chmod, cp, lstat, mkdir, rename, rm, stat, symlink } from 'node:fs/promises';
import { basename, dirname, join, parse } from 'node:path';
import type { PostgresBinaries } from './binaries.ts';
import type { OsUser } from './os-user.ts';

// PostgreSQL refuses to run as root, so that root starts it as another user. That user cannot enter a repository that was
// cloned into /root, where nobody else may look; then the server and its data live here, where root may write and all may pass.
const SHELTER = '/var/lib/bourse';

/** Whether a user may pass through every folder above a path. Root, and we ourselves, may go where we are. */
export async function canReach(path: string, { uid, gid }: OsUser): Promise<boolean> {
  if (uid === undefined) return true;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const found = await stat(folder).catch(() => null);
    const needed = found?.uid === uid ? 0o100 : found?.gid === gid ? 0o010 : 0o001;
    if (found && (found.mode & needed) === 0) return false;
    if (folder === parse(folder).root) return true;
  }
}

/** The data directory, or one of the same meaning in the shelter, to which the given path then leads as a link. */
export async function reachableDataDir(dataDir: string, user: OsUser): Promise<string> {
  if (await canReach(dataDir, user)) return dataDir;
  const hash = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  const sheltered = join(SHELTER, hash, basename(dataDir));
  await makeShelter(dirname(sheltered));
  if ((await lstat(dataDir).catch(() => null)) === null) {
    // Whoever deleted the link wanted to begin anew.
    await rm(sheltered, { recursive: true, force: true });
    await mkdir(dirname(dataDir), { recursive: true });
    await symlink(sheltered, dataDir);
  }
  return sheltered;
}

/** The programs, or a copy of them in the shelter. */
export async function reachableBinaries(binaries: PostgresBinaries, user: OsUser): Promise<PostgresBinaries> {
  if (await canReach(binaries.postgres, user)) return binaries;
  const source = dirname(dirname(binaries.postgres));
  // The path inside the package store names the version.
  const target = join(SHELTER, `programs-${createHash('sha256').update(source).digest('hex').slice(0, 16)}`);
  if ((await stat(target).catch(() => null)) === null) await copyWhole(source, target);
  const inShelter = (path: string) => join(target, 'bin', basename(path));
  return { initdb: inShelter(binaries.initdb), postgres: inShelter(binaries.postgres) };
}

/** Copies a folder beside its place and moves it there, so that an interrupted copy is never taken for the whole. */
async function copyWhole(source: string, target: string): Promise<void> {
  await makeShelter(dirname(target));
  const draft = `${target}.${process.pid}`;
  await cp(source, draft, { recursive: true, verbatimSymlinks: true });
  // Another process may have been quicker; its copy is as good.
  await rename(draft, target).catch(() => rm(draft, { recursive: true, force: true }));
}

async function makeShelter(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const each of [SHELTER, folder]) await chmod(each, 0o755);
}
