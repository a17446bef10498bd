import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** What a running PostgreSQL writes about itself. */
export interface LockFile {
  readonly pid: number;
  readonly port: number;
}

async function read(dataDir: string): Promise<LockFile | null> {
  try {
    const lines = (await readFile(join(dataDir, 'postmaster.pid'), 'utf8')).split('\n');
    return { pid: Number.parseInt(lines[0] ?? '', 10), port: Number.parseInt(lines[3] ?? '', 10) };
  } catch {
    return null; // not running
  }
}

/** Name and state of a process as Linux tells them; null where there is no /proc. */
async function procStat(pid: number): Promise<{ readonly name: string; readonly isZombie: boolean } | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  const [, name, state] = /\((.*)\) (\S)/.exec(stat ?? '') ?? [];
  return name === undefined ? null : { name, isZombie: state === 'Z' };
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * Whether a process lives, whoever owns it. A zombie does not: a container without an init keeps those forever.
 * With a name, something else that got the same number later does not count either (where /proc tells).
 */
export async function isAlive(pid: number, name?: string): Promise<boolean> {
  if (!Number.isSafeInteger(pid) || pid <= 1 || !exists(pid)) return false;
  const stat = await procStat(pid);
  if (!stat) return exists(pid);
  return !stat.isZombie && (name === undefined || stat.name === name);
}

/**
 * The server that runs on this data directory, or null. A lock file whose process is gone, a zombie or something else that got the
 * same number after a crash is removed: PostgreSQL itself would refuse to start over it.
 */
export async function findRunning(dataDir: string): Promise<LockFile | null> {
  const lock = await read(dataDir);
  if (!lock) return null;
  if (await isAlive(lock.pid, 'postgres')) return lock;
  await rm(join(dataDir, 'postmaster.pid'), { force: true });
  return null;
}
